package dev.virq.lincheck;

import java.util.List;

/** The programs, by the row of the litmus table. */
final class Scenarios {
  private Scenarios() {}

  /** K2: a reader that stalls between fetching its rank and counting, over two grace periods. */
  static final class Straggler extends Scenario {
    @Override
    List<Actor> actors(Shared shared) {
      return List.of(new OneSection(shared), new TwoUpdates(shared));
    }
  }

  /** K3: sections of one reader that come between the sums while another reader stays. */
  static final class TwoReaders extends Scenario {
    @Override
    List<Actor> actors(Shared shared) {
      return List.of(new OneSection(shared), new TwoSections(shared), new OneUpdate(shared));
    }
  }

  /** K6: two updaters that share grace periods. */
  static final class TwoUpdaters extends Scenario {
    @Override
    List<Actor> actors(Shared shared) {
      return List.of(new OneSection(shared), new OneUpdate(shared), new OneUpdate(shared));
    }
  }

  /** L17: one thread begins a section, another ends it. */
  static final class HandOff extends Scenario {
    @Override
    List<Actor> actors(Shared shared) {
      TakesOver takesOver = new TakesOver(shared);
      return List.of(new HandsOver(shared, takesOver), takesOver, new OneUpdate(shared));
    }
  }

  /** Begins a section and uses the target. */
  static final class HandsOver extends Scenario.Actor {
    private final TakesOver other;

    HandsOver(Scenario.Shared shared, TakesOver other) {
      super(shared);
      this.other = other;
    }

    @Override
    void act() {
      int index = shared.domain.downRead();
      Scenario.Target target = shared.ref.dereference();
      if (target != null) {
        target.use();
      }
      other.take(index, target);
    }
  }

  /** Uses the target of a section that is handed to it, if it comes in time, and ends it. */
  static final class TakesOver extends Scenario.Actor {
    private Scenario.Target target;
    private volatile int index = -1;

    TakesOver(Scenario.Shared shared) {
      super(shared);
    }

    void take(int theirs, Scenario.Target held) {
      target = held;
      index = theirs;
      // Wakes it in case it sleeps.
      synchronized (this) {
        notifyAll();
      }
    }

    @Override
    void act() {
      synchronized (this) {
        while (index < 0) {
          try {
            wait();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
      }
      if (target != null) {
        target.use();
      }
      shared.domain.upRead(index);
    }
  }
}
