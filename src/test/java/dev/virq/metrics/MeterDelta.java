package dev.virq.metrics;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tag;
import java.util.Map;
import java.util.TreeMap;

/** Which series of a registry moved since this was made, and by how much. */
final class MeterDelta {
  private final MeterRegistry registry;
  private final Map<String, Double> before;

  MeterDelta(MeterRegistry registry) {
    this.registry = registry;
    this.before = now(registry);
  }

  /** Every series that moved, as {@code name} or {@code name{tag value}}; of timers, the count. */
  Map<String, Double> all() {
    Map<String, Double> moved = new TreeMap<>();
    now(registry)
        .forEach((series, value) -> {
          double by = value - before.getOrDefault(series, 0.0);
          if (by != 0) {
            moved.put(series, by);
          }
        });
    return moved;
  }

  private static Map<String, Double> now(MeterRegistry registry) {
    Map<String, Double> values = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      String name = meter.getId().getName();
      if (name.endsWith(".histogram")) {
        // What the simple registry makes of a timer's buckets.
        continue;
      }
      for (Tag tag : meter.getId().getTags()) {
        name += "{" + tag.getValue() + "}";
      }
      for (Measurement measurement : meter.measure()) {
        Statistic kind = measurement.getStatistic();
        if (kind != Statistic.TOTAL_TIME && kind != Statistic.MAX) {
          values.put(name, measurement.getValue());
        }
      }
    }
    return values;
  }
}
