package dev.virq.eventfd;

/** Bits of a readiness mask, with poll(2)'s values. A wake-up may carry several. */
public final class PollEvent {
  /** There is something to read. */
  public static final int POLLIN = 0x001;

  /** There is room to write. */
  public static final int POLLOUT = 0x004;

  /** The counter has overflowed. */
  public static final int POLLERR = 0x008;

  /** The last descriptor was closed. */
  public static final int POLLHUP = 0x010;

  private PollEvent() {}
}
