package dev.virq.testing;

import static dev.virq.trace.Tracepoint.FREE_IRQFD;
import static dev.virq.trace.Tracepoint.WAKEUP_POLLIN;

import dev.virq.chip.IrqLine;
import dev.virq.eventfd.EventFd;
import dev.virq.host.Host;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdInfo;
import dev.virq.irqfd.IrqfdState;
import dev.virq.stats.Counts;
import dev.virq.stats.HostStats;
import dev.virq.trace.Detail;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The laws of a whole system: a probe that watches which locks are held at every step, and a check
 * of all books at rest.
 *
 * <p>What it finds wrong at a step is kept and told by {@link #check}; a probe must not throw.
 */
public final class Invariants implements Probe {
  /** A line of a VM. */
  private record Line(long vm, long gsi) {}

  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final Map<Long, Vm> vms = new ConcurrentHashMap<>();
  private final Set<Long> releasedVms = ConcurrentHashMap.newKeySet();

  /** Every eventfd that was opened, with its first value. */
  private final Map<EventFd, Long> eventfds = new ConcurrentHashMap<>();

  private final Map<Long, Irqfd> irqfds = new ConcurrentHashMap<>();
  private final Map<Long, AtomicLong> wakeUps = new ConcurrentHashMap<>();
  private final Set<Long> freedIrqfds = ConcurrentHashMap.newKeySet();
  private final AtomicLong closedEventfds = new AtomicLong();

  /** Injections that raised a line, by line and by irqfd. */
  private final Map<Line, AtomicLong> pulses = new ConcurrentHashMap<>();

  private final Map<Long, AtomicLong> raised = new ConcurrentHashMap<>();

  /** Lines that were driven by a call, and whether it left them high. */
  private final Map<Line, Boolean> driven = new ConcurrentHashMap<>();

  /** Orders the last write to an irqfd against the last injection begun. */
  private final AtomicLong clock = new AtomicLong();

  private final Map<Long, Long> lastWrite = new ConcurrentHashMap<>();
  private final Map<Long, Long> lastInjection = new ConcurrentHashMap<>();

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    if (subject instanceof Irqfd irqfd) {
      irqfds.put(irqfd.irqfdId(), irqfd);
      locks(point, irqfd);
    }
    switch (point) {
      case VM_OPENED -> vms.put(subject.vmId(), (Vm) subject);
      case EVENTFD_OPENED ->
          eventfds.put((EventFd) subject, ((EventFd) subject).counters().value());
      case EVENTFD_CLOSED -> closedEventfds.incrementAndGet();
      case EVENTFD_SIGNALLED -> lastWrite.put(subject.irqfdId(), clock.incrementAndGet());
      case WAKEUP_POLLIN -> count(wakeUps, subject.irqfdId());
      case INJECT_ENTER -> lastInjection.put(subject.irqfdId(), clock.incrementAndGet());
      case INJECT_AT_ONCE -> {
        lastInjection.put(subject.irqfdId(), clock.incrementAndGet());
        require(!releasedVms.contains(subject.vmId()), point, subject, "VM gone");
        count(raised, subject.irqfdId());
      }
      case INJECT_MUTEX ->
          require(!releasedVms.contains(subject.vmId()), point, subject, "VM gone");
      case INJECT_RAISED -> {
        count(pulses, new Line(subject.vmId(), subject.gsi()));
        count(raised, subject.irqfdId());
      }
      case LINE_SET -> driven.put(new Line(subject.vmId(), subject.gsi()), value != 0);
      case FREE_IRQFD -> require(freedIrqfds.add(subject.irqfdId()), point, subject, "freed twice");
      case VM_RELEASED -> {
        require(releasedVms.add(subject.vmId()), point, subject, "destroyed twice");
        nothingHeld(point, subject);
      }
      default -> {}
    }
  }

  private void locks(Tracepoint point, Irqfd irqfd) {
    switch (point) {
      case WAKEUP_POLLIN, WAKEUP_POLLHUP, INJECT_AT_ONCE, SIGNAL_QUEUED -> {
        require(Thread.holdsLock(irqfd.eventfd()), point, irqfd, "wait-queue lock not held");
        require(!vmLocked(irqfd.vmId()), point, irqfd, "kvm->lock held");
      }
      case INJECT_MUTEX, INJECT_RAISED, LINE_LOWERED ->
          require(vmLocked(irqfd.vmId()), point, irqfd, "kvm->lock not held");
      default -> nothingHeld(point, irqfd);
    }
  }

  /** At steps that may wait, and where a VM is destroyed, no lock may be held. */
  private void nothingHeld(Tracepoint point, Subject subject) {
    require(!vmLocked(subject.vmId()), point, subject, "kvm->lock held");
    if (subject instanceof Irqfd irqfd) {
      require(!Thread.holdsLock(irqfd.eventfd()), point, subject, "wait-queue lock held");
    } else {
      require(
          eventfds.keySet().stream().noneMatch(Thread::holdsLock),
          point,
          subject,
          "a wait-queue lock held");
    }
  }

  private boolean vmLocked(long vm) {
    Vm known = vms.get(vm);
    return known != null && known.isLockedByCurrentThread();
  }

  /** What was wrong at a step so far. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /**
   * Checks all books. Nothing may be in flight.
   *
   * @param expectedBugs injections that the test made fail
   */
  public void check(Host host, long expectedBugs) {
    List<String> wrong = new ArrayList<>(violations);
    same(wrong, "broken invariants noticed by the kernel", expectedBugs, host.bugs());
    same(wrong, "in flight", List.of(), host.waits().pending());
    HostStats stats = host.stats();
    same(wrong, "signals without outcome", 0L, stats.pending());
    same(wrong, "queued injections", 0, stats.injectionDepth());
    same(wrong, "queued tear-downs", 0, stats.cleanupDepth());
    same(wrong, "failed injections", expectedBugs, stats.outcomes().get(Outcome.FAILED));
    Counts counts = host.counts();
    same(wrong, "VMs", (long) vms.size() - releasedVms.size(), counts.vms());
    same(wrong, "eventfds", eventfds.size() - closedEventfds.get(), counts.eventfds());
    same(wrong, "irqfds", (long) irqfds.size() - freedIrqfds.size(), counts.irqfds());
    eventfds.forEach((eventfd, initial) -> checkCounter(wrong, eventfd, initial));
    irqfds.values().forEach(irqfd -> checkIrqfd(wrong, irqfd));
    // A level that others hold up: a pulse is no edge then.
    Set<Line> shared = new HashSet<>();
    Map<Long, AtomicLong> bound = new HashMap<>();
    for (Irqfd irqfd : irqfds.values()) {
      if (irqfd.isResample()) {
        shared.add(new Line(irqfd.vmId(), irqfd.gsi()));
      }
      if (irqfd.info().state() == IrqfdState.ACTIVE) {
        count(bound, irqfd.vmId());
      }
    }
    vms.values().forEach(vm -> checkVm(wrong, vm, shared, bound));
    if (!wrong.isEmpty()) {
      throw new AssertionError(String.join("\n", wrong));
    }
  }

  private static void checkCounter(List<String> wrong, EventFd eventfd, long initial) {
    EventFd.Counters now = eventfd.counters();
    same(
        wrong,
        "efd-" + eventfd.eventfdId() + ": first value + written",
        initial + now.written(),
        now.value() + now.drained() + now.read());
  }

  private void checkIrqfd(List<String> wrong, Irqfd irqfd) {
    IrqfdInfo info = irqfd.info();
    same(wrong, irqfd + ": callbacks", of(wakeUps, irqfd.irqfdId()), info.callbacks());
    same(wrong, irqfd + ": raised", of(raised, irqfd.irqfdId()), info.injected() + info.failed());
    same(wrong, irqfd + ": queued + coalesced", info.callbacks(), info.queued() + info.coalesced());
    same(wrong, irqfd + ": in flight", 0L, info.inFlight());
    same(wrong, irqfd + ": readers", 0L, irqfd.readersActive());
    boolean freed = freedIrqfds.contains(irqfd.irqfdId());
    same(wrong, irqfd + ": freed", freed, info.state() == IrqfdState.FREED);
    same(wrong, irqfd + ": hooked", !freed, irqfd.eventfd().hooked() == irqfd);
    Long write = lastWrite.get(irqfd.irqfdId());
    Long injection = lastInjection.get(irqfd.irqfdId());
    if (write != null && (injection == null || injection < write)) {
      wrong.add(irqfd + ": lost signal: no injection began after the last write");
    }
  }

  private void checkVm(List<String> wrong, Vm vm, Set<Line> shared, Map<Long, AtomicLong> bound) {
    boolean released = releasedVms.contains(vm.vmId());
    String name = "vm-" + vm.vmId();
    long references = released ? 0 : 1 + of(bound, vm.vmId());
    same(wrong, name + ": references", references, (long) vm.references());
    for (long gsi = vm.nextRouted(-1); gsi >= 0; gsi = vm.nextRouted(gsi)) {
      IrqLine line = vm.line(gsi);
      Line key = new Line(vm.vmId(), line.gsi());
      String what = name + " GSI " + line.gsi();
      same(wrong, what + ": raises - lowers", line.level() ? 1L : 0, line.raises() - line.lowers());
      if (!driven.containsKey(key) && !shared.contains(key)) {
        same(wrong, what + ": raises", of(pulses, key), line.raises());
        same(wrong, what + ": level", false, line.level());
      }
    }
  }

  private void require(boolean so, Tracepoint point, Subject subject, String otherwise) {
    if (!so) {
      violations.add(
          "at %s, vm-%d irqfd-%d: %s"
              .formatted(point, subject.vmId(), subject.irqfdId(), otherwise));
    }
  }

  private static void same(List<String> wrong, String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      wrong.add(what + ": expected " + expected + ", is " + actual);
    }
  }

  private static <K> long of(Map<K, AtomicLong> counts, K key) {
    AtomicLong count = counts.get(key);
    return count == null ? 0 : count.get();
  }

  private static <K> void count(Map<K, AtomicLong> counts, K key) {
    counts.computeIfAbsent(key, k -> new AtomicLong()).incrementAndGet();
  }
}
