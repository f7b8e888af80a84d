package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.lapic.ApicBase;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The APIC base of a vCPU: where its local APIC is, and in which mode. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}/apic-base",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class ApicBaseController {
  /**
   * An APIC base.
   *
   * @param value the register: bits 35-12 are the address, 11 enables, 10 is x2APIC mode, 8 marks
   *     the boot processor
   * @param address of the page of registers
   * @param enabled whether there is a local APIC; without one no message is accepted
   * @param x2apic whether it is in x2APIC mode
   * @param boot whether INIT leaves the vCPU running
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "ApicBase")
  record ApicBaseJson(
      long value, long address, boolean enabled, boolean x2apic, boolean boot, long seq) {
    static ApicBaseJson of(long value, Host host) {
      return new ApicBaseJson(
          value,
          ApicBase.address(value),
          (value & ApicBase.ENABLED) != 0,
          (value & ApicBase.EXTENDED) != 0,
          (value & ApicBase.BOOT) != 0,
          host.seq());
    }
  }

  /**
   * What it is to be.
   *
   * @param value the register: bits 35-12 are the address, 11 enables, 10 is x2APIC mode, which the
   *     CPUID table of the vCPU has to have, 8 marks the boot processor
   */
  @Schema(name = "ApicBaseRequest", example = "{\"value\":4276094976}")
  record ApicBaseRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long value) {}

  @GetMapping
  @Operation(
      operationId = "getApicBase",
      summary = "Show the APIC base of a vCPU",
      description = "Model-specific register 27, as KVM_GET_MSRS shows it.")
  @AnswersErrno(Errno.EBADF)
  ApicBaseJson get(@PathVariable String vm, @PathVariable String n, Host host) {
    long vcpu = VcpuController.vcpu(n);
    return ApicBaseJson.of(host.vcpus().apicBase(Params.id(ObjectId.VM, vm), vcpu), host);
  }

  @PutMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setApicBase",
      summary = "Set the APIC base of a vCPU, as KVM_SET_MSRS",
      description =
          "From any mode to any; a guest, which stores to model-specific register 27, has to go from"
              + " x2APIC mode through disabled, and from disabled through xAPIC mode. Reserved bits,"
              + " and x2APIC mode without the feature X2APIC, are refused.")
  @AnswersErrno(Errno.EBADF)
  ApicBaseJson set(
      @PathVariable String vm,
      @PathVariable String n,
      @RequestBody ApicBaseRequest body,
      Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = VcpuController.vcpu(n);
    long value = Params.required("/value", body.value(), 0, Long.MAX_VALUE);
    return ApicBaseJson.of(host.vcpus().setApicBase(id, vcpu, value), host);
  }
}
