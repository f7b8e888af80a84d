package dev.virq.inflight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import dev.virq.sync.Uninterruptibly;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waiting for changes of what one lock guards.
 *
 * <p>Waiting threads are woken by changes; nothing polls, except for a moment at the beginning:
 * most waits are over before a thread could go to sleep and be woken. The lock is a leaf, held for
 * looking only.
 */
final class Changes {
  /** How long a thread polls for a change before it sleeps, in nanoseconds. */
  static final long LOOK_OUT_NANOS = 100_000;

  final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private @Nullable ErrnoException canceled;

  /** Threads that wait; volatile so that a change without a waiter costs no wake-up. */
  private volatile int waiting;

  /** Those of them that wait for objects to go; volatile as the other is. */
  private volatile int waitingForObjects;

  /**
   * Changes reported while threads wait. Written under the lock; volatile for the threads that poll
   * it.
   */
  private volatile int changes;

  /** Wakes those that wait, if there are any. */
  void tell() {
    if (waiting == 0) {
      return;
    }
    lock.lock();
    try {
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** How often those that wait were told of a change. */
  int told() {
    return changes;
  }

  /** An object is gone: as {@link #tell}, if anybody waits for objects to go. */
  void tellGone() {
    if (waitingForObjects > 0) {
      tell();
    }
  }

  /** As {@link #tell}, for a caller that holds the lock. */
  @GuardedBy("lock")
  void tellLocked() {
    if (waiting > 0) {
      wake();
    }
  }

  /** Ends every wait that can be canceled, now and later, with that refusal. */
  void cancel(ErrnoException refusal) {
    lock.lock();
    try {
      canceled = refusal;
      wake();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a check has an answer. It is made at once and after every change, with the lock
   * held: it must not block.
   *
   * @param objects whether the check is of objects that go
   * @param lookOutNanos how long it polls before it sleeps
   * @param cancelable whether {@link #cancel} ends the wait: that of a call, which holds no lock
   *     and runs again in turn
   * @return the answer; null when the time was up
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  <T> @Nullable T await(
      Supplier<@Nullable T> check,
      boolean objects,
      long timeoutNanos,
      long lookOutNanos,
      boolean cancelable) {
    T soon = look(check);
    if (soon != null) {
      return soon;
    }
    long start = System.nanoTime();
    long deadline = start + timeoutNanos;
    long lookOutEnd = start + Math.min(timeoutNanos, lookOutNanos);
    try (Uninterruptibly waits = new Uninterruptibly();
        Sleep sleep = new Sleep(cancelable ? Sleep.After.IN_TURN : Sleep.After.AT_ONCE)) {
      lock.lock();
      try {
        // Before the first look: a change after it finds a waiter to wake.
        waiting = waiting + 1;
        waitingForObjects = waitingForObjects + (objects ? 1 : 0);
        while (true) {
          T answer = check.get();
          if (answer != null) {
            return answer;
          }
          ErrnoException refusal = canceled;
          if (refusal != null && cancelable) {
            throw refusal;
          }
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            return null;
          }
          if (!lookOut(lookOutEnd)) {
            // With the lock held, because it is a leaf below which a place's own lock is.
            sleep.begin();
            waits.once(() -> changed.awaitNanos(Math.min(left, TimeUnit.MINUTES.toNanos(1))));
          }
        }
      } finally {
        waiting = waiting - 1;
        waitingForObjects = waitingForObjects - (objects ? 1 : 0);
        lock.unlock();
      }
    }
  }

  /** Most of what is waited for is over by then, and costs no wait. */
  private <T> @Nullable T look(Supplier<@Nullable T> check) {
    lock.lock();
    try {
      return check.get();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  private void wake() {
    changes = changes + 1;
    changed.signalAll();
  }

  /**
   * Polls for a change with the lock released, unless it has polled for long enough already.
   *
   * @return whether there may have been one, so that the check is to be made again
   */
  @SuppressWarnings("ThreadPriorityCheck") // the changing thread may need the processor
  private boolean lookOut(long end) {
    if (System.nanoTime() >= end) {
      return false;
    }
    int seen = changes;
    lock.unlock();
    try {
      while (changes == seen && System.nanoTime() < end) {
        Thread.yield();
      }
    } finally {
      lock.lock();
    }
    return true;
  }
}
