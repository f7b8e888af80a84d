package dev.virq.life;

import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that needs nothing of the others: it halts the process when its shutdown does not
 * end, and when the heap is so full that not even this thread gets some.
 *
 * <p>Started before anything else, so that the end needs no new thread.
 */
public final class Watchdog implements Thread.UncaughtExceptionHandler {
  private static final long PERIOD_NANOS = 250_000_000L;
  private static final int TRIED_BYTES = 65_536;

  private final ProcessEnd end;

  /** So that the try is made; volatile, or it would be left out. */
  @SuppressWarnings("UnusedVariable") // written, so that the compiler must allocate
  private volatile byte[] tried = new byte[0];

  Watchdog(ProcessEnd end) {
    this.end = end;
  }

  /** Guards this process from now on. */
  public static void start() {
    Watchdog watchdog = new Watchdog(ProcessEnd.THIS);
    Thread.setDefaultUncaughtExceptionHandler(watchdog);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("virq-end").unstarted(ProcessEnd.THIS::begin));
    Thread.ofPlatform().name("virq-watchdog").daemon().start(watchdog::watch);
  }

  private void watch() {
    while (true) {
      LockSupport.parkNanos(PERIOD_NANOS);
      look();
    }
  }

  /** One look. */
  void look() {
    end.haltIfLate();
    try {
      tried = new byte[TRIED_BYTES];
    } catch (OutOfMemoryError e) {
      end.fatal();
    }
  }

  /** An error that ended a thread: ends the process if others depended on the thread. */
  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    end.haltIfFatal(error);
    System.getLogger(Watchdog.class.getName())
        .log(System.Logger.Level.ERROR, "thread " + thread.getName() + " ended", error);
    // The connector's two: without them no connection is served.
    if (thread.getName().endsWith("-Acceptor") || thread.getName().endsWith("-Poller")) {
      end.fatal();
    }
  }
}
