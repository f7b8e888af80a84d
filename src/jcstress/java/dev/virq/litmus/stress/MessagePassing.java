package dev.virq.litmus.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Rows whose outcome stands in registers: L1 to L5, L11, L12. */
public final class MessagePassing {
  private MessagePassing() {}

  /** Load buffering. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L1 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r1 = x();
      y(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      r.r2 = y();
      gp();
      x(1);
    }
  }

  /** L1 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L1Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      y(1);
      pause();
      r.r1 = x();
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      r.r2 = y();
      gp();
      x(1);
    }
  }

  /** Message passing, the updater writes. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L2 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r1 = x();
      r.r2 = y();
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }

  /** L2 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L2Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = y();
      pause();
      r.r1 = x();
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }

  /** Message passing, the reader writes. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L3 extends Program {
    @Actor
    public void reader() {
      int i = s.readLock();
      y(1);
      x(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      r.r1 = x();
      gp();
      r.r2 = y();
    }
  }

  /** L3 swapped: the order in a section is irrelevant. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L4 extends Program {
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
      r.r1 = x();
      gp();
      r.r2 = y();
    }
  }

  /** Store buffering; kills B and A. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L5 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      x(1);
      r.r1 = y();
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      gp();
      r.r2 = x();
    }
  }

  /** L5 with a store buffer full of others, where an increment that is no barrier would wait. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L5Buffered extends Program {
    /** Makes the update side beforehand, so that the first scan comes soon. */
    public L5Buffered() {
      long _ = s.getState();
    }

    @Actor
    public void reader(II_Result r) {
      fillStoreBuffer();
      int i = s.readLock();
      x(1);
      r.r1 = y();
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      gp();
      r.r2 = x();
    }
  }

  /** L5 with the accesses of the section the other way round. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L5Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r1 = y();
      pause();
      x(1);
      s.readUnlock(i);
    }

    @Actor
    public void updater(II_Result r) {
      y(1);
      gp();
      r.r2 = x();
    }
  }

  /** Two sections in a row. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L11 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r1 = x();
      s.readUnlock(i);
      int j = s.readLock();
      r.r2 = y();
      s.readUnlock(j);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }

  /** A section inside another. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L12 extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r1 = x();
      int j = s.readLock();
      r.r2 = y();
      s.readUnlock(j);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }

  /** L12 with the accesses the other way round. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A grace period was too short.")
  @Outcome(expect = Expect.ACCEPTABLE, desc = "Anything else.")
  @State
  public static class L12Swapped extends Program {
    @Actor
    public void reader(II_Result r) {
      int i = s.readLock();
      r.r2 = y();
      int j = s.readLock();
      pause();
      r.r1 = x();
      s.readUnlock(j);
      s.readUnlock(i);
    }

    @Actor
    public void updater() {
      y(1);
      gp();
      x(1);
    }
  }
}
