package dev.virq.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.trace.Detail;
import dev.virq.trace.Outcome;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a scrape says about signals was true at one moment, whatever signals do meanwhile. */
class SignalCountersTest {
  private static final int SCRAPES = 2_000;
  private static final int THREADS = 3;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new OneMoment(), Clock.SYSTEM);
  private final MeterProbe probe = new MeterProbe(registry);

  @Test
  void everyScrapeUnderLoadIsExact() throws Exception {
    underLoad(() -> {
      long last = 0;
      for (int i = 0; i < SCRAPES; i++) {
        Law law = Law.of(registry.scrape());

        law.holds();
        assertThat(law.accepted()).isGreaterThanOrEqualTo(last);
        last = law.accepted();
      }
    });
    assertThat(Law.of(registry.scrape()).pending()).isZero();
  }

  @Test
  void scrapeOfSomeMetersIsExactToo() throws Exception {
    Set<String> some = Set.of("irqfd_signals", "irqfd_signals_accepted", "irqfd_signals_pending");
    underLoad(() -> {
      for (int i = 0; i < SCRAPES; i++) {
        String scrape = registry.scrape("text/plain", some);

        assertThat(scrape).doesNotContain("resamples");
        Law.of(scrape).holds();
      }
    });
  }

  @Test
  void pendingIsWhatHasNoOutcomeYet() {
    probe.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE);
    probe.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE);
    probe.hit(Tracepoint.SIGNAL_FINISHED, Subject.NONE, 0, Outcome.NOT_BOUND);

    assertThat(Law.of(registry.scrape())).isEqualTo(new Law(2, 1, 1));
  }

  private void underLoad(Runnable scrapes) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        load.add(threads.submit(() -> signal(done)));
      }
      try {
        scrapes.run();
      } finally {
        done.set(true);
      }
      for (Future<?> one : load) {
        one.get();
      }
    }
  }

  private void signal(AtomicBoolean done) {
    Outcome[] outcomes = Outcome.values();
    for (int i = 0; !done.get(); i++) {
      probe.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE, 1, Detail.NONE);
      probe.hit(Tracepoint.SIGNAL_FINISHED, Subject.NONE, 1_000, outcomes[i % outcomes.length]);
    }
  }
}
