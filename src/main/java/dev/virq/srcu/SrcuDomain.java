package dev.virq.srcu;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

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
 * <p>Why that is safe, also when the counters are spread over stripes, is proved in {@code
 * src/docs/synchronization.md}; the letters A to E at the barriers are explained there.
 *
 * <h2>Misuse</h2>
 *
 * <p>More ends than begins in a rank poison the domain when a scan sees them: no grace period ever
 * ends again, so nothing is reclaimed under a reader. An end too many that meets an open section
 * passes for that section's; only a {@linkplain SrcuOptions#withTracking tracked} domain finds it
 * at once. Waiting for a grace period inside a section of the same domain, or while holding a lock
 * that a reader takes, is a deadlock; a tracked domain throws in the first case.
 *
 * <p>Deviation: the flavours of Linux without barriers on the read side (lite, fast) do not exist
 * here, because Java has no fence that costs only the updater.
 *
 * <p>Source: the two-index scheme of Linux's {@code kernel/rcu/srcutree.c} as published; the
 * lettered barriers are the kernel's A to E.
 */
public final class SrcuDomain extends BothSides {
  /** A cookie whose grace period has always ended: {@code get_completed_synchronize_srcu}. */
  public static final long COMPLETED = 1;

  /** How many different cookies can be unfinished at once; so many need remembering. */
  public static final int MOST_UNFINISHED_COOKIES = 2;

  /** An idle domain with the default options; it holds no thread and no lock. */
  public SrcuDomain() {
    super(null);
  }

  /** An idle domain with other options. */
  public SrcuDomain(SrcuOptions options) {
    super(options);
  }

  /** With another number before the first grace period's, times 4: for tests of its wrap. */
  SrcuDomain(SrcuOptions options, long firstSequence) {
    super(options, firstSequence);
  }

  /** A domain that is never closed, for a static field: {@code DEFINE_STATIC_SRCU}. */
  public static SrcuDomain eternal() {
    return new SrcuDomain(SrcuOptions.DEFAULT.withoutEnd());
  }

  // ---- readers; none of these blocks, and any thread may call them

  /**
   * Begins a read section: {@code srcu_read_lock}. Never blocks; allocates nothing, except that the
   * domain grows a few times in its life when readers meet.
   *
   * @return the index to hand to {@link #readUnlock}: 0 or 1
   * @throws IllegalStateException when the domain was closed; no section is open then
   */
  public int readLock() {
    int rank = rank();
    enter(rank, false);
    return rank;
  }

  /**
   * Ends a read section: {@code srcu_read_unlock}. Any thread, whichever began the section. Never
   * blocks. Callers must not take it for a full barrier: {@link #fullBarrierAfterUnlock}.
   *
   * @param index what {@link #readLock} returned
   * @throws IllegalStateException when index is neither 0 nor 1, when the domain was closed, or
   *     when it is tracked and no such section is open; nothing is counted then
   */
  public void readUnlock(int index) {
    leave(index, false);
  }

  /** Begins a read section as an object, for try-with-resources. Never blocks. */
  public ReadSection read() {
    return new ReadSection(this, readLock());
  }

  /**
   * Begins a section that belongs to no thread: {@code srcu_down_read}. As {@link #readLock}, but
   * meant to be ended elsewhere, by {@link #upRead}.
   *
   * @return the index to hand over, through any happens-before edge
   */
  public int downRead() {
    int rank = rank();
    enter(rank, true);
    return rank;
  }

  /**
   * Ends a section that {@link #downRead} began: {@code srcu_up_read}.
   *
   * @param index what it returned
   * @throws IllegalStateException as {@link #readUnlock} does
   */
  public void upRead(int index) {
    leave(index, true);
  }

  /**
   * Makes the end of a section just before a full barrier: {@code smp_mb__after_srcu_read_unlock}.
   */
  public static void fullBarrierAfterUnlock() {
    VarHandle.fullFence();
  }

  /**
   * Whether the calling thread has a section of its own open, hand-offs left out: {@code
   * srcu_read_lock_held}. Always true when the domain is not tracked, for it cannot be known then.
   */
  public boolean isReadLockHeld() {
    return !isTracked() || sections().mine();
  }

  // ---- updaters; these may block for as long as a reader does

  /**
   * Waits until every read section begun before the call has ended: {@code synchronize_srcu}.
   *
   * <p>May block for as long as a reader does. The caller must hold no lock that a reader takes and
   * must not be inside a section of this domain. Interrupts do not end the wait; the flag is kept.
   *
   * @throws IllegalStateException when the domain was closed; when it is tracked and the caller is
   *     inside a section of it
   */
  public GracePeriod synchronize() {
    return synchronize(Call.patient());
  }

  /**
   * As {@link #synchronize()}, and reports when the ranks were flipped.
   *
   * @param flipped called at most once, on this thread between the two scans, with no lock held;
   *     not called when a grace period that another thread ran covered the call
   */
  public GracePeriod synchronize(Runnable flipped) {
    return synchronize(Call.patient(flipped));
  }

  /**
   * As {@link #synchronize(Runnable)}, for a caller that has something to give up while it waits.
   *
   * @param sleeping runs what waits, once, on this thread; not called when there is nothing to wait
   *     for
   */
  public GracePeriod synchronize(Runnable flipped, Consumer<Runnable> sleeping) {
    Wait wait = new Wait();
    if (!wait.ended(Call.within(0, flipped))) {
      sleeping.accept(() -> wait.ended(Call.patient(flipped)));
    }
    return wait.over();
  }

  /**
   * As {@link #synchronize()}, but polls for longer before it sleeps, and makes grace periods under
   * way do so too: {@code synchronize_srcu_expedited}.
   */
  public GracePeriod synchronizeExpedited() {
    return synchronize(Call.inHaste());
  }

  /**
   * As {@link #synchronize()}, but gives up when the time is over. Interrupts do not end the wait.
   *
   * <p>Deviation: Linux has no such call, because after false <em>nothing</em> is known. It never
   * justifies freeing anything; it is for reporting that a reader is slow.
   *
   * @param limit how long to wait; zero or less to look without waiting
   * @return whether every section begun before the call has ended
   */
  public boolean synchronize(Duration limit) {
    UpdateSide periods = begin();
    boolean ended =
        periods.await(periods.snapshot(), Call.within(TimeUnit.NANOSECONDS.convert(limit)));
    VarHandle.fullFence();
    return ended;
  }

  private GracePeriod synchronize(Call call) {
    Wait wait = new Wait();
    boolean _ = wait.ended(call);
    return wait.over();
  }

  /** The wait for the grace period that covers what was updated before it. */
  private final class Wait {
    private final long start = System.nanoTime();
    private final long readers = readersActive();
    private final UpdateSide periods = begin();
    private final long cookie = periods.snapshot();

    boolean ended(Call call) {
      return periods.await(cookie, call);
    }

    GracePeriod over() {
      // The caller's reclaim follows every counted end, also when another thread did the counting.
      VarHandle.fullFence();
      return new GracePeriod(cookie >>> 2, readers, System.nanoTime() - start);
    }
  }

  /** What every wait begins with. */
  private UpdateSide begin() {
    requireOpen();
    if (isTracked() && sections().mine()) {
      throw new IllegalStateException(
          "grace period waited for inside a read section of the same SRCU domain");
    }
    // The caller's update precedes the snapshot and every scan.
    VarHandle.fullFence();
    return updates();
  }

  // ---- callbacks

  /**
   * Runs a callback after a grace period: {@code call_srcu}. Never blocks.
   *
   * <p>Callbacks of one domain run in the order of the calls, each once, one at a time, on the
   * domain's callback executor, with no lock held. What one throws is counted and reported to the
   * listener; the next still runs. A callback queued twice runs twice.
   *
   * <p>Deviation: Linux's queue has no bound. Here one more than {@link SrcuOptions#callbackLimit}
   * waiting callbacks are refused, so that a reader that stays for ever cannot fill the memory.
   *
   * @throws java.util.concurrent.RejectedExecutionException when so many wait; nothing is queued
   * @throws IllegalStateException when the domain was closed
   */
  public void call(Runnable callback) {
    requireOpen();
    // The caller's update precedes the callback's cookie.
    VarHandle.fullFence();
    updates().callbacks().call(callback);
  }

  /**
   * Waits until every callback queued before the call has run: {@code srcu_barrier}. Waits for no
   * grace period when none is queued. Interrupts do not end the wait; the flag is kept.
   *
   * @throws IllegalStateException when called from a callback of this domain, or when the domain
   *     was closed; when it is tracked and the caller is inside a section of it
   */
  public void barrier() {
    begin().callbacks().barrier();
  }

  /** Callbacks that have not ended yet. */
  public long callbacksPending() {
    UpdateSide periods = updatesOrNull();
    return periods == null ? 0 : periods.callbacks().pending();
  }

  /** Callbacks that threw. */
  public long callbacksFailed() {
    UpdateSide periods = updatesOrNull();
    return periods == null ? 0 : periods.callbacks().failed();
  }

  // ---- polled grace periods; none of these blocks

  /**
   * A cookie for {@link #poll}: {@code get_state_synchronize_srcu}. Starts nothing: without a later
   * grace period for another reason, it stays unfinished.
   *
   * <p>At most {@value #MOST_UNFINISHED_COOKIES} different cookies of a domain are unfinished at
   * any moment; equal cookies stand for the same grace period.
   *
   * @throws IllegalStateException when the domain was closed
   */
  public long getState() {
    requireOpen();
    // The caller's update precedes the snapshot.
    VarHandle.fullFence();
    return updates().snapshot();
  }

  /**
   * As {@link #getState}, and starts what the cookie needs: {@code start_poll_synchronize_srcu}.
   *
   * <p>Deviation: Linux ends the grace period on a worker of its own. Here the calls of {@link
   * #poll} advance it, and so does any thread that waits for a later one.
   */
  public long startPoll() {
    requireOpen();
    VarHandle.fullFence();
    UpdateSide periods = updates();
    long cookie = periods.snapshot();
    periods.promise(cookie);
    return cookie;
  }

  /**
   * Whether the whole grace period of a cookie has ended: {@code poll_state_synchronize_srcu}. Then
   * the caller may reclaim as after {@link #synchronize()}.
   *
   * @param cookie from {@link #getState} or {@link #startPoll} of this domain, or {@link
   *     #COMPLETED}
   * @throws IllegalArgumentException when this domain cannot have given the cookie
   * @throws IllegalStateException when the domain was closed
   */
  public boolean poll(long cookie) {
    requireOpen();
    if (cookie == COMPLETED) {
      return true;
    }
    UpdateSide periods = updates();
    if ((cookie & 3) != 0 || cookie - periods.snapshot() > 0) {
      throw new IllegalArgumentException("no SRCU cookie of this domain: " + cookie);
    }
    if (!periods.done(cookie)) {
      periods.advance();
    }
    boolean ended = periods.done(cookie);
    VarHandle.fullFence();
    return ended;
  }

  // ---- the end, and what observers see

  /**
   * Ends the domain: {@code cleanup_srcu_struct}. Does nothing when it was closed before; every
   * other call throws from then on, except those below.
   *
   * @throws IllegalStateException when a read section is open, a grace period is under way or
   *     promised, a callback is left, or the domain is eternal or poisoned; it stays usable then,
   *     and no reader is refused
   */
  public void close() {
    if (isClosed()) {
      return;
    }
    if (options().eternal()) {
      throw new IllegalStateException("eternal SRCU domain closed");
    }
    updates()
        .close(() -> {
          if (!isClosed()) {
            closeReaders();
          }
        });
  }

  /** Read sections open now: exact while no reader comes or goes, else a hint. */
  public long readersActive() {
    return open(0) + open(1);
  }

  /**
   * What the two ranks have counted: exact while no reader comes or goes, else a hint in which no
   * more sections have ended than begun.
   *
   * @param index the rank of new readers
   * @param begun sections begun in rank 0 and in rank 1
   * @param ended sections ended in rank 0 and in rank 1
   */
  public record Ranks(int index, List<Long> begun, List<Long> ended) {}

  /** What the two ranks have counted. */
  public Ranks ranks() {
    int index = rank();
    List<Long> ended = List.of(sumEnded(0), sumEnded(1));
    VarHandle.fullFence();
    return new Ranks(index, List.of(sumBegun(0), sumBegun(1)), ended);
  }

  /** Grace periods that have ended. */
  public long gracePeriods() {
    UpdateSide periods = updatesOrNull();
    return periods == null ? 0 : periods.ended();
  }
}
