package dev.virq.attacks.rig;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void percentilesAreOfTheSortedLengths() {
    Latencies latencies = new Latencies();
    for (int millis = 100; millis > 0; millis--) {
      latencies.add(millis * 1_000_000L);
    }

    assertThat(latencies.count()).isEqualTo(100);
    assertThat(latencies.millis(0.5)).isEqualTo(50);
    assertThat(latencies.millis(0.99)).isEqualTo(99);
    assertThat(latencies.millis(1)).isEqualTo(100);
    assertThat(new Latencies().millis(0.99)).isZero();
  }

  @Test
  void theLawIsTakenFromOneScrape() {
    String scrape =
        """
        # HELP irqfd_signals_total signals
        irqfd_signals_total{outcome="injected"} 40.0
        irqfd_signals_total{outcome="not_bound"} 7.0
        irqfd_signals_pending 3.0
        irqfd_signals_accepted_total %s
        """;

    assertThat(Scrape.parse(scrape.formatted("50.0")).lawDifference()).isZero();
    assertThat(Scrape.parse(scrape.formatted("53.0")).lawDifference()).isEqualTo(3);
    assertThat(Scrape.parse(scrape.formatted("49.0")).lawDifference()).isEqualTo(-1);
  }
}
