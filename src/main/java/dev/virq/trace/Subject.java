package dev.virq.trace;

/**
 * What a tracepoint is about: the numbers of the objects concerned, so that observers need no
 * knowledge of their types.
 */
public interface Subject {
  /** A subject without objects. */
  Subject NONE = new Subject() {};

  /** Number of the VM, from 1; 0 for none. */
  default long vmId() {
    return 0;
  }

  /** Number of the irqfd, from 1; 0 for none. */
  default long irqfdId() {
    return 0;
  }

  /** Number of the eventfd, from 1; 0 for none. */
  default long eventfdId() {
    return 0;
  }

  /** Number of the signal, when it is about one, from 1; 0 for none. */
  default long signalId() {
    return 0;
  }

  /**
   * When the step happened, on the clock of the event log, for a subject that has read it; 0 when
   * the log is to read it.
   */
  default long nanos() {
    return 0;
  }

  /** The interrupt line, 0 to 2^32-1; -1 for none. */
  default long gsi() {
    return -1;
  }
}
