package dev.virq.workqueue;

/** Whether threads that ask for work may run it, in the place of a worker. */
public interface Callers {
  /** They may not. */
  Callers NONE =
      new Callers() {
        @Override
        public boolean mayRun() {
          return false;
        }

        @Override
        public String nameOf(int worker) {
          return "worker-" + worker;
        }
      };

  /** Whether they may now; asked with the queue's lock held, so it takes no lock. */
  boolean mayRun();

  /** What the worker of a number is called, from 1. */
  String nameOf(int worker);
}
