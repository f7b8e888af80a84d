package dev.virq.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Passes each tracepoint on to the probes that observe it, in the order given; breakpoints belong
 * last. A tracepoint without an observer costs one array access; one with an observer that is only
 * for watchers costs, while nobody looks, one call to learn that.
 */
public final class Probes implements Probe {
  private static final Probe[] NOBODY = {};

  private final BooleanSupplier watched;

  /** By point who observes it while somebody looks. */
  private final Probe[][] byPoint;

  /** By point who observes it while nobody does: the same array where that makes no difference. */
  private final Probe[][] unwatched;

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
   * @param watched whether somebody looks; asked at many hits, so it must be cheap and take no lock
   */
  public Probes(List<Probe> probes, BooleanSupplier watched) {
    this.watched = watched;
    Tracepoint[] points = Tracepoint.values();
    byPoint = new Probe[points.length][];
    unwatched = new Probe[points.length][];
    // Points with the same observers share an array: every sandbox has these tables.
    Map<List<Probe>, Probe[]> arrays = new HashMap<>();
    for (Tracepoint point : points) {
      List<Probe> all = probes.stream().filter(probe -> probe.observes(point)).toList();
      List<Probe> always = all.stream().filter(probe -> !probe.observesForWatchers(point)).toList();
      byPoint[point.ordinal()] = arrays.computeIfAbsent(all, Probes::array);
      unwatched[point.ordinal()] = arrays.computeIfAbsent(always, Probes::array);
    }
  }

  private static Probe[] array(List<Probe> probes) {
    return probes.isEmpty() ? NOBODY : probes.toArray(Probe[]::new);
  }

  @SuppressWarnings("ReferenceEquality") // that very array
  private Probe[] observers(Tracepoint point) {
    Probe[] all = byPoint[point.ordinal()];
    Probe[] always = unwatched[point.ordinal()];
    return all == always || !watched.getAsBoolean() ? always : all;
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    for (Probe probe : observers(point)) {
      probe.hit(point, subject, value, detail);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Outcome outcome) {
    for (Probe probe : observers(point)) {
      probe.hit(point, subject, value, outcome);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, EndCause cause) {
    for (Probe probe : observers(point)) {
      probe.hit(point, subject, value, cause);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, LineStatus status) {
    for (Probe probe : observers(point)) {
      probe.hit(point, subject, value, status);
    }
  }

  @Override
  public boolean observes(Tracepoint point) {
    return byPoint[point.ordinal()].length > 0;
  }
}
