package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.PathOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.irqchip.GuestPort;
import dev.virq.lapic.LapicState;
import dev.virq.lapic.Vcpu;
import dev.virq.vm.Vm;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The vCPUs of a VM: their local APICs, and what the guest does on them. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = ChipController.TAG)
public class VcpuController {
  private static final long WORD = 0xffff_ffffL;
  private static final int VECTORS = 256;

  /**
   * A vCPU to be made.
   *
   * @param id its number, which is also the first id of its local APIC; 0 is the boot processor
   */
  @Schema(name = "VcpuRequest", example = "{\"id\":0}")
  record VcpuRequest(@Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long id) {}

  /**
   * A vCPU.
   *
   * @param id its number, which is also the first id of its local APIC; 0 is the boot processor
   * @param runState PARKED after INIT, until a start-up message
   * @param nmiPending NMIs not taken yet
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Vcpu")
  record VcpuJson(long id, Vcpu.RunState runState, int nmiPending, long seq) {}

  /**
   * The vCPUs of a VM.
   *
   * @param items in the order of creation
   */
  @Schema(name = "Vcpus")
  record VcpusJson(List<VcpuJson> items) {}

  /**
   * A local APIC: raw registers of 32 bits, and vectors in ascending order.
   *
   * @param id bits 31-24
   * @param svr spurious vector; bit 8 enables
   * @param tpr task priority
   * @param ppr processor priority
   * @param ldr logical destination, bits 31-24
   * @param dfr destination format
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

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createVcpu",
      summary = "Create a vCPU",
      description = "It runs at once. Its local APIC is disabled until its svr is set.")
  @AnswersErrno({Errno.EBADF, Errno.EEXIST})
  VcpuJson create(@PathVariable String vm, @RequestBody VcpuRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long vcpu = Params.required("/id", body.id(), 0, Vm.MAX_VCPUS - 1);
    host.vcpus().create(id, vcpu);
    return view(host, id, vcpu);
  }

  @GetMapping
  @PathOrder(10)
  @Operation(operationId = "listVcpus", summary = "List the vCPUs of a VM")
  @AnswersErrno(Errno.EBADF)
  VcpusJson list(@PathVariable String vm, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    return new VcpusJson(host.vcpus().list(id).stream().map(vcpu -> view(host, id, vcpu)).toList());
  }

  @GetMapping("/{n}")
  @PathOrder(20)
  @Operation(operationId = "getVcpu", summary = "Show a vCPU")
  @AnswersErrno(Errno.EBADF)
  VcpuJson get(@PathVariable String vm, @PathVariable String n, Host host) {
    return view(host, Params.id(ObjectId.VM, vm), vcpu(n));
  }

  @GetMapping("/{n}/lapic")
  @PathOrder(30)
  @Operation(operationId = "getLapic", summary = "Show a local APIC")
  @AnswersErrno(Errno.EBADF)
  LapicJson lapic(@PathVariable String vm, @PathVariable String n, Host host) {
    return LapicJson.of(
        host.vcpus().lapics(Params.id(ObjectId.VM, vm), port -> port.lapic(vcpu(n))));
  }

  @PutMapping(path = "/{n}/lapic", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "restoreLapic",
      summary = "Change registers of a local APIC, as a host restore does")
  @AnswersErrno(Errno.EBADF)
  LapicJson restoreLapic(
      @PathVariable String vm, @PathVariable String n, @RequestBody LapicRequest body, Host host) {
    return LapicJson.of(
        host.vcpus()
            .lapics(Params.id(ObjectId.VM, vm), port -> port.changeLapic(vcpu(n), body::over)));
  }

  @PostMapping("/{n}/ack")
  @PathOrder(70)
  @Operation(
      operationId = "acknowledge",
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
    long vcpu = vcpu(n);
    if (from != null && !from.equals("pic")) {
      throw Params.invalid("from \"%s\" is not pic".formatted(Params.shown(from)));
    }
    if (from != null) {
      GuestPort.Access access = host.vcpus().guest(id, vcpu, guest -> guest.picAck(vcpu));
      Long vector = access.value();
      return GuestJson.of(host, access, vector == null ? null : (Integer) vector.intValue());
    }
    int vector = host.vcpus().lapics(id, port -> port.takeVector(vcpu));
    return new GuestJson(vector < 0 ? null : vector, List.of(), true, null, 0, null, host.seq());
  }

  @PostMapping("/{n}/eoi")
  @PathOrder(80)
  @Operation(
      operationId = "endOfInterrupt",
      summary = "The vCPU ends its highest interrupt in service",
      description =
          "A level-triggered line that is still high is delivered again; resample irqfds of the"
              + " line let go of it and their resample eventfds are signalled.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson endOfInterrupt(@PathVariable String vm, @PathVariable String n, Host host) {
    long vcpu = vcpu(n);
    GuestPort.Access access =
        host.vcpus().guest(Params.id(ObjectId.VM, vm), vcpu, guest -> guest.eoi(vcpu));
    return GuestJson.of(host, access, access.ended());
  }

  @PostMapping(path = "/{n}/io", consumes = MediaType.APPLICATION_JSON_VALUE)
  @PathOrder(90)
  @Operation(
      operationId = "guestAccess",
      summary = "The guest accesses a port or a register",
      description = "NMIs that are pending are taken before the access.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  GuestJson io(
      @PathVariable String vm, @PathVariable String n, @RequestBody IoRequest body, Host host) {
    long vcpu = vcpu(n);
    GuestPort.Access access =
        host.vcpus().guest(Params.id(ObjectId.VM, vm), vcpu, access(vcpu, body));
    return GuestJson.of(host, access, access.ended());
  }

  private static Function<GuestPort, GuestPort.Access> access(long vcpu, IoRequest body) {
    if (Stream.of(body.port() != null, body.ioapic() != null, body.lapic() != null)
            .filter(given -> given)
            .count()
        != 1) {
      throw Params.invalid("", "names not one of port, ioapic and lapic");
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

  private static long vcpu(String n) {
    return Params.number("vCPU", n, Vm.MAX_VCPUS - 1);
  }

  private static VcpuJson view(Host host, long vm, long vcpu) {
    Vcpu.Events events = host.vcpus().events(vm, vcpu);
    return new VcpuJson(vcpu, events.runState(), events.nmiPending(), host.seq());
  }
}
