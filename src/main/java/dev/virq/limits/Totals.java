package dev.virq.limits;

import dev.virq.errno.Errno;
import java.util.concurrent.atomic.LongAdder;

/**
 * What all sandboxes of an instance have together, counted as it changes, so that showing it takes
 * as long for twenty thousand sandboxes as for one. Any thread; no lock.
 */
public final class Totals {
  private final Quota vms;
  private final Quota eventfds;
  private final Quota irqfds;
  private final LongAdder breakpoints = new LongAdder();
  private final LongAdder parked = new LongAdder();
  private final LongAdder injectionsQueued = new LongAdder();
  private final LongAdder explorations = new LongAdder();
  private final LongAdder runs = new LongAdder();

  /**
   * Nothing yet.
   *
   * @param objects the bound on objects of all kinds
   */
  public Totals(Quota objects) {
    this.vms = counted("VMs", objects);
    this.eventfds = counted("eventfds", objects);
    this.irqfds = counted("irqfds", objects);
  }

  /** Counts one kind; only the bound on all kinds together ever refuses. */
  private static Quota counted(String what, Quota objects) {
    return new Quota(what + " across all sandboxes", Long.MAX_VALUE, Errno.ENFILE, objects);
  }

  /** VMs that are not released. */
  public Quota vms() {
    return vms;
  }

  /** Eventfds that are open, and pipes. */
  public Quota eventfds() {
    return eventfds;
  }

  /** Irqfds that are not freed. */
  public Quota irqfds() {
    return irqfds;
  }

  /** Breakpoints, armed or not. */
  public LongAdder breakpoints() {
    return breakpoints;
  }

  /** Threads that breakpoints stop. */
  public LongAdder parked() {
    return parked;
  }

  /** Injections that wait for a worker. */
  public LongAdder injectionsQueued() {
    return injectionsQueued;
  }

  /** Explorations that go on, and schedules that are played again. */
  public LongAdder explorations() {
    return explorations;
  }

  /** Runs of explorations so far, but for those that make a violation simple. */
  public LongAdder runs() {
    return runs;
  }
}
