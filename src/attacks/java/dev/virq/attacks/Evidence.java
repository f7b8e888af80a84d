package dev.virq.attacks;

import dev.virq.attacks.rig.Latencies;
import java.util.List;
import java.util.Locale;

/**
 * What was seen of one attack.
 *
 * @param attack its name
 * @param end how the process ended, or the empty string when it lives
 * @param quiet how long the victim waited before
 * @param victim how long the victim waited meanwhile
 * @param victimFailures what the victim was refused
 * @param liveness how long liveness took meanwhile
 * @param livenessFailures where it was not there
 * @param log lines that a healthy process does not write
 * @param faults answers that nobody must get
 * @param heapBefore bytes of live objects before the first attack
 * @param heapAfter and when everything of the attacker's was deleted again
 * @param resident the most memory that the process had, its files left out
 * @param answers what the attacker was answered
 */
record Evidence(
    String attack,
    String end,
    Latencies quiet,
    Latencies victim,
    List<String> victimFailures,
    Latencies liveness,
    List<String> livenessFailures,
    List<String> log,
    List<String> faults,
    long heapBefore,
    long heapAfter,
    long resident,
    String answers) {

  private static final double MIB = 1 << 20;

  /** One line of figures. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%-34s victim quiet p99 %.1f, p50 %.1f p99 %.1f max %.1f ms (n=%d) | liveness p99 %.1f max"
            + " %.1f ms | heap %.1f -> %.1f MiB, resident %.0f MiB | %s",
        attack,
        quiet.millis(0.99),
        victim.millis(0.5),
        victim.millis(0.99),
        victim.millis(1),
        victim.count(),
        liveness.millis(0.99),
        liveness.millis(1),
        heapBefore / MIB,
        heapAfter / MIB,
        resident / MIB,
        answers);
  }
}
