package dev.virq.sandbox;

import static dev.virq.testing.TestHosts.LONG;

import dev.virq.clock.SandboxClock;
import dev.virq.errno.EventfdName;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.host.VmFile;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Limits;
import dev.virq.testing.Await;
import dev.virq.testing.LiveHeap;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Fills a small heap and says what it took; run by {@link ScaleIT} in a JVM of its own. */
final class Scale {
  private static final int PAIRS = 100_000;
  private static final int SANDBOXES = 10_000;

  private static final int TIMERS = 100_000;
  private static final int VCPUS = 1_000;
  private static final int LINES = 100_000;
  private static final int SPURIOUS = 0xf0;
  private static final int TIMER = 0x320;
  private static final int INITIAL = 0x380;
  private static final int VECTOR = 0x41;

  /** Of two nanoseconds each. */
  private static final int COUNTS = 1_000_000_000;

  /** Worker threads that live now. */
  private final AtomicLong live = new AtomicLong();

  private Scale() {}

  /**
   * Takes {@code pairs}, {@code sandboxes} or {@code timers}; throws when the count is not what it
   * should be.
   */
  public static void main(String[] args) {
    Scale scale = new Scale();
    switch (args[0]) {
      case "pairs" -> scale.pairs();
      case "sandboxes" -> scale.sandboxes();
      case "timers" -> scale.timers();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private void pairs() {
    Limits limits = TestLimits.defaults();
    Host host = new Host(HostOptions.alone("scale", 2, this::worker, limits, Probe.NONE, () -> 0));
    VmFile vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    long before = LiveHeap.bytes();

    long start = System.nanoTime();
    for (int i = 0; i < PAIRS; i++) {
      EventfdFile eventfd = host.eventfds().create(0, false, false, null);
      host.irqfds().assign(vm.id(), EventfdName.id(eventfd.id()), i % 24, null);
    }
    say("bind", start, PAIRS);
    require(host.counts().irqfds(), PAIRS);
    say((LiveHeap.bytes() - before) / PAIRS + " bytes a bound pair");

    start = System.nanoTime();
    for (int i = 1; i <= PAIRS; i++) {
      host.eventfds().write(EventfdName.id(i), 1);
    }
    host.waits().settled(LONG);
    say("signal", start, PAIRS);
    require(host.stats().outcomes().get(Outcome.INJECTED), PAIRS);
    say((LiveHeap.bytes() - before) / PAIRS + " bytes a bound pair after its signal");

    start = System.nanoTime();
    host.vms().close(vm.id());
    host.waits().settled(LONG);
    say("close of the VM", start, PAIRS);
    require(host.counts().irqfds(), 0);
    require(host.counts().eventfds(), PAIRS);
    require(host.counts().vms(), 0);
    require(host.bugs(), 0);
    Await.until(() -> live.get() == 0);
  }

  private void sandboxes() {
    Sandboxes sandboxes = new TestSandboxes().workers(this::worker).clock(System::nanoTime).empty();
    long before = LiveHeap.bytes();

    long start = System.nanoTime();
    for (int i = 0; i < SANDBOXES; i++) {
      Sandbox sandbox =
          sandboxes.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 1, Map.of()));
      Host host = sandbox.host();
      VmFile vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0);
      EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
      host.irqfds().assign(vm.id(), eventfd, 5, null);
      host.eventfds().write(eventfd, 1);
    }
    long injected = 0;
    for (Sandbox sandbox : sandboxes.list(null)) {
      sandbox.host().waits().settled(LONG);
      injected += sandbox.host().stats().outcomes().get(Outcome.INJECTED);
    }
    say("create, bind, signal", start, SANDBOXES);
    require(injected, SANDBOXES);
    require(sandboxes.size(), SANDBOXES);
    Await.until(() -> live.get() == 0);
    say((LiveHeap.bytes() - before) / SANDBOXES + " bytes an idle sandbox, no thread");
    require(sandboxes.size(), SANDBOXES);
  }

  /** Timers of local APICs, one a vCPU, each with a time of its own: no thread waits for one. */
  private void timers() {
    SandboxClock clock = SandboxClock.standing();
    Host host = TestHosts.boot(clock);
    int vms = TIMERS / VCPUS;
    long before = LiveHeap.bytes();
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    for (int vm = 1; vm <= vms; vm++) {
      long id = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
      for (int n = 0; n < VCPUS; n++) {
        long vcpu = n;
        host.vcpus().create(id, vcpu);
        write(host, id, vcpu, SPURIOUS, 0x1ff);
        write(host, id, vcpu, TIMER, VECTOR);
      }
    }
    say("a line of a VM without timers", lines(host), LINES);
    for (int vm = 1; vm <= vms; vm++) {
      for (int n = 0; n < VCPUS; n++) {
        write(host, vm, n, INITIAL, COUNTS + n);
      }
    }
    say("a line of a VM with " + VCPUS + " timers that run", lines(host), LINES);
    require(ManagementFactory.getThreadMXBean().getThreadCount(), threads);
    require(fired(host, vms), 0);

    long start = System.nanoTime();
    clock.advance(3L * COUNTS);
    require(fired(host, vms), (long) vms * VCPUS);
    say("fired", start, vms * VCPUS);
    say((LiveHeap.bytes() - before) / TIMERS + " bytes a vCPU with a timer that has run out");
    require(host.bugs(), 0);
  }

  private static void write(Host host, long vm, long vcpu, int offset, int value) {
    var _ = host.vcpus().guest(vm, vcpu, port -> port.lapicWrite(vcpu, offset, value));
  }

  /** When it began. */
  private static long lines(Host host) {
    long start = System.nanoTime();
    for (int i = 0; i < LINES; i++) {
      host.chips().setLine(1, 5, i % 2 == 0);
    }
    return start;
  }

  private static long fired(Host host, int vms) {
    long fired = 0;
    for (int vm = 1; vm <= vms; vm++) {
      for (int n = 0; n < VCPUS; n++) {
        long vcpu = n;
        fired += host.vcpus().lapics(vm, port -> port.lapic(vcpu)).irr().contains(VECTOR) ? 1 : 0;
      }
    }
    return fired;
  }

  private Executor worker(String queue, String name) {
    return task -> {
      live.incrementAndGet();
      Thread _ =
          Thread.startVirtualThread(() -> {
            try {
              task.run();
            } finally {
              live.decrementAndGet();
            }
          });
    };
  }

  private static void require(long found, long wanted) {
    if (found != wanted) {
      throw new IllegalStateException("found " + found + ", not " + wanted);
    }
  }

  private static void say(String what, long start, int count) {
    say("%s: %.2f s for %d".formatted(what, (System.nanoTime() - start) / 1e9, count));
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
