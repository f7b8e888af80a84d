package dev.virq.srcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An SRCU domain: readers announce themselves in one of two ranks of counters, and {@link
 * #synchronize()} waits until every read section begun before it has ended.
 *
 * <p>Sections may block, nest, overlap, and end on another thread than the one that began them.
 * {@link #readLock} takes no lock, allocates nothing, and never waits. Domains are independent: a
 * reader of one never delays a grace period of another.
 *
 * <h2>Algorithm</h2>
 *
 * {@code idx} names the rank that new readers use. For each rank, {@code L} counts sections begun
 * and {@code U} sections ended; both only grow. A rank is quiet when its ended equal its begun, the
 * ended being read <em>first</em>. A grace period waits until the rank not in use is quiet (scan 1:
 * stragglers that fetched an old {@code idx}), flips {@code idx}, and waits until the rank just
 * left is quiet (scan 2). The flip keeps a steady stream of new readers from postponing scan 2 for
 * ever.
 *
 * <h2>Why it is safe</h2>
 *
 * <b>Theorem.</b> Let R be a {@link SrcuRef}. An updater performs W: R := null (or a new value),
 * then {@code synchronize()}. A read section that got the old value from R happens-before the
 * return.
 *
 * <p><b>Proof</b> in the Java Memory Model; "before" is the synchronization order (JLS 17.4.4),
 * which orders every volatile access here.
 *
 * <ol>
 *   <li>In the section: (B) its increment of L[i], then its read of R, then (C) its increment of
 *       U[i], in program order and so in synchronization order.
 *   <li>The read of R returned the old value and R is not set back, so it is before W; hence (B) is
 *       before W and before every scan of the grace period.
 *   <li>Both ranks are found quiet after W, so rank i is, whichever i the section got. Let T be a
 *       point between the scan's last read of U[i] and its first read of L[i] (A). Every increment
 *       of U[i] the scan counted is before T; the increment of L[i] that belongs to it is earlier
 *       still, so it is counted too, L being monotonic. So begun ≥ counted ended, and they are
 *       equal only when every counted begin has its end counted.
 *   <li>(B) is counted, hence (C) is. A volatile write synchronizes-with every later read of the
 *       variable, so the section happens-before the scan, and the scan happens-before the return. ∎
 * </ol>
 *
 * <p>The proof uses neither the value of {@code idx} nor the flip, which serve progress. It assumes
 * fewer than 2^64 sections. It covers data reached through R; for racy plain or opaque data the JLS
 * has no axioms, and there the full fences give what the kernel's memory model gives, on the word
 * of {@link VarHandle#fullFence()}.
 *
 * <h2>Misuse</h2>
 *
 * <p>More ends than begins in a rank poison the domain: no grace period ever ends again, so nothing
 * is reclaimed under a reader. Waiting for a grace period inside a section of the same domain, or
 * while holding a lock that a reader takes, is a deadlock that the caller must exclude.
 *
 * <p>Source: the two-index scheme of Linux's {@code kernel/rcu/srcutree.c} as published; the
 * lettered barriers are the kernel's A to E.
 */
public final class SrcuDomain {
  /** Polls before a scan goes to sleep; a few microseconds, for sections that just end. */
  private static final int SPINS = 64;

  private static final VarHandle L0;
  private static final VarHandle L1;
  private static final VarHandle U0;
  private static final VarHandle U1;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      L0 = lookup.findVarHandle(SrcuDomain.class, "begun0", long.class);
      L1 = lookup.findVarHandle(SrcuDomain.class, "begun1", long.class);
      U0 = lookup.findVarHandle(SrcuDomain.class, "ended0", long.class);
      U1 = lookup.findVarHandle(SrcuDomain.class, "ended1", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Counters of one stripe, in the object itself: an irqfd's domain has one reader at a time.
  // Accessed through the handles only, always in volatile mode.
  @SuppressWarnings("UnusedVariable") // by VarHandle
  private volatile long begun0;

  @SuppressWarnings("UnusedVariable") // by VarHandle
  private volatile long begun1;

  @SuppressWarnings("UnusedVariable") // by VarHandle
  private volatile long ended0;

  @SuppressWarnings("UnusedVariable") // by VarHandle
  private volatile long ended1;

  /** Flips so far; the low bit is the rank of new readers. Written by the grace period only. */
  private volatile int idx;

  /** The updater asleep in a scan; volatile for the Dekker handshake with {@link #readUnlock}. */
  private volatile @Nullable Thread waiter;

  /**
   * Four times the grace periods ended, plus 1 in scan 1 and 2 in scan 2. Written under the
   * monitor; volatile so that a snapshot needs no lock.
   */
  private volatile long gpSeq;

  /** Set by {@link #close} before it looks for readers: a reader that comes later sees it. */
  private volatile boolean closed;

  /** More ends than begins were seen. Sticky; volatile so that it can be observed. */
  private volatile boolean poisoned;

  /** Creates an idle domain; it holds no thread and no lock. */
  public SrcuDomain() {}

  /**
   * Begins a read section: {@code srcu_read_lock}. Never blocks.
   *
   * @return the index to hand to {@link #readUnlock}: 0 or 1
   * @throws IllegalStateException when the domain was closed; no section is open then
   */
  public int readLock() {
    int i = idx & 1;
    VarHandle begun = i == 0 ? L0 : L1;
    // B: the count is visible before anything the section reads. Pairs with A in quiet(): either
    // the scan counts this section, or the section sees what the updater wrote before scanning.
    begun.getAndAdd(this, 1L);
    VarHandle.fullFence();
    if (closed) {
      readUnlock(i);
      throw new IllegalStateException("read section begun on a closed SRCU domain");
    }
    return i;
  }

  /**
   * Ends a read section: {@code srcu_read_unlock}. Any thread, whichever began the section. Never
   * blocks.
   *
   * @param index what {@link #readLock} returned
   * @throws IllegalStateException when index is neither 0 nor 1; nothing is counted then
   */
  public void readUnlock(int index) {
    if ((index & ~1) != 0) {
      throw new IllegalStateException("SRCU index " + index + " is neither 0 nor 1");
    }
    // C: all the section did is visible before its end is counted. Pairs with the end of
    // synchronize(): who sees the count may reclaim what the section used.
    VarHandle.fullFence();
    VarHandle ended = index == 0 ? U0 : U1;
    ended.getAndAdd(this, 1L);
    // Dekker with sleepUntilQuiet(): we count, then look for a sleeper; the sleeper publishes
    // itself, then looks at the counts. One of the two sees the other.
    Thread sleeper = waiter;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }

  /** Begins a read section as an object, for try-with-resources. Never blocks. */
  public ReadSection read() {
    return new ReadSection(this, readLock());
  }

  /**
   * Waits until every read section begun before the call has ended: {@code synchronize_srcu}.
   *
   * <p>May block for as long as a reader does. The caller must hold no lock that a reader takes and
   * must not be inside a section of this domain. Interrupts do not end the wait; the flag is kept.
   *
   * @throws IllegalStateException when the domain was closed
   */
  public GracePeriod synchronize() {
    return synchronize(() -> {});
  }

  /**
   * As {@link #synchronize()}, and tells when the ranks were flipped.
   *
   * @param flipped called once on this thread between the two scans, unless a grace period that
   *     another thread ran covered the call
   */
  public GracePeriod synchronize(Runnable flipped) {
    long start = System.nanoTime();
    requireOpen();
    long readers = readersActive();
    // The caller's update precedes the snapshot and every scan.
    VarHandle.fullFence();
    long target = snapshot();
    long sequence;
    synchronized (this) {
      // Whoever had the monitor meanwhile may have run a grace period that began after our call.
      if (gpSeq < target) {
        requireOpen();
        runGracePeriod(flipped);
      }
      sequence = gpSeq >>> 2;
    }
    // The caller's reclaim follows every counted end, also when another thread did the counting.
    VarHandle.fullFence();
    return new GracePeriod(sequence, readers, System.nanoTime() - start);
  }

  /**
   * Ends the domain: {@code cleanup_srcu_struct}. Does nothing when it was closed before.
   *
   * @throws IllegalStateException when a read section is open or a grace period runs; the domain
   *     stays usable then, though a section begun during the refused call may be refused with it
   */
  public void close() {
    if ((gpSeq & 3) != 0) {
      throw new IllegalStateException("SRCU domain closed during a grace period");
    }
    synchronized (this) {
      if (closed) {
        return;
      }
      // Dekker with readLock(): we announce, then count; the reader counts, then looks.
      closed = true;
      VarHandle.fullFence();
      if (!quiet(0) || !quiet(1)) {
        closed = false;
        throw new IllegalStateException(
            "SRCU domain closed with " + readersActive() + " read section(s) open");
      }
    }
  }

  /** Whether {@link #close} succeeded. */
  public boolean isClosed() {
    return closed;
  }

  /** Whether more sections were ended than begun; no grace period ends any more then. */
  public boolean isPoisoned() {
    return poisoned;
  }

  /** Read sections open now: exact while no reader comes or goes, else a hint. */
  public long readersActive() {
    long ended = (long) U0.getVolatile(this) + (long) U1.getVolatile(this);
    long begun = (long) L0.getVolatile(this) + (long) L1.getVolatile(this);
    return Math.max(0, begun - ended);
  }

  /** Grace periods that have ended. */
  public long gracePeriods() {
    return gpSeq >>> 2;
  }

  /** The smallest value of gpSeq at which a whole grace period that begins after now has ended. */
  private long snapshot() {
    return (gpSeq + 7) & ~3L;
  }

  /** One grace period; the monitor is held, so there is one at a time. */
  private void runGracePeriod(Runnable flipped) {
    long seq = gpSeq;
    gpSeq = seq + 1;
    awaitQuiet((idx & 1) ^ 1);
    // E: scan 1 is over before a new reader can be counted in the rank it found empty.
    VarHandle.fullFence();
    int flips = idx;
    idx = flips + 1;
    // D: readers whose end scan 2 misses see the flip soon, which bounds how often it must rescan.
    VarHandle.fullFence();
    gpSeq = seq + 2;
    flipped.run();
    awaitQuiet(flips & 1);
    gpSeq = seq + 4;
  }

  private void awaitQuiet(int rank) {
    for (int spin = 0; spin < SPINS; spin++) {
      if (quiet(rank)) {
        return;
      }
      Thread.onSpinWait();
    }
    sleepUntilQuiet(rank);
  }

  private void sleepUntilQuiet(int rank) {
    boolean interrupted = false;
    waiter = Thread.currentThread();
    try {
      while (!quiet(rank)) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    } finally {
      waiter = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether every section counted as begun in the rank has ended; the order of reads is the proof.
   */
  private boolean quiet(int rank) {
    long ended = (long) (rank == 0 ? U0 : U1).getVolatile(this);
    // A: ends are read before begins. Pairs with B and C: an end counted here had its begin
    // counted.
    VarHandle.fullFence();
    long begun = (long) (rank == 0 ? L0 : L1).getVolatile(this);
    if (ended > begun) {
      poisoned = true;
    }
    return ended == begun && !poisoned;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("grace period asked of a closed SRCU domain");
    }
  }
}
