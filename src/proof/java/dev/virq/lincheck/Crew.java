package dev.virq.lincheck;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The workers of the queues, each a thread that Lincheck controls, and what they threw. */
final class Crew implements Executor, Consumer<Throwable> {
  @GuardedBy("this")
  private final List<Thread> threads = new ArrayList<>();

  @GuardedBy("this")
  private @Nullable Throwable bug;

  @Override
  public void execute(Runnable task) {
    // A thread's own class, because Lincheck knows start and join by the class they are called on.
    Thread thread = new Thread(task);
    synchronized (this) {
      threads.add(thread);
    }
    thread.start();
  }

  @Override
  public synchronized void accept(Throwable thrown) {
    if (bug == null) {
      bug = thrown;
    }
  }

  /** Waits for all of them. One that starts another has added it before it ends. */
  @Nullable Throwable settle() {
    int number = 0;
    for (Thread thread = thread(number); thread != null; thread = thread(number)) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      number++;
    }
    synchronized (this) {
      return bug;
    }
  }

  private synchronized @Nullable Thread thread(int number) {
    return number < threads.size() ? threads.get(number) : null;
  }
}
