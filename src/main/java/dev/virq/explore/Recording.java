package dev.virq.explore;

import dev.virq.schedule.ControlledScheduler;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;

/** Passes what happens in a run on to a log, each thread called as it is in the run. */
final class Recording implements Probe {
  private final ControlledScheduler scheduler;
  private final RunLog log;

  Recording(ControlledScheduler scheduler, RunLog log) {
    this.scheduler = scheduler;
    this.log = log;
  }

  @Override
  public boolean observes(Tracepoint point) {
    return log.probe().observes(point);
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    String player = scheduler.current();
    if (player != null) {
      String name = log.threads() + player;
      // The thread is the run's own, and ends with it.
      if (!Thread.currentThread().getName().equals(name)) {
        Thread.currentThread().setName(name);
      }
    }
    log.probe().hit(point, subject, value, detail);
  }
}
