package dev.virq.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/**
 * What one scrape says about signals.
 *
 * @param accepted signals accepted
 * @param finished the sum over the outcomes
 * @param pending signals without an outcome
 */
public record Law(long accepted, long finished, long pending) {
  /** The sums of a scrape in Prometheus's text format. */
  public static Law of(String scrape) {
    return new Law(
        sum(scrape, "irqfd_signals_accepted_total"),
        sum(scrape, "irqfd_signals_total"),
        sum(scrape, "irqfd_signals_pending"));
  }

  /** Accepted is what is finished plus what is pending, and nothing is less than 0. */
  public void holds() {
    assertThat(pending).as(toString()).isNotNegative();
    assertThat(accepted).as(toString()).isEqualTo(finished + pending);
  }

  private static long sum(String scrape, String meter) {
    double[] values =
        scrape
            .lines()
            .filter(line -> line.startsWith(meter + " ") || line.startsWith(meter + "{"))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .toArray();
    assertThat(values).as("%s in:%n%s", meter, scrape).isNotEmpty();
    return (long) Arrays.stream(values).sum();
  }
}
