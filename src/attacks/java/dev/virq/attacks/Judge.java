package dev.virq.attacks;

import dev.virq.attacks.rig.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says what was wrong. Percentiles move with whatever else the machine does, so they are judged
 * only when asked; the rest holds on any machine.
 */
final class Judge {
  private static final double WORST_VICTIM_MILLIS = 50;
  private static final double WORST_TIMES_QUIET = 3;
  private static final double WORST_LIVENESS_MILLIS = 100;

  /** The container's memory, which the process has to fit into. */
  private static final long CONTAINER = 512L << 20;

  /**
   * What stays of all attacks without being their objects: buffers that are kept to use again, such
   * as those for JSON, and what was compiled. Small, the connector's own, too.
   */
  private static final long CACHES = (Settings.FULL ? 4L : 16L) << 20;

  private final boolean percentiles;

  Judge(boolean percentiles) {
    this.percentiles = percentiles;
  }

  /** The most live heap that may be left. */
  static long allowance(long heapBefore) {
    return heapBefore + heapBefore / 50 + CACHES;
  }

  /** All that was wrong; empty when nothing was. */
  List<String> complaints(Evidence seen) {
    List<String> all = new ArrayList<>();
    if (!seen.end().isEmpty()) {
      all.add("the process ended: " + seen.end());
    }
    seen.victimFailures().forEach(failure -> all.add("victim " + failure));
    if (seen.victim().count() == 0) {
      all.add("the victim was not answered once");
    }
    all.addAll(seen.livenessFailures());
    seen.log().forEach(line -> all.add("log: " + line.strip()));
    seen.faults().forEach(fault -> all.add("attacker: " + fault));
    if (seen.end().isEmpty() && seen.heapAfter() > allowance(seen.heapBefore())) {
      all.add(
          "%d bytes of heap are left of %d before".formatted(seen.heapAfter(), seen.heapBefore()));
    }
    if (percentiles) {
      judgePercentiles(seen, all);
    }
    return all;
  }

  private static void judgePercentiles(Evidence seen, List<String> all) {
    double most = Math.max(WORST_VICTIM_MILLIS, WORST_TIMES_QUIET * seen.quiet().millis(0.99));
    double victim = seen.victim().millis(0.99);
    if (victim > most) {
      all.add(String.format(Locale.ROOT, "victim p99 %.1f ms is over %.1f", victim, most));
    }
    double liveness = seen.liveness().millis(0.99);
    if (liveness >= WORST_LIVENESS_MILLIS) {
      all.add(String.format(Locale.ROOT, "liveness p99 is %.1f ms", liveness));
    }
    if (seen.resident() > CONTAINER) {
      all.add("resident were " + (seen.resident() >> 20) + " MiB");
    }
  }
}
