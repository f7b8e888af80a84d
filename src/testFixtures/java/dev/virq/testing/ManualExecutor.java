package dev.virq.testing;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An executor whose tasks wait until a test runs them, on the test's own thread. */
public final class ManualExecutor implements Executor {
  // Guarded by this.
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
  }

  /** How many tasks wait. */
  public synchronized int size() {
    return tasks.size();
  }

  /** Runs what waits, and what that adds, until nothing waits. */
  public void runAll() {
    for (Runnable task = poll(); task != null; task = poll()) {
      task.run();
    }
  }

  private synchronized Runnable poll() {
    return tasks.poll();
  }
}
