package dev.virq.lincheck;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import java.util.List;

/**
 * A domain, a pointer, and threads that read through it and take back what it led to. Nobody may
 * use a target that was freed; at the end every section that was begun has ended.
 */
abstract class Scenario implements Runnable {

  /** What the pointer leads to. */
  static final class Target {
    private volatile boolean freed;

    void use() {
      if (freed) {
        throw new AssertionError("used after it was freed");
      }
    }

    void free() {
      freed = true;
    }
  }

  /** What one run of the threads shares. */
  static final class Shared {
    final SrcuDomain domain = new SrcuDomain();
    final SrcuRef<Target> ref = new SrcuRef<>(new Target());

    /** Reads once, and uses the target for as long as the section lasts. */
    void read() {
      int index = domain.readLock();
      Target target = ref.dereference();
      if (target != null) {
        target.use();
        target.use();
      }
      domain.readUnlock(index);
    }

    /** Puts a new target in the place of the old one, and frees that. */
    void replace() {
      Target old = ref.getAndSet(new Target());
      GracePeriod _ = domain.synchronize();
      if (old != null) {
        old.free();
      }
    }
  }

  /** A thread that hands over what it threw. */
  abstract static class Actor extends Thread {
    final Shared shared;
    private volatile Throwable thrown;

    Actor(Shared shared) {
      this.shared = shared;
    }

    abstract void act();

    @Override
    public final void run() {
      try {
        act();
      } catch (Throwable e) {
        thrown = e;
      }
    }
  }

  /** One section. */
  static final class OneSection extends Actor {
    OneSection(Shared shared) {
      super(shared);
    }

    @Override
    void act() {
      shared.read();
    }
  }

  /** Two sections, one after the other. */
  static final class TwoSections extends Actor {
    TwoSections(Shared shared) {
      super(shared);
    }

    @Override
    void act() {
      shared.read();
      shared.read();
    }
  }

  /** One grace period. */
  static final class OneUpdate extends Actor {
    OneUpdate(Shared shared) {
      super(shared);
    }

    @Override
    void act() {
      shared.replace();
    }
  }

  /** Two grace periods, one after the other. */
  static final class TwoUpdates extends Actor {
    TwoUpdates(Shared shared) {
      super(shared);
    }

    @Override
    void act() {
      shared.replace();
      shared.replace();
    }
  }

  /** The threads of one run. */
  abstract List<Actor> actors(Shared shared);

  @Override
  public final void run() {
    Shared shared = new Shared();
    List<Actor> actors = actors(shared);
    // As threads, not as actors: Lincheck knows start and join by the class they are called on.
    for (Thread actor : actors) {
      actor.start();
    }
    for (Thread actor : actors) {
      try {
        actor.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    for (Actor actor : actors) {
      if (actor.thrown != null) {
        throw new AssertionError(actor.thrown.getMessage(), actor.thrown);
      }
    }
    if (shared.domain.readersActive() != 0) {
      throw new AssertionError("a section was not counted as ended");
    }
  }
}
