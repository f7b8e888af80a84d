package dev.virq.attacks.endurance;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.LongStream;

/** Whether a series of figures stays where it is: its last third against the one before. */
final class Flatness {
  private static final int LEAST = 6;

  private Flatness() {}

  /**
   * Says how a series grew, if it did.
   *
   * @param part by which it may grow, such as 0.03
   * @param slack which it may grow in any case
   */
  static Optional<String> complaint(String name, long[] series, double part, double slack) {
    if (series.length < LEAST) {
      return Optional.empty();
    }
    int third = series.length / 3;
    double middle = mean(series, third, series.length - third);
    double last = mean(series, series.length - third, series.length);
    return last <= middle * (1 + part) + slack
        ? Optional.empty()
        : Optional.of(String.format(Locale.ROOT, "%s grew from %.0f to %.0f", name, middle, last));
  }

  private static double mean(long[] series, int from, int to) {
    return LongStream.of(series).skip(from).limit(to - (long) from).average().orElse(0);
  }
}
