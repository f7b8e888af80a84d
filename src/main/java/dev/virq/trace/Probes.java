package dev.virq.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Passes each tracepoint on to the probes that observe it, in the order given; breakpoints belong
 * last. A tracepoint without an observer costs one array access.
 */
public final class Probes implements Probe {
  private final Probe[][] byPoint;

  /**
   * A fan-out.
   *
   * @param probes in calling order
   */
  public Probes(List<Probe> probes) {
    Tracepoint[] points = Tracepoint.values();
    byPoint = new Probe[points.length][];
    for (Tracepoint point : points) {
      List<Probe> observers = new ArrayList<>(probes.size());
      for (Probe probe : probes) {
        if (probe.observes(point)) {
          observers.add(probe);
        }
      }
      byPoint[point.ordinal()] = observers.toArray(Probe[]::new);
    }
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
    return byPoint[point.ordinal()].length > 0;
  }
}
