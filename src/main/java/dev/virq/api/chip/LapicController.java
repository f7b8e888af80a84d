package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.lapic.LapicState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The local APIC of a vCPU, as the host sees it. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class LapicController {
  private static final long WORD = 0xffff_ffffL;
  private static final int VECTORS = 256;

  /**
   * A local APIC: raw registers of 32 bits, and vectors in ascending order.
   *
   * @param id bits 31-24
   * @param svr spurious vector; bit 8 enables
   * @param tpr task priority
   * @param ppr processor priority
   * @param ldr logical destination, bits 31-24
   * @param dfr destination format
   * @param esr error status
   * @param lvt0 local vector of LINT0
   * @param lvt1 local vector of LINT1
   * @param irr pending
   * @param isr in service
   * @param tmr last accepted as level-triggered
   */
  @Schema(name = "Lapic")
  record LapicJson(
      long id,
      long svr,
      long tpr,
      long ppr,
      long ldr,
      long dfr,
      long esr,
      long lvt0,
      long lvt1,
      List<Integer> irr,
      List<Integer> isr,
      List<Integer> tmr) {

    static LapicJson of(LapicState state) {
      return new LapicJson(
          Integer.toUnsignedLong(state.id()),
          Integer.toUnsignedLong(state.svr()),
          Integer.toUnsignedLong(state.tpr()),
          Integer.toUnsignedLong(state.ppr()),
          Integer.toUnsignedLong(state.ldr()),
          Integer.toUnsignedLong(state.dfr()),
          Integer.toUnsignedLong(state.esr()),
          Integer.toUnsignedLong(state.lvt0()),
          Integer.toUnsignedLong(state.lvt1()),
          state.irr(),
          state.isr(),
          state.tmr());
    }
  }

  /**
   * What to change; what is left out stays. An svr of 511 enables. What was read may be sent back
   * as it is.
   *
   * @param id bits 31-24
   * @param svr spurious vector; bit 8 enables
   * @param tpr task priority
   * @param ppr without effect: it is computed anew
   * @param ldr logical destination, bits 31-24
   * @param dfr destination format
   * @param esr error status
   * @param lvt0 local vector of LINT0
   * @param lvt1 local vector of LINT1
   * @param irr pending vectors
   * @param isr vectors in service
   * @param tmr vectors last accepted as level-triggered
   */
  @Schema(name = "LapicRequest", example = "{\"svr\":511}")
  record LapicRequest(
      @Nullable Long id,
      @Nullable Long svr,
      @Nullable Long tpr,
      @Nullable Long ppr,
      @Nullable Long ldr,
      @Nullable Long dfr,
      @Nullable Long esr,
      @Nullable Long lvt0,
      @Nullable Long lvt1,
      @Nullable List<@Nullable Integer> irr,
      @Nullable List<@Nullable Integer> isr,
      @Nullable List<@Nullable Integer> tmr) {

    LapicState over(LapicState before) {
      return new LapicState(
          or("/id", id, before.id()),
          or("/svr", svr, before.svr()),
          or("/tpr", tpr, before.tpr()),
          or("/ppr", ppr, before.ppr()),
          or("/ldr", ldr, before.ldr()),
          or("/dfr", dfr, before.dfr()),
          or("/esr", esr, before.esr()),
          before.lvtt(),
          or("/lvt0", lvt0, before.lvt0()),
          or("/lvt1", lvt1, before.lvt1()),
          or("/irr", irr, before.irr()),
          or("/isr", isr, before.isr()),
          or("/tmr", tmr, before.tmr()));
    }

    private static List<Integer> or(
        String pointer, @Nullable List<@Nullable Integer> vectors, List<Integer> before) {
      if (vectors == null) {
        return before;
      }
      SortedSet<Integer> sorted = new TreeSet<>();
      for (int i = 0; i < vectors.size(); i++) {
        String element = pointer + "/" + i;
        int vector = Params.required(element, vectors.get(i));
        sorted.add((int) Params.between(element, vector, 0, VECTORS - 1));
      }
      return List.copyOf(sorted);
    }

    private static int or(String pointer, @Nullable Long value, int before) {
      return value == null ? before : (int) Params.between(pointer, value, 0, WORD);
    }
  }

  @GetMapping("/lapic")
  @Operation(
      operationId = "getLapic",
      summary = "Show a local APIC",
      description = "Registers are raw; irr, isr and tmr are lists of vectors.")
  @AnswersErrno(Errno.EBADF)
  LapicJson lapic(@PathVariable String vm, @PathVariable String n, Host host) {
    return LapicJson.of(
        host.vcpus()
            .lapics(Params.id(ObjectId.VM, vm), port -> port.lapic(VcpuController.vcpu(n))));
  }

  @PutMapping(path = "/lapic", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restoreLapic",
      summary = "Change registers of a local APIC, as a host restore does",
      description = "Members that are left out stay as they are.")
  @AnswersErrno(Errno.EBADF)
  LapicJson restoreLapic(
      @PathVariable String vm, @PathVariable String n, @RequestBody LapicRequest body, Host host) {
    return LapicJson.of(
        host.vcpus()
            .lapics(
                Params.id(ObjectId.VM, vm),
                port -> port.changeLapic(VcpuController.vcpu(n), body::over)));
  }
}
