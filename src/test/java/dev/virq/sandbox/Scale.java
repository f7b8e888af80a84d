package dev.virq.sandbox;

import static dev.virq.testing.Systems.LONG;

import dev.virq.errno.Errno;
import dev.virq.eventfd.Outcome;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.Asleep;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/** Fills a small heap and says what it took; run by {@link ScaleTest} in a JVM of its own. */
final class Scale {
  private static final int PAIRS = 100_000;
  private static final int SANDBOXES = 10_000;

  /** Worker threads that live now. */
  private final AtomicLong live = new AtomicLong();

  private Scale() {}

  /** Takes {@code pairs} or {@code sandboxes}; throws when the count is not what it should be. */
  public static void main(String[] args) {
    Scale scale = new Scale();
    switch (args[0]) {
      case "pairs" -> scale.pairs();
      case "sandboxes" -> scale.sandboxes();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private void pairs() {
    Limits limits = Limits.defaults();
    Kernel kernel =
        new Kernel(
            new KernelSetup(
                "scale",
                2,
                2,
                this::worker,
                limits,
                new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null),
                Probe.NONE,
                new TraceBuffer(limits.events(), () -> 0),
                () -> 0));
    VmEntry vm = kernel.vms().create(null, IrqChip.Kind.KERNEL, 0);
    long before = usedBytes();

    long start = System.nanoTime();
    for (int i = 0; i < PAIRS; i++) {
      EventfdEntry eventfd = kernel.eventfds().create(0, false, false, null);
      kernel.irqfds().assign(vm.id(), EventfdRef.id(eventfd.id()), i % 24, null);
    }
    say("bind", start, PAIRS);
    require(kernel.counts().irqfds(), PAIRS);
    say((usedBytes() - before) / PAIRS + " bytes a bound pair");

    start = System.nanoTime();
    for (int i = 1; i <= PAIRS; i++) {
      kernel.eventfds().write(EventfdRef.id(i), 1);
    }
    kernel.waits().settled(LONG);
    say("signal", start, PAIRS);
    require(kernel.stats().outcomes().get(Outcome.INJECTED), PAIRS);
    say((usedBytes() - before) / PAIRS + " bytes a bound pair after its signal");

    start = System.nanoTime();
    kernel.vms().close(vm.id());
    kernel.waits().settled(LONG);
    say("close of the VM", start, PAIRS);
    require(kernel.counts().irqfds(), 0);
    require(kernel.counts().eventfds(), PAIRS);
    require(kernel.counts().vms(), 0);
    require(kernel.bugs(), 0);
    Asleep.until(() -> live.get() == 0);
  }

  private void sandboxes() {
    Sandboxes sandboxes =
        new Sandboxes(
            Limits.defaults(), this::worker, Probe.NONE, System::nanoTime, () -> 0, 1, false);
    long before = usedBytes();

    long start = System.nanoTime();
    for (int i = 0; i < SANDBOXES; i++) {
      Sandbox sandbox =
          sandboxes.create(new SandboxSettings("rig-" + i, Duration.ofHours(1), 1, Map.of()));
      Kernel kernel = sandbox.kernel();
      VmEntry vm = kernel.vms().create(null, IrqChip.Kind.KERNEL, 0);
      EventfdRef eventfd = EventfdRef.id(kernel.eventfds().create(0, false, false, null).id());
      kernel.irqfds().assign(vm.id(), eventfd, 5, null);
      kernel.eventfds().write(eventfd, 1);
    }
    long injected = 0;
    for (Sandbox sandbox : sandboxes.list(null)) {
      sandbox.kernel().waits().settled(LONG);
      injected += sandbox.kernel().stats().outcomes().get(Outcome.INJECTED);
    }
    say("create, bind, signal", start, SANDBOXES);
    require(injected, SANDBOXES);
    require(sandboxes.size(), SANDBOXES);
    Asleep.until(() -> live.get() == 0);
    say((usedBytes() - before) / SANDBOXES + " bytes an idle sandbox, no thread");
    require(sandboxes.size(), SANDBOXES);
  }

  private Executor worker(String name) {
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

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
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
