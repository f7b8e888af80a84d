package dev.virq.srcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The four counters of one stripe: for each rank, the read sections begun and ended through it.
 *
 * <p>They only grow and are never reset, so a sum of ends can be compared with a later sum of
 * begins. Any thread may count; every access is volatile except where a method says otherwise. The
 * letters are those of the proof in {@code src/docs/synchronization.md}.
 */
abstract class Counters {
  /**
   * Whether an atomic add by itself orders every access before it against every access after it: on
   * x86, whose locked instructions are full fences. {@code smp_mb__after_atomic} is nothing there.
   */
  private static final boolean ADD_IS_FENCE =
      switch (System.getProperty("os.arch", "")) {
        case "amd64", "x86_64", "x86", "i386" -> true;
        default -> false;
      };

  private static final VarHandle L0;
  private static final VarHandle L1;
  private static final VarHandle U0;
  private static final VarHandle U1;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      L0 = lookup.findVarHandle(Counters.class, "begun0", long.class);
      L1 = lookup.findVarHandle(Counters.class, "begun1", long.class);
      U0 = lookup.findVarHandle(Counters.class, "ended0", long.class);
      U1 = lookup.findVarHandle(Counters.class, "ended1", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Written through the handles, by an atomic add: a stripe is shared.
  private volatile long begun0;
  private volatile long begun1;
  private volatile long ended0;
  private volatile long ended1;

  /** Meetings of readers here since the last growth. Racy: a lost one delays a growth. */
  int meetings;

  /**
   * Counts a begin.
   *
   * @return whether another thread counted in the same place at the same moment; a hint
   */
  final boolean begin(int rank) {
    // The look before the add is for the hint alone; the add decides. The handles are named in two
    // branches because a handle chosen at run time is not compiled into the one instruction.
    long before = look(rank);
    long counted;
    if (rank == 0) {
      counted = (long) L0.getAndAdd(this, 1L);
    } else {
      counted = (long) L1.getAndAdd(this, 1L);
    }
    // B: the count is visible before anything the section reads. Pairs with A in quiet(): either
    // the scan counts this section, or the section sees what the updater wrote before scanning.
    if (!ADD_IS_FENCE) {
      VarHandle.fullFence();
    }
    return before != counted;
  }

  /** The begins counted in a rank so far, as a hint. Not final: a test counts one more after it. */
  long look(int rank) {
    return rank == 0 ? (long) L0.getOpaque(this) : (long) L1.getOpaque(this);
  }

  /** Counts an end. */
  final void end(int rank) {
    // C: all the section did is visible before its end is counted. Pairs with the end of
    // synchronize(): a thread that sees the count may reclaim what the section used.
    if (!ADD_IS_FENCE) {
      VarHandle.fullFence();
    }
    if (rank == 0) {
      long _ = (long) U0.getAndAdd(this, 1L);
    } else {
      long _ = (long) U1.getAndAdd(this, 1L);
    }
  }

  /** Sections begun in the rank. */
  long begun(int rank) {
    return rank == 0 ? begun0 : begun1;
  }

  /** Sections ended in the rank. */
  long ended(int rank) {
    return rank == 0 ? ended0 : ended1;
  }
}
