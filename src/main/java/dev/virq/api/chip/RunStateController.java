package dev.virq.api.chip;

import dev.virq.api.chip.VcpuController.VcpuJson;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.lapic.RunState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whether a vCPU runs, and its NMIs: set by the host. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class RunStateController {
  /** A byte in the kernel's structure. */
  private static final int MOST_NMIS = 255;

  /**
   * A run state.
   *
   * @param runState SIPI_RECEIVED is a parked vCPU whose start-up message has come: it runs
   */
  @Schema(name = "RunStateRequest", example = "{\"runState\":\"HALTED\"}")
  record RunStateRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable RunState runState) {}

  /**
   * NMIs of a vCPU. What is left out stays as it is.
   *
   * @param nmiPending NMIs not taken yet; of more than 2 there are 2, and of more than 1 there is 1
   *     while they are masked
   * @param nmiMasked whether the vCPU takes none
   */
  @Schema(name = "NmiRequest", example = "{\"nmiPending\":1,\"nmiMasked\":false}")
  record NmiRequest(@Nullable Long nmiPending, @Nullable Boolean nmiMasked) {}

  @PutMapping(path = "/run-state", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setRunState",
      summary = "Say whether a vCPU runs, as KVM_SET_MP_STATE",
      description =
          "A vCPU that does not run makes no access: EAGAIN. INIT and a start-up message change its"
              + " state as they do in a machine. Without a controller it can be RUNNABLE only.")
  @AnswersErrno(Errno.EBADF)
  VcpuJson runState(
      @PathVariable String vm,
      @PathVariable String n,
      @RequestBody RunStateRequest body,
      Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    host.vcpus().setRunState(id, vcpu, Params.required("/runState", body.runState()).code());
    return VcpuController.view(host, id, vcpu);
  }

  @PutMapping(path = "/nmi", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setNmis",
      summary = "Set the NMIs of a vCPU, as KVM_SET_VCPU_EVENTS",
      description =
          "Those that are masked stay pending. Guests mask NMIs while they handle one; here only"
              + " the host does, and INIT unmasks them.")
  @AnswersErrno(Errno.EBADF)
  VcpuJson nmis(
      @PathVariable String vm, @PathVariable String n, @RequestBody NmiRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    Integer pending =
        body.nmiPending() == null
            ? null
            : (Integer) (int) Params.required("/nmiPending", body.nmiPending(), 0, MOST_NMIS);
    host.vcpus().setNmis(id, vcpu, pending, body.nmiMasked());
    return VcpuController.view(host, id, vcpu);
  }

  @PostMapping("/wake")
  @Operation(
      operationId = "wakeVcpu",
      summary = "Let a halted vCPU wake",
      description =
          "It is let run for a moment, with interrupts on, and wakes if an interrupt or NMI is"
              + " there, which it does not take yet. Else it stays halted: EAGAIN. One that runs"
              + " goes on.")
  @AnswersErrno({Errno.EAGAIN, Errno.EBADF})
  VcpuJson wake(@PathVariable String vm, @PathVariable String n, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    host.vcpus().wake(id, vcpu);
    return VcpuController.view(host, id, vcpu);
  }
}
