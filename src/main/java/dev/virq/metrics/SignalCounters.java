package dev.virq.metrics;

import dev.virq.trace.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * Counts signals, accepted and by outcome, and shows them as they were at one moment: in every
 * reading, accepted is the sum of the outcomes plus pending.
 *
 * <p>Any thread. Counting takes no lock; what a reading costs is paid by the reader.
 */
final class SignalCounters implements OneMoment.Counters<SignalCounters.Reading> {
  /** How often a reading is tried again while signals end; then the last one has to do. */
  private static final int TRIES = 16;

  private final LongAdder accepted = new LongAdder();
  private final LongAdder[] outcomes = new LongAdder[Outcome.values().length];

  SignalCounters() {
    Arrays.setAll(outcomes, outcome -> new LongAdder());
  }

  /** All counters at one moment. */
  static final class Reading {
    private final long accepted;
    private final long[] outcomes;

    private Reading(long accepted, long[] outcomes) {
      this.accepted = accepted;
      this.outcomes = outcomes;
    }

    long accepted() {
      return accepted;
    }

    long of(Outcome outcome) {
      return outcomes[outcome.ordinal()];
    }

    /** Accepted, and without an outcome yet. */
    long pending() {
      return accepted - Arrays.stream(outcomes).sum();
    }
  }

  /** A signal was accepted; comes before its outcome. */
  void accepted() {
    accepted.increment();
  }

  /** A signal has its outcome. */
  void finished(Outcome outcome) {
    outcomes[outcome.ordinal()].increment();
  }

  @Override
  public Reading read() {
    long[] before = outcomes();
    for (int i = 0; ; i++) {
      long sum = accepted.sum();
      long[] after = outcomes();
      // No counter ever goes down. So equal outcomes before and after were the outcomes all the
      // time between, also when accepted was read. Where signals end faster than they can be read,
      // the outcomes from before will do: a signal counted in them was accepted before, too, and
      // those that ended since stand under pending.
      if (Arrays.equals(before, after) || i == TRIES) {
        return new Reading(sum, before);
      }
      before = after;
    }
  }

  private long[] outcomes() {
    return Arrays.stream(outcomes).mapToLong(LongAdder::sum).toArray();
  }

  /** Registers the meters that show the counters. */
  void register(MeterRegistry registry) {
    Meters.SIGNALS_ACCEPTED.counter(registry, this, show(Reading::accepted));
    Meters.SIGNALS.counters(
        registry, this, index -> show(reading -> reading.of(Outcome.values()[index])));
    Meters.INJECTIONS.counter(registry, this, show(reading -> reading.of(Outcome.INJECTED)));
    Meters.SIGNALS_PENDING.gauge(registry, () -> OneMoment.reading(this).pending());
  }

  private static ToLongFunction<SignalCounters> show(ToLongFunction<Reading> one) {
    return counters -> one.applyAsLong(OneMoment.reading(counters));
  }
}
