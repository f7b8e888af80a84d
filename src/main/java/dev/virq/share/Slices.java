package dev.virq.share;

import dev.virq.sync.Yield;
import java.util.function.LongSupplier;

/**
 * Long work in slices: it holds a place for a slice of time, then goes behind those that wait, and
 * lets other threads of its processor run, also those that have just come. Used by one thread at a
 * time; whoever entered the share closes it.
 */
public final class Slices implements Turn {
  private final Shares.Share share;
  private final long sliceNanos;
  private final LongSupplier nanoClock;
  private long began;

  /**
   * How long a slice is.
   *
   * @param nanos in nanoseconds
   */
  public record Length(long nanos) {}

  /**
   * The first slice begins.
   *
   * @param share the place
   * @param sliceNanos how long it is held at a time, in nanoseconds
   * @param nanoClock as {@link System#nanoTime}
   */
  public Slices(Shares.Share share, long sliceNanos, LongSupplier nanoClock) {
    this.share = share;
    this.sliceNanos = sliceNanos;
    this.nanoClock = nanoClock;
    this.began = nanoClock.getAsLong();
  }

  @Override
  public void step() {
    if (nanoClock.getAsLong() - began < sliceNanos) {
      return;
    }
    share.pass();
    Yield.toAll();
    began = nanoClock.getAsLong();
  }

  @Override
  public void waiting(Runnable wait) {
    share.leave();
    try {
      wait.run();
    } finally {
      share.await();
      began = nanoClock.getAsLong();
    }
  }
}
