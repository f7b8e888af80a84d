package dev.virq.api.chip;

import dev.virq.api.http.Located;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.lapic.RunState;
import dev.virq.lapic.Vcpu;
import dev.virq.vm.VmVcpus;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The vCPUs of a VM: made and shown. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class VcpuController {
  /**
   * A vCPU to be made.
   *
   * @param id its number, which is also the first id of its local APIC
   * @param cpuid what its CPUID table has besides a local APIC; no table when left out, as after
   *     KVM_CREATE_VCPU
   */
  @Schema(name = "VcpuRequest", example = "{\"id\":0}")
  record VcpuRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long id,
      @Nullable List<@Nullable CpuFeature> cpuid) {}

  /**
   * A CPUID table, which has a local APIC.
   *
   * @param features what else it has
   */
  @Schema(name = "CpuidRequest", example = "{\"features\":[\"TSC_DEADLINE\"]}")
  record CpuidRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
          @Nullable List<@Nullable CpuFeature> features) {}

  /**
   * A vCPU.
   *
   * @param id its number, which is also the first id of its local APIC
   * @param runState PARKED after INIT, until a start-up message; the others as the host has set it
   * @param nmiPending NMIs not taken yet
   * @param nmiMasked whether it takes none
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Vcpu")
  record VcpuJson(long id, RunState runState, int nmiPending, boolean nmiMasked, long seq)
      implements Located {
    @Override
    public String madeBy(String path) {
      return Located.within(path, id);
    }
  }

  /**
   * The vCPUs of a VM.
   *
   * @param items in the order of creation
   */
  @Schema(name = "Vcpus")
  record VcpusJson(List<VcpuJson> items) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createVcpu",
      summary = "Create a vCPU",
      description = "It runs at once. Its local APIC is disabled until its svr is set.")
  @AnswersErrno({Errno.EBADF, Errno.EEXIST, Errno.EMFILE, Errno.ENFILE})
  VcpuJson create(@PathVariable String vm, @RequestBody VcpuRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = Params.required("/id", body.id(), 0, VmVcpus.MAX_VCPUS - 1);
    Set<CpuFeature> features = body.cpuid() == null ? null : CpuFeature.of("/cpuid", body.cpuid());
    host.vcpus().create(id, vcpu);
    if (features != null) {
      cpuid(host, id, vcpu, features);
    }
    return view(host, id, vcpu);
  }

  @GetMapping
  @Operation(
      operationId = "listVcpus",
      summary = "List the vCPUs of a VM",
      description = "In the order in which they were made.")
  @AnswersErrno(Errno.EBADF)
  VcpusJson list(@PathVariable String vm, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    return new VcpusJson(host.vcpus().list(id).stream().map(vcpu -> view(host, id, vcpu)).toList());
  }

  @GetMapping("/{n}")
  @Operation(
      operationId = "getVcpu",
      summary = "Show a vCPU",
      description = "With what it waits for: a start-up message, NMIs.")
  @AnswersErrno(Errno.EBADF)
  VcpuJson get(@PathVariable String vm, @PathVariable String n, Host host) {
    return view(host, Params.id(ObjectId.VM, vm), vcpu(n));
  }

  @PutMapping(path = "/{n}/cpuid", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setCpuid",
      summary = "Give a vCPU a CPUID table, as KVM_SET_CPUID2",
      description =
          "With one, its timer can be periodic. Once its guest has done something it cannot"
              + " change.")
  @AnswersErrno(Errno.EBADF)
  VcpuJson cpuid(
      @PathVariable String vm, @PathVariable String n, @RequestBody CpuidRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = vcpu(n);
    cpuid(host, id, vcpu, CpuFeature.of("/features", body.features()));
    return view(host, id, vcpu);
  }

  @PostMapping("/{n}/nmi")
  @Operation(
      operationId = "raiseNmi",
      summary = "Raise an NMI in a vCPU, as KVM_NMI",
      description =
          "Whatever its local APIC says. At most two are pending; a further one is merged. The vCPU"
              + " takes them at its guest's next access.")
  @AnswersErrno(Errno.EBADF)
  VcpuJson nmi(@PathVariable String vm, @PathVariable String n, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = vcpu(n);
    host.vcpus().nmi(id, vcpu);
    return view(host, id, vcpu);
  }

  private static void cpuid(Host host, long vm, long vcpu, Set<CpuFeature> features) {
    host.vcpus()
        .cpuid(
            vm,
            vcpu,
            features.contains(CpuFeature.TSC_DEADLINE),
            features.contains(CpuFeature.X2APIC));
  }

  /** The number of the vCPU in a path. */
  static long vcpu(String n) {
    return Params.number("vCPU", n, VmVcpus.MAX_VCPUS - 1);
  }

  /** The vCPU as it is now. */
  static VcpuJson view(Host host, long vm, long vcpu) {
    Vcpu.Events events = host.vcpus().events(vm, vcpu);
    return new VcpuJson(
        vcpu, events.runState(), events.nmiPending(), events.nmiMasked(), host.seq());
  }
}
