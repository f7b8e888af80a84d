package dev.virq.api;

import dev.virq.api.http.IrqchipKind;
import dev.virq.api.http.Located;
import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqfd.TearDown;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The virtual machines of a sandbox: made, looked at, closed. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/vms", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.VMS)
public class VmController {

  /** Which interrupt controller a VM has. */
  enum Irqchip {
    KERNEL,
    SPLIT,
    NONE
  }

  /**
   * A VM to be made.
   *
   * @param name a label; none when left out
   * @param irqchip its controller; KERNEL, the full one, when left out
   * @param reservedPins pins that user space keeps, with SPLIT only; 0 when left out
   */
  @Schema(name = "VmRequest", example = "{\"name\":\"guest\",\"irqchip\":\"NONE\"}")
  record VmRequest(
      @Nullable String name, @Nullable Irqchip irqchip, @Nullable Integer reservedPins) {}

  /**
   * A controller to be given to a VM that has none.
   *
   * @param kind KERNEL for all chips; SPLIT for local APICs only
   * @param reservedPins lines kept for an I/O APIC in user space, with SPLIT only; 0 when left out
   */
  @Schema(name = "IrqchipRequest", example = "{\"kind\":\"KERNEL\"}")
  record IrqchipRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable IrqchipKind kind,
      @Nullable Integer reservedPins) {}

  /**
   * The choice of a boot processor.
   *
   * @param vcpu its number, from 0 to 4096; there need not be a vCPU of that number
   */
  @Schema(name = "BootVcpuRequest", example = "{\"vcpu\":0}")
  record BootVcpuRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long vcpu) {}

  /**
   * A VM.
   *
   * @param id such as vm-1, never used again
   * @param name the label it was made with
   * @param irqchip its interrupt controllers
   * @param reservedPins lines kept for an I/O APIC in user space; split controller only
   * @param bootVcpu number of the boot processor, which INIT does not park and which begins with
   *     the 8259 pair connected
   * @param state OPEN, CLOSING while references are held, RELEASED when the last is dropped
   * @param refs references that keep it: the open descriptor, and irqfds that are not severed
   * @param irqfds irqfds bound now
   * @param seq number of the event of its last change of state
   * @param releasedSeq number of the event of its release
   * @param gracePeriodNanos once RELEASED: the longest grace period of its close
   * @param flushNanos once RELEASED: the longest wait of its close for queued injections
   * @param waitedForReaders once RELEASED: readers that the grace periods of its close found
   */
  @Schema(name = "Vm")
  record VmJson(
      String id,
      @Nullable String name,
      Irqchip irqchip,
      @Nullable Integer reservedPins,
      int bootVcpu,
      VmFile.State state,
      int refs,
      int irqfds,
      long seq,
      @Nullable Long releasedSeq,
      @Nullable Long gracePeriodNanos,
      @Nullable Long flushNanos,
      @Nullable Long waitedForReaders)
      implements Located {

    static VmJson of(VmFile entry) {
      VmFile.State state = entry.state();
      TearDown end = state == VmFile.State.RELEASED ? entry.end() : null;
      IrqChip.Kind kind = entry.vm().kind();
      boolean split = kind == IrqChip.Kind.SPLIT;
      return new VmJson(
          id(entry),
          entry.name(),
          kind == null ? Irqchip.NONE : split ? Irqchip.SPLIT : Irqchip.KERNEL,
          split ? entry.vm().reservedPins() : null,
          entry.vm().vcpus().boot(),
          state,
          entry.references(),
          entry.bound(),
          entry.seq(),
          state == VmFile.State.RELEASED ? entry.seq() : null,
          end == null ? null : (Long) end.gracePeriodNanos(),
          end == null ? null : (Long) end.flushNanos(),
          end == null ? null : (Long) end.waitedForReaders());
    }

    static String id(VmFile entry) {
      return ObjectId.VM.of(entry.id());
    }

    @Override
    public String madeBy(String path) {
      return Located.within(path, id);
    }
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createVm",
      summary = "Create a VM",
      description =
          "With the full interrupt controller unless irqchip says otherwise. Without a"
              + " body, too.")
  @AnswersErrno({Errno.EMFILE, Errno.ENFILE})
  VmJson create(@RequestBody(required = false) @Nullable VmRequest body, Host host) {
    VmRequest request = body == null ? new VmRequest(null, null, null) : body;
    String name = Params.name("/name", request.name());
    Irqchip irqchip = request.irqchip() == null ? Irqchip.KERNEL : request.irqchip();
    int pins = pins(request.reservedPins(), irqchip == Irqchip.SPLIT);
    return VmJson.of(
        switch (irqchip) {
          case KERNEL -> host.vms().create(name, IrqChip.Kind.KERNEL, 0);
          case SPLIT -> host.vms().create(name, IrqChip.Kind.SPLIT, pins);
          case NONE -> host.vms().create(name);
        });
  }

  private static int pins(@Nullable Integer pins, boolean split) {
    if (pins == null) {
      return 0;
    }
    if (!split) {
      throw Params.invalid("/reservedPins", "is allowed only with irqchip SPLIT");
    }
    return (int) Params.between("/reservedPins", pins, 0, IrqChip.MAX_RESERVED_PINS);
  }

  @GetMapping
  @Operation(
      operationId = "listVms",
      summary = "List VMs, the last released ones included",
      description = "In the order of their ids.")
  Paging.Page<VmJson> list(Paging paging, Host host) {
    Paging.Request page = paging.of("vms");
    return page.of(
        host.vms().list(page.afterNumber(0), page.size() + 1),
        entry -> Long.toString(entry.id()),
        VmJson::of);
  }

  @GetMapping("/{vm}")
  @Operation(
      operationId = "getVm",
      summary = "Show a VM",
      description =
          "A released one can be asked for until newer ones take its place: releasedSeq"
              + " tells when it was freed, the figures beside it what its close took, also when"
              + " the close was not waited for.")
  VmJson get(@PathVariable String vm, Host host) {
    return VmJson.of(host.vms().find(Params.id(ObjectId.VM, vm)));
  }

  @PutMapping(path = "/{vm}/irqchip", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createIrqchip",
      summary = "Give a VM its interrupt controller",
      description =
          "As KVM_CREATE_IRQCHIP and KVM_CAP_SPLIT_IRQCHIP. A VM that has one already is"
              + " EEXIST.")
  @AnswersErrno({Errno.EBADF, Errno.EEXIST, Errno.EMFILE, Errno.ENFILE})
  VmJson createIrqchip(@PathVariable String vm, @RequestBody IrqchipRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    IrqChip.Kind kind = Params.required("/kind", body.kind()).kind();
    int pins = pins(body.reservedPins(), kind == IrqChip.Kind.SPLIT);
    host.chips().create(id, kind, pins);
    return VmJson.of(host.vms().find(id));
  }

  @PutMapping(path = "/{vm}/boot-vcpu", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setBootVcpu",
      summary = "Choose the boot processor of a VM",
      description =
          "As KVM_SET_BOOT_CPU_ID; it is vCPU 0 otherwise. A VM that has a vCPU already is EBUSY.")
  @AnswersErrno({Errno.EBADF, Errno.EBUSY})
  VmJson setBootVcpu(@PathVariable String vm, @RequestBody BootVcpuRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    host.vcpus().boot(id, Params.required("/vcpu", body.vcpu()));
    return VmJson.of(host.vms().find(id));
  }

  @DeleteMapping("/{vm}")
  @Operation(
      operationId = "closeVm",
      summary = "Close a VM's descriptor",
      description =
          "The VM is released when the last reference is dropped. A VM that is closed already is"
              + " not found.")
  @ApiResponse(responseCode = "200", description = "Settled", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Closed, still going",
      useReturnTypeSchema = true)
  @AnswersErrno(Errno.EBADF)
  ResponseEntity<CloseAnswer.CloseJson> close(@PathVariable String vm, Waiting waiting, Host host) {
    long nanos = waiting.closeNanos(host.limits().maxWait());
    return CloseAnswer.answer(host, host.vms().close(Params.id(ObjectId.VM, vm)), nanos);
  }
}
