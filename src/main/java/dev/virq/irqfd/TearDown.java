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
  static final TearDown NONE = new TearDown(0, 0, 0, false);

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
