package dev.virq.handover;

import dev.virq.host.Host;
import dev.virq.sandbox.DrainReport;
import dev.virq.sandbox.Fill;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Fills an instance with one kind of object after the other, or with a mix, ends it, and goes on
 * with all of it, in the heap that there is. It throws when memory runs out, or when something is
 * lost.
 */
final class FullHandover {
  private static final Duration BUDGET = Duration.ofMinutes(5);

  private FullHandover() {}

  /** Takes a directory. */
  public static void main(String[] args) throws IOException {
    Path parent = Path.of(args[0]);
    // The program itself takes a fifth of the image's heap, if not less.
    byte[] program = new byte[(int) (Runtime.getRuntime().maxMemory() / 5)];
    try {
      for (Fill.Kind kind : Fill.Kind.values()) {
        System.out.println(run(parent.resolve(kind.name()), kind));
      }
    } finally {
      Reference.reachabilityFence(program);
    }
  }

  private static String run(Path directory, Fill.Kind kind) throws IOException {
    long heap = Runtime.getRuntime().maxMemory();
    Sandboxes full = Fill.full(1, kind);
    int sandboxes = full.size();
    long charged = full.memoryUsed();
    AtomicInteger left = new AtomicInteger();
    AtomicReference<String> before = new AtomicReference<>();
    try (Handover handover = new Handover(directory, "test", heap)) {
      handover.began();
      full.beginDrain();
      DrainReport report =
          full.drain(
              BUDGET,
              settled -> {
                before.set(objects(full));
                left.set(handover.leave(settled, BUDGET));
              });
      if (!report.complete()) {
        throw new AssertionError(report);
      }
    }
    long longest = 0;
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory.resolve("left"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        bytes += Files.size(file);
        longest = Math.max(longest, Files.size(file));
      }
    }
    Sandboxes next = Fill.empty();
    Set<String> taken;
    try (Handover handover = new Handover(directory, "test", heap)) {
      taken = handover.take(next);
      handover.withdraw();
      handover.began();
    }
    long again = next.memoryUsed();
    String after = objects(next);
    DrainReport _ = next.drain(BUDGET);
    if (left.get() != sandboxes
        || taken.size() != sandboxes
        || again > charged
        || !after.equals(before.get())) {
      throw new AssertionError(
          "%s: %d sandboxes of %d bytes, %d left, %d taken, of %d bytes, with %s of %s"
              .formatted(
                  kind, sandboxes, charged, left.get(), taken.size(), again, after, before.get()));
    }
    return "%s: %d sandboxes of %d bytes, of %d bytes again, longest file %d of %d"
        .formatted(kind, sandboxes, charged, again, longest, bytes);
  }

  /** How many objects there are, and what the next ones are called. */
  private static String objects(Sandboxes all) {
    TreeMap<String, String> each = new TreeMap<>();
    for (Sandbox sandbox : all.list(null)) {
      Host host = sandbox.host();
      each.put(
          sandbox.settings().name(),
          List.of(
                  host.counts().vms(),
                  host.counts().eventfds(),
                  host.counts().irqfds(),
                  host.vms().next(),
                  host.eventfds().next(),
                  host.irqfds().next(),
                  host.signals().next())
              .toString());
    }
    return each.toString();
  }
}
