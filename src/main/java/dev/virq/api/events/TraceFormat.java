package dev.virq.api.events;

/** How a trace is written. Of one trace; one thread. */
interface TraceFormat {
  /** What comes first. */
  String begin();

  /** An event in its place. */
  String event(Lanes.Placed placed);

  /** Events that were overwritten before they could be written. */
  String gap(EventGap gap, long nanos);

  /**
   * What comes last.
   *
   * @param lanes with what is still open
   * @param nanos when the trace ends
   */
  String end(Lanes lanes, long nanos);
}
