package dev.virq.trace;

import java.util.Arrays;
import java.util.List;

/**
 * Passes each tracepoint on to the probes that observe it, in the order given; breakpoints belong
 * last. A tracepoint without an observer costs one array access.
 */
public final class Probes implements Probe {
  private static final Probe[] NOBODY = {};

  private final Probe[][] byPoint;

  /**
   * A fan-out.
   *
   * @param probes in calling order
   */
  public Probes(List<Probe> probes) {
    Tracepoint[] points = Tracepoint.values();
    Probe[] all = probes.toArray(Probe[]::new);
    Probe[] observers = new Probe[all.length];
    byPoint = new Probe[points.length][];
    for (Tracepoint point : points) {
      int size = 0;
      for (Probe probe : all) {
        if (probe.observes(point)) {
          observers[size++] = probe;
        }
      }
      byPoint[point.ordinal()] = size == 0 ? NOBODY : Arrays.copyOf(observers, size);
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
