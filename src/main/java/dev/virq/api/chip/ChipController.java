package dev.virq.api.chip;

import dev.virq.api.http.IrqchipKind;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.chip.IoApicState;
import dev.virq.chip.PicState;
import dev.virq.chip.Redirection;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqchip.HostPort;
import dev.virq.message.DeliveryMode;
import dev.virq.routing.Chip;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The 8259 pair and the I/O APIC of a VM, as the host sees them. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/irqchip",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class ChipController {
  private static final int ALL = 0xff;
  private static final long WORD = 0xffff_ffffL;

  /**
   * The chips of a full controller.
   *
   * @param kind KERNEL; a split controller has none of them
   * @param pic the 8259 pair
   * @param ioapic the I/O APIC
   */
  @Schema(name = "Chips")
  record ChipsJson(IrqchipKind kind, PicPairJson pic, IoApicJson ioapic) {}

  /**
   * The 8259 pair.
   *
   * @param master the half that is wired to the vCPUs
   * @param slave the half behind its line 2
   */
  @Schema(name = "PicPair")
  record PicPairJson(PicState master, PicState slave) {}

  /**
   * The I/O APIC.
   *
   * @param id its identification
   * @param irr requests, one bit a pin, without edges that are delivered
   * @param pins its 24 pins
   */
  @Schema(name = "IoApic")
  record IoApicJson(long id, long irr, List<IoApicPinJson> pins) {
    static IoApicJson of(IoApicState state) {
      List<Redirection> entries = state.pins();
      return new IoApicJson(
          Integer.toUnsignedLong(state.id()),
          Integer.toUnsignedLong(state.irr()),
          IntStream.range(0, entries.size())
              .mapToObj(pin -> IoApicPinJson.of(pin, entries.get(pin)))
              .toList());
    }
  }

  /** How a destination is meant. */
  enum DestMode {
    PHYSICAL,
    LOGICAL
  }

  /** What a pin listens to. */
  enum TriggerMode {
    EDGE,
    LEVEL
  }

  /** The active level of a pin; without effect. */
  enum Polarity {
    HIGH,
    LOW
  }

  /**
   * A pin of the I/O APIC with its entry of the redirection table.
   *
   * @param pin its number, 0 to 23
   * @param vector interrupt vector, 0 to 255
   * @param deliveryMode what the vCPU gets; FIXED and LOWEST deliver the vector
   * @param destMode how destId is meant
   * @param destId id of a local APIC, or a mask of logical ids, 0 to 255
   * @param polarity the active level; without effect
   * @param triggerMode what the pin listens to
   * @param mask whether the pin is masked
   * @param remoteIrr a level interrupt was accepted and has not ended
   */
  @Schema(name = "IoApicPin")
  record IoApicPinJson(
      int pin,
      int vector,
      DeliveryMode deliveryMode,
      DestMode destMode,
      int destId,
      Polarity polarity,
      TriggerMode triggerMode,
      boolean mask,
      boolean remoteIrr) {

    static IoApicPinJson of(int pin, Redirection entry) {
      return new IoApicPinJson(
          pin,
          entry.vector(),
          DeliveryMode.of(entry.mode()),
          entry.logical() ? DestMode.LOGICAL : DestMode.PHYSICAL,
          entry.destination(),
          entry.activeLow() ? Polarity.LOW : Polarity.HIGH,
          entry.level() ? TriggerMode.LEVEL : TriggerMode.EDGE,
          entry.masked(),
          entry.remoteIrr());
    }
  }

  /**
   * What to change of a pin; what is left out stays. What was read may be sent back as it is.
   *
   * @param pin may repeat the pin of the path
   * @param vector interrupt vector, 0 to 255
   * @param deliveryMode what the vCPU gets; FIXED and LOWEST deliver the vector
   * @param destMode how destId is meant
   * @param destId id of a local APIC, or a mask of logical ids, 0 to 255
   * @param polarity the active level; without effect
   * @param triggerMode what the pin listens to
   * @param mask whether the pin is masked
   * @param remoteIrr a level interrupt was accepted and has not ended
   */
  @Schema(
      name = "IoApicPinRequest",
      example = "{\"vector\":65,\"triggerMode\":\"LEVEL\",\"destId\":0,\"mask\":false}")
  record IoApicPinRequest(
      @Nullable Integer pin,
      @Nullable Integer vector,
      @Nullable DeliveryMode deliveryMode,
      @Nullable DestMode destMode,
      @Nullable Integer destId,
      @Nullable Polarity polarity,
      @Nullable TriggerMode triggerMode,
      @Nullable Boolean mask,
      @Nullable Boolean remoteIrr) {

    Redirection over(Redirection before) {
      return before.with(
          or("/vector", vector, before.vector()),
          deliveryMode == null ? before.mode() : deliveryMode.ordinal(),
          destMode == null ? before.logical() : destMode == DestMode.LOGICAL,
          or("/destId", destId, before.destination()),
          mask == null ? before.masked() : mask,
          triggerMode == null ? before.level() : triggerMode == TriggerMode.LEVEL,
          polarity == null ? before.activeLow() : polarity == Polarity.LOW,
          remoteIrr == null ? before.remoteIrr() : remoteIrr);
    }
  }

  private static int or(String pointer, @Nullable Integer value, int before) {
    return value == null ? before : (int) Params.between(pointer, value, 0, ALL);
  }

  @GetMapping
  @Operation(
      operationId = "getIrqchip",
      summary = "Show the 8259 pair and the I/O APIC",
      description = "A split controller has neither, and a VM without controller nothing: ENXIO.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  ChipsJson get(@PathVariable String vm, Host host) {
    return host.chips()
        .chips(
            Params.id(ObjectId.VM, vm),
            port -> {
              HostPort.Chips now = port.chips();
              return new ChipsJson(
                  IrqchipKind.KERNEL,
                  new PicPairJson(now.master(), now.slave()),
                  IoApicJson.of(now.ioapic()));
            });
  }

  /**
   * What to change of the I/O APIC besides its pins; what is left out stays.
   *
   * @param id its identification
   * @param ioregsel the register that the guest has selected
   * @param irr requests, one bit a pin
   */
  @Schema(name = "IoApicRequest", example = "{\"irr\":0}")
  record IoApicRequest(@Nullable Long id, @Nullable Long ioregsel, @Nullable Long irr) {
    IoApicState over(IoApicState before) {
      return new IoApicState(
          or("/id", id, before.id()),
          or("/ioregsel", ioregsel, before.ioregsel()),
          or("/irr", irr, before.irr()),
          before.pins());
    }

    private static int or(String pointer, @Nullable Long value, int before) {
      return value == null ? before : (int) Params.between(pointer, value, 0, WORD);
    }
  }

  @PutMapping(path = "/ioapic", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restoreIoApic",
      summary = "Change the I/O APIC besides its pins, as a host restore does",
      description = "Pins that are requested are raised again afterwards.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  IoApicJson restoreIoApic(@PathVariable String vm, @RequestBody IoApicRequest body, Host host) {
    return host.chips()
        .chips(Params.id(ObjectId.VM, vm), port -> IoApicJson.of(port.changeIoapic(body::over)));
  }

  @PutMapping(path = "/ioapic/pins/{pin}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restoreIoApicPin",
      summary = "Change a pin of the I/O APIC, as a host restore does",
      description = "Pins that are requested are raised again afterwards.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO})
  IoApicPinJson restorePin(
      @PathVariable String vm,
      @PathVariable String pin,
      @RequestBody IoApicPinRequest body,
      Host host) {
    int number = Params.number("pin", pin, Chip.IOAPIC.pins() - 1);
    if (body.pin() != null && body.pin() != number) {
      throw Params.invalid("/pin", "%d differs from the path's %d".formatted(body.pin(), number));
    }
    return host.chips()
        .chips(
            Params.id(ObjectId.VM, vm),
            port ->
                IoApicPinJson.of(
                    number,
                    port.changeIoapic(
                            state -> state.withPin(number, body.over(state.pins().get(number))))
                        .pins()
                        .get(number)));
  }
}
