package dev.virq.litmus.stress;

import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Rows that are allowed and have to be seen: L13 to L16. */
public final class Overlap {
  private Overlap() {}

  /** Overlapping sections of one domain. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "Sections do not fuse.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L13 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = y();
      pause();
      int j = s.readLock();
      s.readUnlock(i);
      pause();
      pause();
      r.r1 = x();
      s.readUnlock(j);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }

  /** Overlapping sections of two domains. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "Sections do not fuse.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L14 extends Program {
    private final SrcuDomain t = new SrcuDomain();

    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = y();
      pause();
      int j = t.readLock();
      s.readUnlock(i);
      pause();
      r.r1 = x();
      t.readUnlock(j);
    }

    @Actor
    public void updater() {
      y(1);
      GracePeriod _ = t.synchronize();
      x(1);
    }
  }

  /** Overlapping sections that write. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "Sections do not fuse.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L15 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      x(1);
      pause();
      int j = s.readLock();
      s.readUnlock(i);
      pause();
      pause();
      y(1);
      s.readUnlock(j);
    }

    @Actor
    public void updater(II_Result r) {
      r.r1 = x();
      gp();
      r.r2 = y();
    }
  }

  /** L15 with a write where the sections overlap. */
  @JCStressTest
  @Outcome(
      id = "1, 0, [01], [01]",
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "Sections do not fuse.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L16 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      x(1);
      pause();
      int j = s.readLock();
      z(1);
      s.readUnlock(i);
      pause();
      pause();
      y(1);
      s.readUnlock(j);
    }

    @Actor
    public void updater(IIII_Result r) {
      r.r1 = x();
      r.r3 = z();
      gp();
      r.r4 = z();
      r.r2 = y();
    }
  }
}
