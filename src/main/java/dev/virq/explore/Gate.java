package dev.virq.explore;

import dev.virq.schedule.ControlledScheduler;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;

/**
 * Stands before all who look at a run. Once it is given up its threads end all at once, and what
 * they do on the way is neither in turn nor of the run: none of it is seen.
 */
final class Gate implements Probe {
  private final ControlledScheduler scheduler;
  private final List<Probe> behind;

  /**
   * Before these.
   *
   * @param behind are told after it
   */
  Gate(ControlledScheduler scheduler, List<Probe> behind) {
    this.scheduler = scheduler;
    this.behind = List.copyOf(behind);
  }

  @Override
  public boolean observes(Tracepoint point) {
    return behind.stream().anyMatch(probe -> probe.observes(point));
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    scheduler.endIfHalted();
  }
}
