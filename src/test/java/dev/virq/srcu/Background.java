package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.TestHosts;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** One action on a thread of its own, and ways to wait for where it stands. */
final class Background {
  private final Thread thread;
  private volatile Throwable thrown;

  private Background(Runnable action) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .unstarted(() -> {
              try {
                action.run();
              } catch (Throwable t) {
                thrown = t;
              }
            });
  }

  static Background run(Runnable action) {
    Background background = new Background(action);
    background.thread.start();
    return background;
  }

  Thread thread() {
    return thread;
  }

  /** Waits until it sleeps until a reader of the domain goes. */
  void awaitReaderOf(SrcuDomain srcu) {
    long start = System.nanoTime();
    while (LockSupport.getBlocker(thread) != srcu || !asleep() || thread.isInterrupted()) {
      expire(start);
    }
  }

  /** Waits until it sleeps for whatever reason. */
  void awaitAsleep() {
    long start = System.nanoTime();
    while (!asleep()) {
      expire(start);
    }
  }

  private boolean asleep() {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  private void expire(long start) {
    assertThat(thread.isAlive()).as("is still there; thrown: %s", thrown).isTrue();
    assertThat(System.nanoTime() - start).as("asleep in time").isLessThan(TestHosts.LONG);
    Thread.onSpinWait();
  }

  /** Waits until the action has ended; it must not have thrown. */
  void awaitEnd() {
    try {
      assertThat(thread.join(Duration.ofNanos(TestHosts.LONG))).as("ends in time").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(thrown).as("thrown").isNull();
  }
}
