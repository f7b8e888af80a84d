package dev.virq.system;

import dev.virq.system.Rest.Answer;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A client that signals its sandbox and, where it is refused, tries again when the fleet has
 * changed. It never begins anew.
 */
final class Patient implements Runnable {
  private static final int MOST_CALLS = 100_000;

  private final Rig rig;
  private final Thread thread = Thread.ofVirtual().unstarted(this);

  /** News that the fleet has changed; a client takes all that there are. */
  private final Semaphore news = new Semaphore(0);

  private volatile boolean stop;
  private volatile Throwable failure;
  private int ambiguous;
  private int refused;
  private int awaited;

  /** The epoch of the last signal that was acknowledged. */
  private String epoch = "";

  /** How often it was acknowledged or refused. */
  private long answers;

  Patient(Rig rig) {
    this.rig = rig;
  }

  Rig rig() {
    return rig;
  }

  /** Begins to signal. */
  void start() {
    thread.start();
  }

  /** It may try again. */
  void tell() {
    news.release();
  }

  /** Ends it, and fails as it failed. */
  void end() throws InterruptedException {
    stop = true;
    tell();
    thread.join();
    if (failure != null) {
      throw new AssertionError(rig.path(), failure);
    }
  }

  /** Calls that may have signalled: their connection was closed, or the gateway got no answer. */
  int ambiguous() {
    return ambiguous;
  }

  /** Calls that were refused. */
  int refused() {
    return refused;
  }

  /** Signals that were acknowledged, some without their outcome. */
  int acknowledged() {
    return rig.sent() + awaited;
  }

  /** Waits until a signal was acknowledged in another life of the instance than these. */
  synchronized void untilAcknowledgedAfter(String old) throws InterruptedException {
    while ((epoch.isEmpty() || epoch.equals(old)) && thread.isAlive()) {
      wait(1_000);
    }
    if (!thread.isAlive()) {
      throw new AssertionError(rig.path() + " has ended", failure);
    }
  }

  /** Waits for one more answer than there are, whichever. */
  synchronized void untilAnswered() throws InterruptedException {
    long now = answers;
    while (answers == now && thread.isAlive()) {
      wait(1_000);
    }
  }

  /** The epoch of the last signal that was acknowledged. */
  synchronized String epoch() {
    return epoch;
  }

  @Override
  public void run() {
    try {
      for (int i = 0; i < MOST_CALLS && !stop; i++) {
        int _ = news.drainPermits();
        if (!isAcknowledged(ask()) && !stop) {
          // An update that is over has told everybody, also who was refused after it.
          boolean _ = news.tryAcquire(1, TimeUnit.SECONDS);
        }
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private boolean isAcknowledged(Answer answer) {
    boolean acknowledged = answer.status() == 200 || answer.status() == 202;
    if (!acknowledged) {
      if (answer.status() == Load.CLOSED || answer.status() == 502) {
        ambiguous++;
      } else {
        refused++;
      }
    } else if (answer.status() == 202) {
      awaited++;
    }
    synchronized (this) {
      answers++;
      if (acknowledged) {
        epoch = answer.epoch();
      }
      notifyAll();
    }
    return acknowledged;
  }

  private Answer ask() {
    try {
      return rig.signal();
    } catch (UncheckedIOException e) {
      return Load.closed();
    }
  }
}
