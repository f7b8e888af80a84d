package dev.virq.irqfd;

/**
 * What it took to end one binding.
 *
 * @param gracePeriodNanos how long the grace period lasted, in nanoseconds
 * @param waitedForReaders read sections open when the grace period began
 * @param flushNanos how long queued injections were waited for, in nanoseconds
 * @param vmFreed whether its reference to the VM was the last one
 */
public record TearDown(
    long gracePeriodNanos, long waitedForReaders, long flushNanos, boolean vmFreed) {
  /** Nothing so far. */
  public static final TearDown NONE = new TearDown(0, 0, 0, false);

  /** Of both: the longest of each wait, the readers of both. */
  public TearDown and(TearDown other) {
    return new TearDown(
        Math.max(gracePeriodNanos, other.gracePeriodNanos),
        waitedForReaders + other.waitedForReaders,
        Math.max(flushNanos, other.flushNanos),
        vmFreed || other.vmFreed);
  }

  TearDown withGracePeriod(long nanos, long readers) {
    return new TearDown(nanos, readers, flushNanos, vmFreed);
  }

  TearDown withFlush(long nanos) {
    return new TearDown(gracePeriodNanos, waitedForReaders, nanos, vmFreed);
  }

  TearDown withVmFreed(boolean last) {
    return new TearDown(gracePeriodNanos, waitedForReaders, flushNanos, last);
  }
}
