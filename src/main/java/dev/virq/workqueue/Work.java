package dev.virq.workqueue;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.SelfDeadlock;
import dev.virq.sync.Uninterruptibly;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One item of deferred work: {@code struct work_struct}.
 *
 * <p>At any time at most one thread runs it. A request that comes while it runs makes it run again;
 * one that comes while it waits is merged with the one that already waits. So every request is
 * followed by a run that starts after it.
 */
public final class Work {
  /** Where an item stands. */
  public enum State {
    /** Nothing to do. */
    IDLE,
    /** In the queue, or left to who asked. */
    PENDING,
    /** On a worker, or on a caller in its place. */
    RUNNING,
    /** As that, and asked again meanwhile. */
    RUNNING_PENDING
  }

  /** What {@link #schedule} did. */
  public enum Scheduled {
    /** Put in the queue, or left to who asked. */
    QUEUED,
    /** It runs now and will run once more. */
    RERUN,
    /** Merged with a request that waits already. */
    COALESCED
  }

  private static final State[] STATES = State.values();
  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Work.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final WorkQueue queue;
  private final Runnable body;

  /**
   * Runs ended so far times four, plus the state's ordinal: one word, so that {@link #flush} sees
   * both as they were at one moment. Volatile, changed by compare-and-set only.
   */
  private volatile long word;

  /** Threads in {@link #flush}; volatile for the handshake with {@link #ended}. */
  private volatile int flushing;

  /**
   * The next item of the queue's list. Guarded by the queue's lock, which the compiler cannot be
   * told: it does not know that the queue of an item in a queue's list is that queue.
   */
  @Nullable Work next;

  /**
   * An idle item.
   *
   * @param queue where it runs
   * @param body what it does; runs on a worker of the queue, or on a caller in its place
   */
  public Work(WorkQueue queue, Runnable body) {
    this.queue = queue;
    this.body = body;
  }

  /**
   * Asks for a run that starts after this call: {@code schedule_work}. Never blocks; any thread,
   * any locks.
   */
  public Scheduled schedule() {
    Scheduled asked = request();
    if (asked == Scheduled.QUEUED) {
      enqueue();
    }
    return asked;
  }

  /**
   * As {@link #schedule}, but an item that was idle is run on this thread, as {@link #proceed}
   * says. The caller holds no lock.
   */
  public void scheduleHere() {
    if (request() == Scheduled.QUEUED) {
      proceed();
    }
  }

  /**
   * As {@link #schedule}, but an item that was idle is left to the caller, who calls {@link
   * #enqueue} or {@link #proceed}, soon and whatever happens: before that nobody runs it.
   */
  public Scheduled request() {
    while (true) {
      long seen = word;
      State state = stateOf(seen);
      switch (state) {
        case IDLE -> {
          if (moves(seen, State.PENDING)) {
            return Scheduled.QUEUED;
          }
        }
        case RUNNING -> {
          if (moves(seen, State.RUNNING_PENDING)) {
            return Scheduled.RERUN;
          }
        }
        case PENDING, RUNNING_PENDING -> {
          // A compare-and-set to the same value: the request is ordered before the run's start.
          if (WORD.compareAndSet(this, seen, seen)) {
            return Scheduled.COALESCED;
          }
        }
      }
    }
  }

  /** Has a worker run what {@link #request} left to the caller. Never blocks; any locks. */
  public void enqueue() {
    queue.enqueue(this);
  }

  /**
   * Runs what {@link #request} left to the caller: on this thread if it may, and a worker could
   * begin with it at once; otherwise a worker does. The caller holds no lock.
   */
  public void proceed() {
    queue.runHere(this);
  }

  /**
   * Waits until every run asked for before this call has ended: {@code flush_work}.
   *
   * <p>May block. The caller must hold no lock that the work takes.
   *
   * @throws SelfDeadlock on a worker of the queue that would have to run the work
   */
  public void flush() {
    flush(WorkQueue::sleeping);
  }

  /**
   * As {@link #flush()}.
   *
   * @param sleeping runs what waits, on this thread; not called when there is nothing to wait for
   */
  public void flush(Consumer<Runnable> sleeping) {
    if (WorkQueue.current() == queue) {
      throw new SelfDeadlock("work flushed from a worker of its own queue, " + queue);
    }
    long seen = word;
    long target =
        switch (stateOf(seen)) {
          case IDLE -> runsOf(seen);
          case PENDING, RUNNING -> runsOf(seen) + 1;
          case RUNNING_PENDING -> runsOf(seen) + 2;
        };
    if (runsOf(seen) >= target) {
      return;
    }
    ControlledWait.before(() -> runsOf(word) >= target);
    sleeping.accept(() -> awaitRuns(target));
  }

  WorkQueue queue() {
    return queue;
  }

  /** Where the item stands now. */
  public State state() {
    return stateOf(word);
  }

  /** Called by whoever has a place in the queue for it. */
  void run() {
    long seen = word;
    // The request is taken before the body starts: one that comes from now on causes another run.
    while (!moves(seen, State.RUNNING)) {
      seen = word;
    }
    try {
      body.run();
    } finally {
      ended();
    }
  }

  private void ended() {
    while (true) {
      long seen = word;
      boolean again = stateOf(seen) == State.RUNNING_PENDING;
      long done = pack(runsOf(seen) + 1, again ? State.PENDING : State.IDLE);
      if (WORD.compareAndSet(this, seen, done)) {
        if (again) {
          // To the back of the queue: a busy item must not starve the others.
          queue.enqueue(this);
        }
        break;
      }
    }
    // Dekker with awaitRuns(): we changed the word, then look for waiters.
    if (flushing != 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  private void awaitRuns(long target) {
    try (Uninterruptibly waits = new Uninterruptibly()) {
      synchronized (this) {
        flushing = flushing + 1;
        try {
          while (runsOf(word) < target) {
            waits.once(() -> wait());
          }
        } finally {
          flushing = flushing - 1;
        }
      }
    }
  }

  private boolean moves(long seen, State to) {
    return WORD.compareAndSet(this, seen, pack(runsOf(seen), to));
  }

  private static long pack(long runs, State state) {
    return runs << 2 | state.ordinal();
  }

  private static State stateOf(long word) {
    return STATES[(int) (word & 3)];
  }

  private static long runsOf(long word) {
    return word >>> 2;
  }
}
