package dev.virq.workqueue;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/** Starts the worker threads of a host's queues. */
@FunctionalInterface
public interface Workers {
  /**
   * Where one worker of a queue runs, each time that it is started.
   *
   * @param queue names the sandbox and the queue, such as {@code default/inject}
   * @param worker names the sandbox and the worker, such as {@code default/injector-1}
   */
  Executor forWorker(String queue, String worker);

  /** Whether a thread that asks for work may do it itself, in the place of a worker. */
  default boolean callersMayRun() {
    return false;
  }

  /**
   * Virtual threads: none exists while its queue is idle, and a sleeping one holds no processor.
   * Each is called as its worker is. Threads that ask for work may do it themselves.
   */
  static Workers virtual() {
    return new Workers() {
      @Override
      public Executor forWorker(String queue, String worker) {
        return virtual(worker);
      }

      @Override
      public boolean callersMayRun() {
        return true;
      }
    };
  }

  /**
   * A virtual thread for each task.
   *
   * @param name of all the threads
   */
  static Executor virtual(String name) {
    ThreadFactory threads = Thread.ofVirtual().name(name).factory();
    return task -> threads.newThread(task).start();
  }
}
