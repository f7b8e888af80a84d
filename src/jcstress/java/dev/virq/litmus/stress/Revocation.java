package dev.virq.litmus.stress;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * What the domain is for: a pointer is taken back, and what it led to is freed. K1, K4, K5, M26.
 */
public final class Revocation {
  /** Pauses that take about as long as it takes to wake a thread. */
  private static final int LONG = 50;

  private Revocation() {}

  /** What the pointer leads to, with a plain field as a real one has. */
  private static final class Target {
    private int dead;

    void free() {
      dead = 1;
    }
  }

  /** A reader and a pointer. */
  public abstract static class Revoked {
    protected final SrcuDomain s = new SrcuDomain();
    private final SrcuRef<Target> ref = new SrcuRef<>(new Target());

    /** 1 when the reader found the target freed while it was in its section, else 0. */
    protected final int use() {
      return use(1);
    }

    /** The same in a section of so many pauses. */
    protected final int use(int pauses) {
      int found = 0;
      int index = s.readLock();
      Target target = ref.dereference();
      if (target != null) {
        for (int i = 0; i < pauses; i++) {
          Program.pause();
        }
        found = target.dead;
      }
      s.readUnlock(index);
      return found;
    }

    /** The target, which no later section reaches. */
    protected final Target unlink() {
      Target target = ref.getAndSet(null);
      if (target == null) {
        throw new IllegalStateException("unlinked before");
      }
      return target;
    }
  }

  /** Free after synchronize. */
  @JCStressTest
  @Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "Used after it was freed.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Used before, or not found.")
  @State
  public static class K1 extends Revoked {
    @Actor
    public void reader(I_Result r) {
      r.r1 = use();
    }

    @Actor
    public void updater() {
      Target target = unlink();
      GracePeriod _ = s.synchronize();
      target.free();
    }
  }

  /** Free after synchronizeExpedited. */
  @JCStressTest
  @Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "Used after it was freed.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Used before, or not found.")
  @State
  public static class K1Expedited extends Revoked {
    @Actor
    public void reader(I_Result r) {
      r.r1 = use();
    }

    @Actor
    public void updater() {
      Target target = unlink();
      GracePeriod _ = s.synchronizeExpedited();
      target.free();
    }
  }

  /** Free when a cookie is done. */
  @JCStressTest
  @Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "Used after it was freed.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Used before, or not found.")
  @State
  public static class K4 extends Revoked {
    @Actor
    public void reader(I_Result r) {
      r.r1 = use();
    }

    @Actor
    public void updater() {
      Target target = unlink();
      long cookie = s.getState();
      long _ = s.startPoll();
      while (!s.poll(cookie)) {
        Thread.onSpinWait();
      }
      target.free();
    }
  }

  /** Free by a callback, and wait for it. */
  @JCStressTest
  @Outcome(id = "1, .*", expect = Expect.FORBIDDEN, desc = "Used after it was freed.")
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Not yet freed after barrier.")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Freed once nobody used it.")
  @State
  public static class K5 extends Revoked {
    @Actor
    public void reader(II_Result r) {
      // The callback runs on another thread: the section has to last until that is awake.
      r.r1 = use(LONG);
    }

    @Actor
    public void updater(II_Result r) {
      Target target = unlink();
      s.call(target::free);
      s.barrier();
      r.r2 = target.dead;
    }
  }

  /** A reader that asks again and again sees the pointer go: no compiler may hoist the read. */
  @JCStressTest(Mode.Termination)
  @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "Saw it go.")
  @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "Asks for ever.")
  @State
  public static class M26 {
    private final SrcuRef<Target> ref = new SrcuRef<>(new Target());

    @Actor
    public void reader() {
      while (ref.dereference() != null) {}
    }

    @Signal
    public void updater() {
      ref.assign(null);
    }
  }
}
