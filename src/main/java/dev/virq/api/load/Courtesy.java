package dev.virq.api.load;

import dev.virq.sync.Yield;
import java.util.concurrent.TimeUnit;

/**
 * Lets others run between two reads of one body. What has come already is read without sleep, be it
 * a byte: a client that sends chunks of one byte as fast as they are read would keep the carrier
 * thread. For one thread.
 */
final class Courtesy {
  /** After so long all others come first, and not only those of the carrier. */
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private long lastNanos;

  /** It has let all others come first since then; how long that took does not count. */
  private boolean back;

  /** The reads begin. */
  Courtesy(long nowNanos) {
    lastNanos = nowNanos;
  }

  /** Before a read. */
  void betweenReads(long nowNanos) {
    if (back) {
      back = false;
      lastNanos = nowNanos;
    }
    if (nowNanos - lastNanos < LONG_NANOS) {
      Yield.toSome();
    } else {
      back = true;
      Yield.toAll();
    }
  }
}
