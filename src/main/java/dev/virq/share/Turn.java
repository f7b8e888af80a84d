package dev.virq.share;

/** When long work lets others run: between its steps, and while it waits. Used by one thread. */
public interface Turn {
  /** The turn of one that shares with nobody. */
  Turn ALONE =
      new Turn() {
        @Override
        public void step() {}

        @Override
        public void waiting(Runnable wait) {
          wait.run();
        }
      };

  /**
   * Between two steps: others run first when the slice of time is used up. No lock held, but one
   * that only the threads of the same work wait for.
   */
  void step();

  /** Runs a wait; the turn is another's meanwhile, and comes again afterwards. No lock held. */
  void waiting(Runnable wait);
}
