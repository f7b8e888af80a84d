package dev.virq.sandbox;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.LiveHeap;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Probe;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Says what objects take of a heap; run by {@link FootprintTest} in a JVM of its own. */
final class Footprint {
  private static final int PAIRS = 50_000;
  private static final int SANDBOXES = 1_000;
  private static final int VMS = 1_000;
  private static final int SIGNALS = 1_000;

  private Footprint() {}

  /** Prints one line a figure: its name and bytes. */
  public static void main(String[] args) {
    // Once for the classes, and once to be measured.
    pairs(false);
    pairs(true);
    sandboxes("sandbox", host -> {});
    sandboxes("sandbox-with-a-pair", Footprint::pair);
    signals();
  }

  /** What a signal allocates, from the write to the injection: this thread does both. */
  private static void signals() {
    ManualExecutor workers = new ManualExecutor();
    Host host = TestHosts.boot(1, Probe.NONE, (_, _) -> workers, TestLimits.defaults());
    long vm = TestHosts.vm(host).id();
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm, eventfd, 5, null);
    Runnable signal =
        () -> {
          host.eventfds().write(eventfd, 1);
          workers.runAll();
        };
    Object[] kept = new Object[1];
    say("signal", allocated(signal));
    say("signal-by-the-writer", allocated(byTheWriter()));
    say(
        "fatter-signal",
        allocated(() -> {
          signal.run();
          kept[0] = new long[6];
        }));
    System.out.println(host.stats().outcomes() + " " + kept.length);
  }

  /** As it is while nobody looks: no worker takes part. */
  private static Runnable byTheWriter() {
    Host host = TestHosts.boot(1);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(TestHosts.vm(host).id(), eventfd, 5, null);
    return () -> host.eventfds().write(eventfd, 1);
  }

  private static long allocated(Runnable signal) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // The virtual machine allocates a little on this thread, once, while it links and compiles.
    for (int batch = 0; batch < 30; batch++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < SIGNALS; i++) {
        signal.run();
      }
      least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / SIGNALS);
    }
    return least;
  }

  private static void pairs(boolean said) {
    Host host = new Host(HostOptions.inProcess());
    long start = LiveHeap.bytes();
    long first = pair(host, 0, said ? "pair" : "");
    if (said) {
      say("left", (LiveHeap.bytes() - start) * 1_000 / first);
      long _ = pair(host, 8, "fatter");
      say("left-again", (LiveHeap.bytes() - start) * 1_000 / first);
      // The log is as long as it gets, of the pairs.
      long before = LiveHeap.bytes();
      for (int i = 0; i < VMS; i++) {
        host.vms().create(null, IrqChip.Kind.KERNEL, 0);
      }
      say("vm", (LiveHeap.bytes() - before) / VMS);
    }
    System.out.println(host.counts());
  }

  /** Binds, measures, and closes all; each pair with some words more. Bytes of all pairs. */
  private static long pair(Host host, int words, String what) {
    List<long[]> more = new ArrayList<>(PAIRS);
    long start = LiveHeap.bytes();
    long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
    List<Long> eventfds = new ArrayList<>(PAIRS);
    for (int i = 0; i < PAIRS; i++) {
      long eventfd = host.eventfds().create(0, false, false, null).id();
      host.irqfds().assign(vm, EventfdName.id(eventfd), i % 24, null);
      eventfds.add(eventfd);
      if (words > 0) {
        more.add(new long[words - 2]);
      }
    }
    long all = LiveHeap.bytes() - start;
    if (!what.isEmpty()) {
      say(what, all / PAIRS);
    }
    host.vms().close(vm);
    host.waits().settled(Duration.ofMinutes(1).toNanos());
    eventfds.forEach(eventfd -> host.eventfds().close(EventfdName.id(eventfd)));
    host.waits().settled(Duration.ofMinutes(1).toNanos());
    return more.isEmpty() || more.size() == PAIRS ? all : 0;
  }

  private static void sandboxes(String what, Consumer<Host> fill) {
    Sandboxes sandboxes = new TestSandboxes().clock(System::nanoTime).empty();
    long start = LiveHeap.bytes();
    for (int i = 0; i < SANDBOXES; i++) {
      fill.accept(
          sandboxes.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 1, Map.of())).host());
    }
    say(what, (LiveHeap.bytes() - start) / SANDBOXES);
    System.out.println(sandboxes.size());
  }

  /** A VM with the full controller, and an eventfd bound to a line of it. */
  private static void pair(Host host) {
    long vm = TestHosts.vm(host).id();
    host.irqfds().assign(vm, TestHosts.eventfd(host), 5, null);
  }

  private static void say(String what, long bytes) {
    System.out.println(what + ": " + bytes);
  }
}
