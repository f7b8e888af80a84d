package dev.virq.litmus.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Rows whose outcome is a final value: L6 to L10. */
public final class FinalValues {
  private FinalValues() {}

  /** R1. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L6 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      x(2);
      r.r2 = y();
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
    }
  }

  /** L6 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L6Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = y();
      pause();
      x(2);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
    }
  }

  /** R2. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L7 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      y(1);
      x(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      x(2);
      gp();
      r.r2 = y();
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
    }
  }

  /** L7 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L7Swapped extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      x(1);
      pause();
      y(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      x(2);
      gp();
      r.r2 = y();
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
    }
  }

  /** S1. */
  @JCStressTest
  @Outcome(id = "2, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L8 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      y(2);
      x(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      r.r2 = x();
      gp();
      y(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = y();
    }
  }

  /** L8 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "2, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L8Swapped extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      x(1);
      pause();
      y(2);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      r.r2 = x();
      gp();
      y(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = y();
    }
  }

  /** S2. */
  @JCStressTest
  @Outcome(id = "2, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L9 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = x();
      y(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(2);
      gp();
      x(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = y();
    }
  }

  /** L9 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "2, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L9Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      y(1);
      pause();
      r.r2 = x();
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(2);
      gp();
      x(1);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = y();
    }
  }

  /** 2+2W. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L10 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      x(1);
      y(2);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(2);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
      r.r2 = y();
    }
  }

  /** L10 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L10Swapped extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      y(2);
      pause();
      x(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(2);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = x();
      r.r2 = y();
    }
  }
}
