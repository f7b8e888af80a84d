package dev.virq.srcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The read side of a domain: ranks, stripes, the scan, and the protocol between readers and a
 * close. The counters it inherits are its first stripe, so that a domain whose readers never meet
 * is one small object.
 *
 * <p>The letters are those of the proof in {@code src/docs/synchronization.md}.
 */
abstract class ReadSide extends Counters {
  // Bits of flags; a reader that finds any of them set takes the slow path.
  private static final byte CLOSING = 1;
  private static final byte CLOSED = 2;
  private static final byte TRACKED = 4;
  private static final byte POISONED = 8;
  private static final byte TOLD = 16;

  /** Meetings of readers before there are more stripes. */
  static final int MEETINGS = 8;

  /** Doublings of that number, at most. */
  private static final int MOST_PATIENCE = 20;

  private static final VarHandle IDX;
  private static final VarHandle FLAGS;
  private static final VarHandle STRIPES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      IDX = lookup.findVarHandle(ReadSide.class, "idx", int.class);
      FLAGS = lookup.findVarHandle(ReadSide.class, "flags", byte.class);
      STRIPES = lookup.findVarHandle(ReadSide.class, "stripes", Stripe[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Flips so far; the low bit is the rank of new readers. Written by the driver only. */
  private volatile int idx;

  /**
   * Stripes instead of the inherited counters, once readers met; volatile for the growth rule. Not
   * private, so that a test can put a stripe here that acts in the midst of a scan.
   */
  volatile @Nullable Stripe @Nullable [] stripes;

  /** Volatile for the Dekker handshake between a close and a reader; changed atomically. */
  private volatile byte flags;

  /** How threads are dealt to stripes. Racy: any stripe will do for any count. */
  private int spread = Stripe.FIRST_SPREAD;

  /** How often the meetings that a growth takes were doubled. Racy as they are. */
  private byte patience;

  /** The rank of new readers. Only decides which rank counts a section, not whether one does. */
  final int rank() {
    return (int) IDX.getOpaque(this) & 1;
  }

  /** Counts a section as begun in a rank, and refuses it when the domain is closed. */
  final void enter(int rank, boolean handOff) {
    @Nullable Stripe[] present = stripes;
    boolean met = present == null ? begin(rank) : Stripe.mine(present, spread).begin(rank);
    // B is in begin(). After it, for the Dekker with close(): it announces, then counts.
    if (met || flags != 0) {
      entered(rank, handOff, met);
    }
  }

  private void entered(int rank, boolean handOff, boolean met) {
    try {
      if (!admitted()) {
        throw new IllegalStateException("read section begun on a closed SRCU domain");
      }
      if (met) {
        grow();
      }
      if ((flags & TRACKED) != 0) {
        sections().begun(rank, handOff);
      }
    } catch (IllegalStateException | OutOfMemoryError e) {
      count(rank);
      throw e;
    }
  }

  /**
   * Whether a reader that has counted itself may continue; it defeats a close that is under way.
   */
  private boolean admitted() {
    while (true) {
      byte seen = flags;
      if ((seen & CLOSED) != 0) {
        return false;
      }
      if ((seen & CLOSING) == 0 || FLAGS.compareAndSet(this, seen, (byte) (seen & ~CLOSING))) {
        return true;
      }
    }
  }

  /**
   * Notes a meeting of readers. After some of them there are more stripes; once there are enough,
   * threads are redistributed over them, so that two threads that share one do not meet for ever.
   * This happens less and less often: with more threads than stripes, some always meet.
   */
  final void grow() {
    if (!striped()) {
      return;
    }
    @Nullable Stripe[] present = stripes;
    // Counted where they met: elsewhere it would be in the way of readers that do not meet.
    Counters where = present == null ? this : Stripe.mine(present, spread);
    if (++where.meetings < MEETINGS << patience) {
      return;
    }
    where.meetings = 0;
    if (present == null || Stripe.count(present) < Stripe.MOST) {
      // If the exchange fails, another reader has just done it.
      boolean _ = STRIPES.compareAndSet(this, present, Stripe.grown(present));
      return;
    }
    spread = Stripe.nextSpread(spread);
    patience = (byte) Math.min(patience + 1, MOST_PATIENCE);
  }

  /** Counts a section as ended, and wakes the driver that waits for its rank. */
  final void leave(int rank, boolean handOff) {
    if ((rank & ~1) != 0 || flags != 0) {
      leaving(rank, handOff);
    }
    count(rank);
  }

  private void leaving(int rank, boolean handOff) {
    if ((rank & ~1) != 0) {
      throw new IllegalStateException("SRCU index " + rank + " is neither 0 nor 1");
    }
    if (isClosed()) {
      throw new IllegalStateException("read section ended on a closed SRCU domain");
    }
    if ((flags & TRACKED) != 0) {
      sections().ending(rank, handOff);
    }
  }

  private void count(int rank) {
    @Nullable Stripe[] present = stripes;
    Counters mine = present == null ? this : Stripe.mine(present, spread);
    mine.end(rank);
    wake(rank);
  }

  // ---- for the driver

  /** The rank that new readers do not use. */
  final int idleRank() {
    return (idx & 1) ^ 1;
  }

  /** Sends new readers to the rank that scan 1 found quiet. One driver at a time. */
  final void flip() {
    // E: scan 1 is over before a new reader can be counted in the rank it found quiet.
    VarHandle.fullFence();
    int flips = idx;
    idx = flips + 1;
    // D: readers whose end scan 2 misses see the flip soon, which bounds how often it must rescan.
    VarHandle.fullFence();
  }

  /**
   * Whether every section counted as begun in the rank has ended; the order of reads is the proof.
   */
  final boolean quiet(int rank) {
    long ended = sumEnded(rank);
    // A (the proof's T): ends are read before begins, and before the array of the begins. Pairs
    // with B and C: an end counted here had its begin counted.
    VarHandle.fullFence();
    long begun = sumBegun(rank);
    if (ended - begun > 0) {
      byte _ = raise(POISONED);
    }
    return ended == begun && (flags & POISONED) == 0;
  }

  /** Sections open in a rank: exact while no reader comes or goes, else a hint. */
  final long open(int rank) {
    long ended = sumEnded(rank);
    VarHandle.fullFence();
    return Math.max(0, sumBegun(rank) - ended);
  }

  final long sumEnded(int rank) {
    long sum = ended(rank);
    @Nullable Stripe[] present = stripes;
    if (present != null) {
      for (int i = 0; i < Stripe.count(present); i++) {
        sum += Stripe.at(present, i).ended(rank);
      }
    }
    return sum;
  }

  final long sumBegun(int rank) {
    long sum = begun(rank);
    @Nullable Stripe[] present = stripes;
    if (present != null) {
      for (int i = 0; i < Stripe.count(present); i++) {
        sum += Stripe.at(present, i).begun(rank);
      }
    }
    return sum;
  }

  // ---- what else a domain has

  /** Ends the sleep of a driver that waits for the rank; called once an end is counted. */
  abstract void wake(int rank);

  /** Whether there may be more stripes. */
  abstract boolean striped();

  /** The open sections of a tracked domain. */
  abstract OpenSections sections();

  // ---- state

  /** Remembers every section from now on; by the constructor only. */
  final void track() {
    flags = TRACKED;
  }

  final boolean isTracked() {
    return (flags & TRACKED) != 0;
  }

  /** Whether the domain was closed. */
  public final boolean isClosed() {
    return (flags & CLOSED) != 0;
  }

  /** Whether more sections were ended than begun; no grace period ends any more then. */
  public final boolean isPoisoned() {
    return (flags & POISONED) != 0;
  }

  /** True for the first caller. */
  final boolean firstToTellPoisoned() {
    return (raise(TOLD) & TOLD) == 0;
  }

  /** Refuses an updater's call on a closed domain. */
  final void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("grace period asked of a closed SRCU domain");
    }
  }

  /**
   * Closes unless a section is open; the monitor of the update side is held.
   *
   * @throws IllegalStateException when one is, or is begun meanwhile; the domain stays open, and no
   *     reader is refused
   */
  final void closeReaders() {
    // Dekker with enter(): we announce, then count; the reader counts, then looks.
    byte _ = raise(CLOSING);
    VarHandle.fullFence();
    boolean quiet = quiet(0) && quiet(1);
    while (true) {
      byte seen = flags;
      boolean defeated = (seen & CLOSING) == 0;
      byte next = (byte) ((seen & ~CLOSING) | (quiet && !defeated ? CLOSED : 0));
      if (!FLAGS.compareAndSet(this, seen, next)) {
        continue;
      }
      if ((next & CLOSED) == 0) {
        throw new IllegalStateException(
            isPoisoned()
                ? "poisoned SRCU domain cannot be closed"
                : "SRCU domain closed with " + (open(0) + open(1)) + " read section(s) open");
      }
      return;
    }
  }

  private byte raise(byte bit) {
    return (byte) FLAGS.getAndBitwiseOr(this, bit);
  }
}
