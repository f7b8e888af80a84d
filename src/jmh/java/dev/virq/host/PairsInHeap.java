package dev.virq.host;

import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.Jvm;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Counts how many bound pairs, each an eventfd and its irqfd, fit into a heap: until the program
 * refuses another one, in one sandbox and in all, and, where nobody counts bytes, until the heap is
 * full. Arguments: options of the JVM that has that heap; {@code -Xmx256m} if there are none.
 */
public final class PairsInHeap {
  private static final List<String> HEAP = List.of("-Xmx256m");

  private PairsInHeap() {}

  /** Prints the numbers. */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> options = args.length == 0 ? HEAP : Arrays.asList(args);
    for (Way way : Way.values()) {
      System.out.println(Jvm.run(options, Filled.class, way.name()));
    }
  }

  private enum Way {
    SANDBOX,
    INSTANCE,
    HEAP
  }

  /** The heap that is filled. */
  public static final class Filled {
    private static final int MOST = 10_000_000;

    /** As application.yaml has them. */
    private static final int INSTANCE_SHARE = 45;

    private static final int SANDBOX_SHARE = 25;
    private static final long GUARANTEED = 64 * 1_024;

    private static final Limits LIMITS =
        TestLimits.with(
            Map.of(
                "eventfds", MOST, "descriptors", MOST, "irqfds", MOST, "objects-total", 3L * MOST));

    private static long pairs;

    private Filled() {}

    /** Fills it in one way, and prints how many pairs there were. */
    public static void main(String[] args) {
      long heap = Runtime.getRuntime().maxMemory();
      String end = "";
      try {
        switch (Way.valueOf(args[0])) {
          case SANDBOX -> fill(instance(heap), 1);
          case INSTANCE -> fill(instance(heap), MOST);
          case HEAP ->
              fill(
                  new Host(
                      HostOptions.alone(
                          "heap", 1, Workers.virtual(), LIMITS, Probe.NONE, () -> 0)));
        }
      } catch (ErrnoException e) {
        end = e.errno() + ": " + e.sentence();
      } catch (OutOfMemoryError e) {
        // What filled the heap is garbage by now.
        end = e.toString();
      }
      if (pairs == 0) {
        throw new IllegalStateException("no pair was made; " + end);
      }
      System.out.printf(
          "%s: %,d pairs in a heap of %,d bytes, one for %,d of them; %s%n",
          args[0], pairs, heap, heap / pairs, end);
    }

    private static Sandboxes instance(long heap) {
      return new TestSandboxes()
          .limits(LIMITS)
          .memory(MemoryLimits.shares(heap, INSTANCE_SHARE, SANDBOX_SHARE, GUARANTEED))
          .clock(System::nanoTime)
          .empty();
    }

    /** Fills so many sandboxes, each until it refuses; the next one may be refused as well. */
    private static void fill(Sandboxes sandboxes, int count) {
      for (int i = 0; i < count; i++) {
        Host host =
            sandboxes.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 1, Map.of())).host();
        try {
          fill(host);
        } catch (ErrnoException e) {
          if (count == 1) {
            throw e;
          }
        }
      }
    }

    /** Makes pairs until it throws. */
    private static void fill(Host host) {
      long vm = host.vms().create(null, IrqChip.Kind.KERNEL, 0).id();
      for (int i = 0; ; i++) {
        EventfdName eventfd = EventfdName.id(host.eventfds().create(0, false, false, null).id());
        var _ = host.irqfds().assign(vm, eventfd, i % 24, null);
        pairs++;
      }
    }
  }
}
