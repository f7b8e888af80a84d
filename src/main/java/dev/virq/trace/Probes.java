package dev.virq.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes every tracepoint on to several probes, in the order given; breakpoints belong last. */
public final class Probes implements Probe {
  private final Probe[] probes;

  /**
   * A fan-out.
   *
   * @param probes in calling order
   */
  public Probes(List<Probe> probes) {
    this.probes = probes.toArray(Probe[]::new);
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, @Nullable Object detail) {
    for (Probe probe : probes) {
      probe.hit(point, subject, value, detail);
    }
  }
}
