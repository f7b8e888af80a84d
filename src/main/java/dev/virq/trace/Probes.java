package dev.virq.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Passes each tracepoint on to the probes that observe it, in the order given; breakpoints belong
 * last. A tracepoint without an observer costs one array access, and so does one whose observers
 * are only for watchers, while nobody looks.
 */
public final class Probes implements Probe {
  private static final Probe[] NOBODY = {};

  private final BooleanSupplier watched;

  /** By point who observes it while somebody looks. */
  private final Probe[][] whileWatched;

  /** By point who observes it while nobody does. */
  private final Probe[][] whileUnwatched;

  /** One of the two. Volatile: read by every thread that passes. */
  private volatile Probe[][] byPoint;

  /**
   * A fan-out to probes that always observe what they observe.
   *
   * @param probes in calling order
   */
  public Probes(List<Probe> probes) {
    this(probes, () -> true);
  }

  /**
   * A fan-out.
   *
   * @param probes in calling order
   * @param watched whether somebody looks; {@link #look} asks it
   */
  public Probes(List<Probe> probes, BooleanSupplier watched) {
    this.watched = watched;
    if (probes.size() > Integer.SIZE) {
      throw new IllegalArgumentException(probes.size() + " probes are more than " + Integer.SIZE);
    }
    Probe[] all = probes.toArray(Probe[]::new);
    Tracepoint[] points = Tracepoint.values();
    whileWatched = new Probe[points.length][];
    whileUnwatched = new Probe[points.length][];
    // Points with the same observers share an array: every sandbox has these tables.
    Map<Integer, Probe[]> arrays = new HashMap<>();
    for (Tracepoint point : points) {
      int observers = 0;
      int always = 0;
      for (int i = 0; i < all.length; i++) {
        if (all[i].observes(point)) {
          observers |= 1 << i;
          always |= all[i].observesForWatchers(point) ? 0 : 1 << i;
        }
      }
      whileWatched[point.ordinal()] = arrays.computeIfAbsent(observers, of -> chosen(all, of));
      whileUnwatched[point.ordinal()] = arrays.computeIfAbsent(always, of -> chosen(all, of));
    }
    byPoint = watched.getAsBoolean() ? whileWatched : whileUnwatched;
  }

  /** Looks whether somebody looks; to be called after that has changed. */
  public synchronized void look() {
    byPoint = watched.getAsBoolean() ? whileWatched : whileUnwatched;
  }

  /** Those of the probes whose bit is set. */
  private static Probe[] chosen(Probe[] all, int bits) {
    if (bits == 0) {
      return NOBODY;
    }
    Probe[] chosen = new Probe[Integer.bitCount(bits)];
    int size = 0;
    for (int i = 0; i < all.length; i++) {
      if ((bits & 1 << i) != 0) {
        chosen[size++] = all[i];
      }
    }
    return chosen;
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    for (Probe probe : byPoint[point.ordinal()]) {
      probe.hit(point, subject, value, detail);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Outcome outcome) {
    for (Probe probe : byPoint[point.ordinal()]) {
      probe.hit(point, subject, value, outcome);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, EndCause cause) {
    for (Probe probe : byPoint[point.ordinal()]) {
      probe.hit(point, subject, value, cause);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, LineStatus status) {
    for (Probe probe : byPoint[point.ordinal()]) {
      probe.hit(point, subject, value, status);
    }
  }

  @Override
  public boolean observes(Tracepoint point) {
    return whileWatched[point.ordinal()].length > 0;
  }

  @Override
  public boolean isObserved(Tracepoint point) {
    return byPoint[point.ordinal()].length > 0;
  }
}
