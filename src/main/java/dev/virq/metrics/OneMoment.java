package dev.virq.metrics;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.registry.PrometheusScrapeRequest;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.IdentityHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The registry that is scraped. Each scrape reads a set of counters once, whatever the number of
 * meters that show them, so that what it says about them was true at one moment.
 */
@Component
public final class OneMoment extends PrometheusRegistry {
  private static final ScopedValue<Scrape> SCRAPE = ScopedValue.newInstance();

  /** One scrape, by one thread. */
  private static final class Scrape {
    private final IdentityHashMap<Counters<?>, Object> readings = new IdentityHashMap<>();

    @SuppressWarnings("unchecked") // what stands under counters is what they read
    <R> R reading(Counters<R> counters) {
      return (R) readings.computeIfAbsent(counters, Counters::read);
    }
  }

  /**
   * Counters that are true together only when they are read together.
   *
   * @param <R> all of them at one moment
   */
  @FunctionalInterface
  interface Counters<R> {
    /** The counters now. */
    R read();
  }

  /** The counters as this thread's scrape has them; as they are now when it makes none. */
  static <R> R reading(Counters<R> counters) {
    return SCRAPE.isBound() ? SCRAPE.get().reading(counters) : counters.read();
  }

  // The other two ways to scrape end in these.

  @Override
  public MetricSnapshots scrape(@Nullable PrometheusScrapeRequest request) {
    return ScopedValue.where(SCRAPE, new Scrape()).call(() -> super.scrape(request));
  }

  @Override
  public MetricSnapshots scrape(
      Predicate<String> names, @Nullable PrometheusScrapeRequest request) {
    return ScopedValue.where(SCRAPE, new Scrape()).call(() -> super.scrape(names, request));
  }
}
