package dev.virq.litmus.stress;

import dev.virq.srcu.SrcuDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The end of a section as a barrier: L20 to L22. */
public final class Barriers {
  private Barriers() {}

  /** Nothing after a section; x86 shows no outcome, for an atomic add is a barrier there. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "The end of a section is no full barrier.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L20 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      x(1);
      s.readUnlock(i);
      r.r1 = y();
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r2 = x();
    }
  }

  /** The end of a section and the barrier for it. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = Expect.FORBIDDEN,
      desc = "The barrier after the section ordered nothing.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L21 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      x(1);
      s.readUnlock(i);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r1 = y();
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r2 = x();
    }
  }

  /** No section and no barrier; the control of L21. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "The end of a section is no full barrier.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L22NoBarrier extends Program {
    @Actor
    public void reader(II_Result r) {
      x(1);
      r.r1 = y();
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r2 = x();
    }
  }

  /** The barrier after the read. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "The end of a section is no full barrier.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L22Late extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      x(1);
      r.r1 = y();
      s.readUnlock(i);
      SrcuDomain.fullBarrierAfterUnlock();
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r2 = x();
    }
  }

  /** The section elsewhere. */
  @JCStressTest
  @Outcome(
      id = "0, 0",
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "The end of a section is no full barrier.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L22Elsewhere extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      s.readUnlock(i);
      x(1);
      r.r1 = y();
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      SrcuDomain.fullBarrierAfterUnlock();
      r.r2 = x();
    }
  }
}
