package dev.virq.api.wire;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * New connections that have sent something, of which no thread has read yet. Threads come in turn,
 * so who opens connections as fast as it can would be in front of all who have one already. Hence
 * only some of them are handed on to threads at a time, and the others wait for that here; and
 * while many wait, no further connection is taken for a moment.
 */
final class Newcomers {
  /** So many are handed on at a time where few connections are served. */
  static final int FEWEST = 4;

  /** So many may wait before no further connection is taken. */
  static final int MOST = 64;

  /** A connection is taken after so many looks, however many wait: a bound if threads are stuck. */
  static final int LOOKS = 25;

  /** Of the connections that are served, this part may come anew at a time. */
  private static final int PART = 4;

  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private final IntSupplier connections;
  private final Runnable pause;

  /** A leaf lock: nothing else is taken while it is held. */
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final SequencedSet<Newcomer> queue = new LinkedHashSet<>();

  /** Handed on, and not read from. */
  @GuardedBy("lock")
  private int handedOn;

  /** One of them. Its stage is guarded by the lock. */
  static final class Newcomer {
    private enum Stage {
      COMING,
      QUEUED,
      HANDED_ON,
      OVER
    }

    private final Runnable turn;
    private Stage stage = Stage.COMING;

    /**
     * It has not come yet.
     *
     * @param turn told on any thread, without the lock, when it need not wait any longer
     */
    Newcomer(Runnable turn) {
      this.turn = turn;
    }
  }

  /**
   * None waits.
   *
   * @param connections how many are open
   */
  Newcomers(IntSupplier connections) {
    this(connections, () -> LockSupport.parkNanos(LOOK_NANOS));
  }

  /**
   * As above.
   *
   * @param pause between two looks
   */
  Newcomers(IntSupplier connections, Runnable pause) {
    this.connections = connections;
    this.pause = pause;
  }

  /**
   * It waits from now on.
   *
   * @return whether it is to be handed on at once; if not, it is told when its turn comes
   */
  boolean comes(Newcomer one) {
    lock.lock();
    try {
      if (one.stage != Newcomer.Stage.COMING) {
        return true;
      }
      one.stage = Newcomer.Stage.QUEUED;
      queue.add(one);
    } finally {
      lock.unlock();
    }
    return giveTurns(one);
  }

  /** A thread reads from it, or it is closed: it waits no longer. Once or more often. */
  void begins(Newcomer one) {
    if (over(one)) {
      boolean _ = giveTurns(null);
    }
  }

  /** It waits no longer; whether it did. */
  private boolean over(Newcomer one) {
    lock.lock();
    try {
      switch (one.stage) {
        case COMING -> {}
        case QUEUED -> queue.remove(one);
        case HANDED_ON -> handedOn--;
        case OVER -> {
          return false;
        }
      }
      one.stage = Newcomer.Stage.OVER;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells those whose turn it is.
   *
   * @param but is not told
   * @return whether it is the turn of that one
   */
  private boolean giveTurns(@Nullable Newcomer but) {
    boolean turn = false;
    for (Newcomer next = next(); next != null; next = next()) {
      if (next == but) {
        turn = true;
      } else {
        next.turn.run();
      }
    }
    return turn;
  }

  private @Nullable Newcomer next() {
    lock.lock();
    try {
      if (queue.isEmpty() || handedOn >= mostHandedOn()) {
        return null;
      }
      Newcomer next = queue.removeFirst();
      next.stage = Newcomer.Stage.HANDED_ON;
      handedOn++;
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** More where more are served: else those that are would keep newcomers out. */
  @GuardedBy("lock")
  private int mostHandedOn() {
    int served = connections.getAsInt() - queue.size() - handedOn;
    return Math.clamp(served / PART, FEWEST, MOST);
  }

  /** How many wait. */
  int waiting() {
    lock.lock();
    try {
      return queue.size() + handedOn;
    } finally {
      lock.unlock();
    }
  }

  /**
   * On the thread that takes connections, before the next one.
   *
   * @return how often it waited
   */
  @CanIgnoreReturnValue
  int beforeNext() {
    int looks = 0;
    while (looks < LOOKS && waiting() >= MOST) {
      pause.run();
      looks++;
    }
    return looks;
  }
}
