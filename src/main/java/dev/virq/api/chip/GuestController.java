package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqchip.GuestPort;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the guest does on a vCPU. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class GuestController {
  private static final long WORD = 0xffff_ffffL;

  /**
   * An access of the guest; one of port, ioapic and lapic.
   *
   * @param port a byte port, such as 32
   * @param ioapic a register's index
   * @param lapic a register's offset
   * @param value what to write; a read when left out
   */
  @Schema(name = "IoRequest", example = "{\"lapic\":128,\"value\":0}")
  record IoRequest(
      @Nullable Long port, @Nullable Long ioapic, @Nullable Long lapic, @Nullable Long value) {}

  /**
   * What an operation of the guest did.
   *
   * @param vector the vector taken into service, or ended; absent when there was none
   * @param resampled irqfds whose resample eventfd was signalled
   * @param handled whether some chip claims the port or address
   * @param value what was read
   * @param nmis NMIs that the vCPU took meanwhile
   * @param eoiExit the vector whose end was told to user space; split controller only
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "GuestAnswer")
  record GuestJson(
      @Nullable Integer vector,
      List<String> resampled,
      boolean handled,
      @Nullable Long value,
      int nmis,
      @Nullable Integer eoiExit,
      long seq) {

    static GuestJson of(Host host, GuestPort.Access access, @Nullable Integer vector) {
      return new GuestJson(
          vector,
          access.told().stream().map(irqfd -> ObjectId.IRQFD.of(irqfd)).toList(),
          access.handled(),
          vector == null || access.ended() != null ? access.value() : null,
          access.nmis(),
          access.eoiExit(),
          host.seq());
    }
  }

  @PostMapping("/ack")
  @Operation(
      operationId = "acknowledgeInterrupt",
      summary = "The vCPU takes its highest deliverable vector into service",
      description =
          "With from=pic it takes an interrupt of the 8259 pair instead, if it accepts them and one"
              + " is requested.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson acknowledge(
      @PathVariable String vm,
      @PathVariable String n,
      @RequestParam(required = false) @Nullable String from,
      Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    if (from != null && !from.equals("pic")) {
      throw Params.invalid(
          "from \"%s\" is not allowed; the only value is pic".formatted(Params.shown(from)));
    }
    if (from != null) {
      GuestPort.Access access = host.vcpus().guest(id, vcpu, guest -> guest.picAck(vcpu));
      Long vector = access.value();
      return GuestJson.of(host, access, vector == null ? null : (Integer) vector.intValue());
    }
    int vector = host.vcpus().lapics(id, port -> port.takeVector(vcpu));
    return new GuestJson(vector < 0 ? null : vector, List.of(), true, null, 0, null, host.seq());
  }

  @PostMapping("/eoi")
  @Operation(
      operationId = "endInterrupt",
      summary = "The vCPU ends its highest interrupt in service",
      description =
          "A level-triggered line that is still high is delivered again; resample irqfds of the"
              + " line let go of it and their resample eventfds are signalled.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson endOfInterrupt(@PathVariable String vm, @PathVariable String n, Host host) {
    long vcpu = VcpuController.vcpu(n);
    GuestPort.Access access =
        host.vcpus().guest(Params.id(ObjectId.VM, vm), vcpu, guest -> guest.eoi(vcpu));
    return GuestJson.of(host, access, access.ended());
  }

  @PostMapping(path = "/io", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "accessRegister",
      summary = "The guest accesses a port or a register",
      description = "NMIs that are pending are taken before the access.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson io(
      @PathVariable String vm, @PathVariable String n, @RequestBody IoRequest body, Host host) {
    long vcpu = VcpuController.vcpu(n);
    GuestPort.Access access =
        host.vcpus().guest(Params.id(ObjectId.VM, vm), vcpu, access(vcpu, body));
    return GuestJson.of(host, access, access.ended());
  }

  private static Function<GuestPort, GuestPort.Access> access(long vcpu, IoRequest body) {
    if (Stream.of(body.port() != null, body.ioapic() != null, body.lapic() != null)
            .filter(given -> given)
            .count()
        != 1) {
      throw Params.invalid("", "give exactly one of port, ioapic and lapic");
    }
    Long value = body.value();
    if (body.port() != null) {
      int port = (int) Params.between("/port", body.port(), 0, 0xffff);
      if (value == null) {
        return guest -> guest.in(vcpu, port);
      }
      int written = (int) Params.between("/value", value, 0, 0xff);
      return guest -> guest.out(vcpu, port, written);
    }
    int written = value == null ? 0 : (int) Params.between("/value", value, 0, WORD);
    if (body.ioapic() != null) {
      int index = (int) Params.between("/ioapic", body.ioapic(), 0, 0xff);
      return value == null
          ? guest -> guest.ioapicRead(vcpu, index)
          : guest -> guest.ioapicWrite(vcpu, index, written);
    }
    long offset = Params.required("/lapic", body.lapic(), 0, 0xfff);
    return value == null
        ? guest -> guest.lapicRead(vcpu, offset)
        : guest -> guest.lapicWrite(vcpu, offset, written);
  }
}
