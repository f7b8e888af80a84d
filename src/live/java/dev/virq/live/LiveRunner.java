package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.virq.conformance.Recording;
import dev.virq.errno.Errno;
import dev.virq.script.Operation;
import dev.virq.script.Script;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;

/**
 * Carries out scripts on the real kernel and answers in the form of the recordings.
 *
 * <p>As behaviour.md §12 says: after every operation all deferred work is waited for, and every
 * vCPU takes pending INIT and start-up messages. What a script leaves open is closed at its end.
 * Belongs to the thread of its {@link Kvm}.
 */
final class LiveRunner {
  /** A descriptor that is never open. */
  private static final int NOT_OPEN = -1;

  /** What an operation takes, when a script has timers. */
  private static final long OPERATION_NANOS = 1_000_000;

  /** What a tick of the PIT may take, for a thread of the kernel makes it. */
  private static final long TICK_NANOS = 3_000_000;

  private static final int TIMER_INITIAL = 0x380;
  private static final int X2APIC_TIMER_INITIAL = 0x838;

  private static final int EBADF = -Errno.EBADF.number();
  private static final int EEXIST = -Errno.EEXIST.number();

  private final Kvm kvm;
  private final Libc libc;
  private final Map<String, Integer> descriptors = new LinkedHashMap<>();
  private final Map<String, LiveVm> vms = new LinkedHashMap<>();

  /** The other ends of the pipes that are open, by name. */
  private final Map<String, Integer> writingEnds = new LinkedHashMap<>();

  private final GuestOperations guest;
  private final ChipStates chips;
  private final PitStates pits;

  LiveRunner(Kvm kvm) {
    this.kvm = kvm;
    this.libc = kvm.libc();
    this.guest = new GuestOperations(kvm.buffers());
    this.chips = new ChipStates(kvm.buffers());
    this.pits = new PitStates(libc, kvm.buffers());
  }

  /** Runs a script; its operations with their answers. */
  List<Recording.Step> run(Script script) {
    List<Recording.Step> steps = new ArrayList<>(script.operations().size());
    boolean timed = script.operations().stream().anyMatch(LiveRunner::setsTimer);
    boolean ticks = script.operations().stream().anyMatch(LiveRunner::makesPit);
    try {
      for (Operation op : script.operations()) {
        steps.add(new Recording.Step(op.toString(), execute(op)));
        settle();
        if (timed) {
          int _ = passed(ticks ? TICK_NANOS : OPERATION_NANOS);
        }
      }
    } finally {
      closeAll();
    }
    return steps;
  }

  /** Whether the operation may start a timer: then time has to pass as in virq. */
  private static boolean setsTimer(Operation op) {
    return switch (op.verb().word()) {
      case "advance", "guest_serve", "pit_create" -> true;
      case "guest_wrmsr" ->
          number(op, 2) == Uapi.TSC_DEADLINE || number(op, 2) == X2APIC_TIMER_INITIAL;
      case "guest_lapic_write" -> number(op, 2) == TIMER_INITIAL;
      default -> false;
    };
  }

  private static boolean makesPit(Operation op) {
    return op.verb().word().equals("pit_create");
  }

  /** Time passes; 0. */
  private static int passed(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return 0;
  }

  private void settle() {
    kvm.settle();
    for (LiveVm vm : vms.values()) {
      vm.settle();
    }
  }

  private void closeAll() {
    vms.values().forEach(LiveVm::close);
    vms.clear();
    descriptors.values().forEach(libc::close);
    descriptors.clear();
    writingEnds.values().forEach(libc::close);
    writingEnds.clear();
  }

  private Map<String, Object> execute(Operation op) {
    return switch (op.verb().word()) {
      case "vm_create" -> Answers.of(unlessInUse(word(op, 0), () -> createVm(op)));
      case "vm_close" -> Answers.of(closeVm(op));
      case "irqchip_create" -> Answers.of(onVm(op, LiveVm::createIrqchip));
      case "split_irqchip_create" ->
          Answers.of(onVm(op, vm -> vm.createSplitIrqchip(number(op, 1))));
      case "boot_vcpu" -> Answers.of(onVm(op, vm -> vm.boot(number(op, 1))));
      case "x2apic_api" -> Answers.of(onVm(op, vm -> vm.x2apicApi(number(op, 1))));
      case "vcpu_create" ->
          Answers.of(
              onVm(
                  op,
                  vm ->
                      vm.vcpus().containsKey(word(op, 1))
                          ? EEXIST
                          : vm.createVcpu(word(op, 1), number(op, 2))));
      case "eventfd_create" ->
          Answers.of(
              unlessInUse(
                  word(op, 0),
                  () ->
                      opened(
                          word(op, 0),
                          libc.eventfd((int) number(op, 1), op.operands().size() == 3))));
      case "eventfd_dup" -> Answers.of(dup(op));
      case "eventfd_close" -> Answers.of(close(word(op, 0)));
      case "eventfd_write" -> Answers.of(libc.write(descriptor(word(op, 0)), number(op, 1)));
      case "eventfd_read" -> {
        int error = libc.read(descriptor(word(op, 0)));
        yield error < 0 ? Answers.of(error) : Answers.value(Answers.unsigned(libc.count()));
      }
      case "eventfd_poll" -> poll(op);
      case "pipe_create" -> Answers.of(unlessInUse(word(op, 0), () -> createPipe(op)));
      case "vcpu_cpuid" ->
          onVcpu(
              op, vcpu -> Answers.of(vcpu.cpuid(op.operands().subList(2, op.operands().size()))));
      case "get_apic_base" -> onVcpu(op, vcpu -> Answers.value(Answers.unsigned(vcpu.apicBase())));
      case "apic_base_set" ->
          onVcpu(
              op,
              vcpu -> {
                // How many registers were set.
                boolean set = vcpu.setApicBase(number(op, 2)) == 1;
                return Answers.of(set ? 0 : -Errno.EINVAL.number());
              });
      case "advance" -> Answers.of(onVm(op, vm -> passed(number(op, 1))));
      case "irqfd_assign" -> Answers.of(irqfd(op, 0, null));
      case "irqfd_assign_resample" -> Answers.of(irqfd(op, Uapi.IRQFD_RESAMPLE, word(op, 3)));
      case "irqfd_deassign" -> Answers.of(irqfd(op, Uapi.IRQFD_DEASSIGN, null));
      case "irqfd_flags" ->
          Answers.of(irqfd(op, number(op, 3), op.operands().size() == 5 ? word(op, 4) : null));
      case "irq_line" -> line(op);
      case "irq_line_nostatus" -> Answers.of(line(op, Uapi.IRQ_LINE));
      case "signal_msi" -> signalMsi(op);
      case "routing_set" -> Answers.of(route(op));
      case "get_pic" -> onVmAnswer(op, chips::pic);
      case "pic_set" -> Answers.of(onVm(op, vm -> chips.setPic(vm, op.operands())));
      case "get_ioapic" -> onVmAnswer(op, chips::ioapic);
      case "ioapic_set_redir" -> Answers.of(onVm(op, vm -> chips.setEntry(vm, op.operands())));
      case "ioapic_set" -> Answers.of(onVm(op, vm -> chips.setIoapic(vm, op.operands())));
      case "pit_create" -> Answers.of(onVm(op, vm -> pits.create(vm, op.operands().size() > 1)));
      case "get_pit" -> onVmAnswer(op, pits::get);
      case "pit_set" -> Answers.of(onVm(op, vm -> pits.set(vm, op.operands())));
      case "pit_reinject" -> Answers.of(onVm(op, vm -> pits.reinject(vm, (int) number(op, 1))));
      case "get_lapic" -> onVcpu(op, chips::lapic);
      case "lapic_enable" ->
          onVcpu(op, vcpu -> Answers.of(chips.setLapic(vcpu, List.of("svr=0x1ff"))));
      case "lapic_set" ->
          onVcpu(
              op,
              vcpu ->
                  Answers.of(chips.setLapic(vcpu, op.operands().subList(2, op.operands().size()))));
      case "lapic_ack" -> onVcpu(op, chips::acknowledge);
      case "nmi" -> onVcpu(op, vcpu -> Answers.of(vcpu.nmi()));
      case "get_vcpu_events" -> onVcpu(op, chips::events);
      case "vcpu_events_set" ->
          onVcpu(op, vcpu -> Answers.of(RunStates.setEvents(op.operands(), vcpu)));
      case "mp_state_set" -> onVcpu(op, vcpu -> Answers.of(vcpu.setRunState((int) number(op, 2))));
      case "vcpu_wake" ->
          onVcpu(op, vcpu -> Answers.of(vcpu.wake(true) ? 0 : -Errno.EAGAIN.number()));
      case "guest_out",
          "guest_in",
          "guest_port_write",
          "guest_port_read",
          "guest_memory_write",
          "guest_memory_read",
          "guest_wrmsr",
          "guest_rdmsr",
          "guest_lapic_write",
          "guest_lapic_read",
          "guest_eoi",
          "guest_serve",
          "guest_ioapic_write",
          "guest_ioapic_read",
          "pic_ack" ->
          onVcpu(op, vcpu -> guest.execute(op, vcpu));
      default -> throw new AssertionError("the language has no " + op);
    };
  }

  /** Names are never created while in use: the language refuses it before the kernel is asked. */
  private int unlessInUse(String name, IntSupplier creation) {
    return descriptors.containsKey(name) || vms.containsKey(name) ? EEXIST : creation.getAsInt();
  }

  private int createVm(Operation op) {
    LiveVm vm = kvm.createVm();
    if (vm == null) {
      throw new AssertionError("no VM");
    }
    vms.put(word(op, 0), vm);
    return 0;
  }

  private int closeVm(Operation op) {
    LiveVm vm = vms.remove(word(op, 0));
    if (vm == null) {
      return EBADF;
    }
    vm.close();
    return 0;
  }

  private int opened(String name, int fd) {
    if (fd < 0) {
      return fd;
    }
    descriptors.put(name, fd);
    return 0;
  }

  private int dup(Operation op) {
    int fd = descriptor(word(op, 0));
    return fd == NOT_OPEN
        ? EBADF
        : unlessInUse(word(op, 1), () -> opened(word(op, 1), libc.dup(fd)));
  }

  private int createPipe(Operation op) {
    int[] ends = libc.pipe();
    if (ends.length == 1) {
      return ends[0];
    }
    writingEnds.put(word(op, 0), ends[1]);
    return opened(word(op, 0), ends[0]);
  }

  private int close(String name) {
    Integer fd = descriptors.remove(name);
    if (fd == null) {
      return EBADF;
    }
    // The writing end stays open to the end: the reading end is one that is not hung up.
    return libc.close(fd);
  }

  private Map<String, Object> poll(Operation op) {
    int fd = descriptor(word(op, 0));
    if (fd == NOT_OPEN) {
      return Answers.of(EBADF);
    }
    int events = libc.poll(fd);
    Map<String, Object> ready = new LinkedHashMap<>();
    ready.put("in", (events & 1) != 0);
    ready.put("out", (events & 4) != 0);
    ready.put("err", (events & 8) != 0);
    return Answers.value(ready);
  }

  private int irqfd(Operation op, long flags, String resample) {
    int resampleFd = resample == null ? NOT_OPEN : descriptor(resample);
    return onVm(op, vm -> vm.irqfd(descriptor(word(op, 1)), number(op, 2), flags, resampleFd));
  }

  private Map<String, Object> line(Operation op) {
    int error = line(op, Uapi.IRQ_LINE_STATUS);
    return error < 0
        ? Answers.of(error)
        : Answers.value(BigInteger.valueOf(kvm.buffers().small.get(JAVA_INT, 0)));
  }

  private int line(Operation op, long request) {
    MemorySegment line = kvm.buffers().small;
    line.set(JAVA_INT, 0, (int) number(op, 1));
    line.set(JAVA_INT, 4, (int) number(op, 2));
    return onVm(op, vm -> libc.ioctl(vm.fd(), request, line));
  }

  private Map<String, Object> signalMsi(Operation op) {
    MemorySegment message = kvm.buffers().small;
    message.fill((byte) 0);
    message.set(JAVA_INT, 0, (int) number(op, 1));
    message.set(JAVA_INT, 4, op.operands().size() > 3 ? (int) number(op, 3) : 0);
    message.set(JAVA_INT, 8, (int) number(op, 2));
    message.set(JAVA_INT, 12, op.operands().size() > 4 ? (int) number(op, 4) : 0);
    int result = onVm(op, vm -> libc.ioctl(vm.fd(), Uapi.SIGNAL_MSI, message));
    return result < 0 ? Answers.of(result) : Answers.value(BigInteger.valueOf(result));
  }

  private int route(Operation op) {
    return onVm(
        op,
        vm -> {
          LiveRoutes routes = LiveRoutes.of(op.operands().subList(1, op.operands().size()));
          return routes.set(libc, vm);
        });
  }

  private int onVm(Operation op, ToIntFunction<LiveVm> call) {
    LiveVm vm = vms.get(word(op, 0));
    return vm == null ? EBADF : call.applyAsInt(vm);
  }

  private Map<String, Object> onVmAnswer(Operation op, Function<LiveVm, Map<String, Object>> call) {
    LiveVm vm = vms.get(word(op, 0));
    return vm == null ? Answers.of(EBADF) : call.apply(vm);
  }

  private Map<String, Object> onVcpu(Operation op, Function<LiveVcpu, Map<String, Object>> call) {
    LiveVm vm = vms.get(word(op, 0));
    LiveVcpu vcpu = vm == null ? null : vm.vcpus().get(word(op, 1));
    return vcpu == null ? Answers.of(EBADF) : call.apply(vcpu);
  }

  private int descriptor(String name) {
    Integer fd = descriptors.get(name);
    if (fd != null) {
      return fd;
    }
    LiveVm vm = vms.get(name);
    return vm == null ? NOT_OPEN : vm.fd();
  }

  static String word(Operation op, int place) {
    return op.operands().get(place);
  }

  static long number(Operation op, int place) {
    return Answers.number(word(op, place));
  }
}
