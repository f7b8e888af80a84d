package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A call under way on a thread of its own, and ways to wait for where it stands. That the thread
 * sleeps is seen by its state, not by letting time pass.
 */
public final class Call<T> {
  private static final Set<Thread.State> SLEEPING =
      EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

  private final FutureTask<T> task;
  private final Thread thread;

  private Call(Callable<T> body) {
    task = new FutureTask<>(body);
    // A daemon: a call that never ends must not keep the tests' JVM.
    thread = Thread.ofPlatform().daemon().unstarted(task);
  }

  /** Starts a call. */
  public static <T> Call<T> start(Callable<T> body) {
    Call<T> call = new Call<>(body);
    call.thread.start();
    return call;
  }

  /** Starts a call whose result does not matter. */
  public static Call<Void> run(Runnable body) {
    return start(() -> {
      body.run();
      return null;
    });
  }

  /** Starts a call and waits until it sleeps; fails when it ends instead. */
  public static <T> Call<T> asleep(Callable<T> body) {
    Call<T> call = start(body);
    call.awaitAsleep();
    return call;
  }

  /** The thread it runs on. */
  public Thread thread() {
    return thread;
  }

  /** Whether it has ended. */
  public boolean isDone() {
    return task.isDone();
  }

  /** Waits until it sleeps, for whatever reason; fails when it ends instead. */
  public void awaitAsleep() {
    Await.until(() -> {
      requireAlive();
      return isAsleep();
    });
  }

  /**
   * Waits until it sleeps in that object, with every interrupt taken note of; fails when it ends
   * instead.
   */
  @SuppressWarnings("ReferenceEquality") // that very object
  public void awaitAsleepIn(Object blocker) {
    Await.until(() -> {
      requireAlive();
      return LockSupport.getBlocker(thread) == blocker && isAsleep() && !thread.isInterrupted();
    });
  }

  private boolean isAsleep() {
    return SLEEPING.contains(thread.getState());
  }

  private void requireAlive() {
    assertThat(thread.isAlive()).as("%s is still there; it threw %s", thread, thrown()).isTrue();
  }

  private Throwable thrown() {
    return task.state() == Future.State.FAILED ? task.exceptionNow() : null;
  }

  /** What it returned, once its thread has ended; throws what it threw. */
  public T get() {
    try {
      T result = task.get(TestHosts.LONG, TimeUnit.NANOSECONDS);
      thread.join();
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
