package dev.virq.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A call under way on a thread of its own. */
public final class Call<T> {
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

  /** Starts a call and waits until it sleeps; fails when it ends instead. */
  public static <T> Call<T> asleep(Callable<T> body) {
    Call<T> call = start(body);
    Asleep.await(call.thread);
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

  /** What it returned, once it has; throws what it threw. */
  public T get() {
    try {
      return task.get(TestHosts.LONG, TimeUnit.NANOSECONDS);
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
