package dev.virq.api.wire;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
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
  private final Queue<Newcomer> queue = new ArrayDeque<>();

  /** Handed on, and not read from. */
  @GuardedBy("lock")
  private int handedOn;

  /** Those in the queue that are still there. */
  @GuardedBy("lock")
  private int queued;

  /** What is done with one when its turn comes. No lock is held. */
  interface Connection {
    /** Gives it to a thread, which will say {@link #begins}; whether it could be given to one. */
    boolean handOn();

    /** No thread takes it. */
    void close();
  }

  /** One of them. Its stage is guarded by the lock. */
  static final class Newcomer {
    private enum Stage {
      QUEUED,
      HANDED_ON,
      OVER
    }

    private final Connection connection;
    private Stage stage = Stage.QUEUED;

    Newcomer(Connection connection) {
      this.connection = connection;
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

  /** It waits from now on, and is handed on, by this thread at once or by another later. */
  void comes(Newcomer one) {
    lock.lock();
    try {
      queue.add(one);
      queued++;
    } finally {
      lock.unlock();
    }
    handOn();
  }

  /** A thread reads from it, or it is closed: it waits no longer. Once or more often. */
  void begins(Newcomer one) {
    if (over(one)) {
      handOn();
    }
  }

  /** It waits no longer; whether it did. */
  private boolean over(Newcomer one) {
    lock.lock();
    try {
      switch (one.stage) {
        case QUEUED -> queued--;
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

  /** Hands on as many as may be. */
  private void handOn() {
    for (Newcomer next = next(); next != null; next = next()) {
      if (!next.connection.handOn()) {
        // First: its close says that it begins, and would come here again for the next one.
        boolean _ = over(next);
        next.connection.close();
      }
    }
  }

  private @Nullable Newcomer next() {
    lock.lock();
    try {
      while (!queue.isEmpty() && handedOn < mostHandedOn()) {
        Newcomer next = queue.remove();
        if (next.stage == Newcomer.Stage.QUEUED) {
          next.stage = Newcomer.Stage.HANDED_ON;
          queued--;
          handedOn++;
          return next;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** More where more are served: else those that are would keep newcomers out. */
  @GuardedBy("lock")
  private int mostHandedOn() {
    int served = connections.getAsInt() - queued - handedOn;
    return Math.clamp(served / PART, FEWEST, MOST);
  }

  /** How many wait. */
  int waiting() {
    lock.lock();
    try {
      return queued + handedOn;
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
