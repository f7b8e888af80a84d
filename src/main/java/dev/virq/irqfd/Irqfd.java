package dev.virq.irqfd;

import static dev.virq.eventfd.PollEvent.POLLHUP;
import static dev.virq.eventfd.PollEvent.POLLIN;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.protocol.WakeKey;
import dev.virq.srcu.GracePeriod;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import dev.virq.stats.LineCounters;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.Uninterruptibly;
import dev.virq.trace.EndCause;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import org.jspecify.annotations.Nullable;

/**
 * One binding of an eventfd to an interrupt line of a VM: {@code struct _irqfd} of the 2009 patch.
 *
 * <h2>A signal</h2>
 *
 * A write wakes {@link #wake} under the eventfd's wait-queue lock. It may not block, so it only
 * asks for {@link Injection} on the injection queue: at most one request waits, later ones are
 * merged with it. (A line that leads to one message and nothing else is not deferred: the message
 * is sent within the wake-up, as today's kernel does.) The request is taken before the injection
 * begins, so every wake-up is followed by an injection that starts after it. An injection opens a
 * read section, reads the pointer to the VM <b>[4]</b>, and if it is not null takes the VM's lock
 * and drives the line 1 then 0; the section ends at <b>[1]</b>.
 *
 * <h2>Who ends it</h2>
 *
 * Two decisions, each taken exactly once, by the first to come:
 *
 * <ul>
 *   <li><b>Severing</b>: the caller that swaps the pointer to null <b>[2]</b> unlinks the irqfd,
 *       waits for the grace period and only then drops the VM's reference <b>[3]</b>. A caller that
 *       loses the race waits for the winner before it continues: the 2009 patch did not, and freed
 *       the domain under the winner's feet.
 *   <li><b>Ownership of the tear-down</b> ({@link #claim}): the caller that claims it unhooks,
 *       flushes, closes the domain and frees. Hang-up and de-assign claim first and sever after the
 *       flush; the VM's close severs first, without a flush, and claims afterwards.
 * </ul>
 *
 * <h2>Threads and locks</h2>
 *
 * {@link #wake} runs on the thread that writes or that closes the last descriptor, under the
 * wait-queue lock. {@link Injection} runs on an injection worker, or in its place on the thread
 * that wrote, never twice at once. Everything that waits runs on a clean-up worker, or in its place
 * on the thread that de-assigns, with no lock held. Order: read section, then VM lock; wait-queue
 * lock, then nothing that blocks.
 *
 * <p>Deviation: the 2009 patch's {@code irqfd->lock} guards only the swap; here the swap is one
 * atomic exchange, and the lock is gone.
 */
public final class Irqfd extends EndDecisions implements WaitQueueEntry, IrqfdView {
  private final IrqfdContext context;
  private final Irqfds list;
  private final EventFd eventfd;
  private final long gsi;

  /** What the end of interrupt signals, or null for a plain irqfd. */
  private final @Nullable EventFd resample;

  /** Of its line; null where lines are not counted. */
  private final @Nullable LineCounters line;

  private final SrcuDomain srcu = new SrcuDomain(IrqfdDomain.OPTIONS);
  private final SrcuRef<Vm> kvm;
  private final Injection injection;
  private final FreedCallbacks whenFreed = new FreedCallbacks();

  /**
   * Number in the sandbox; 0 until hooked. Written under the wait-queue lock; read by any thread.
   */
  private volatile long id;

  /** Written under this object's monitor, by {@link #advance}; volatile for observers. */
  private volatile IrqfdState state = IrqfdState.ACTIVE;

  /** Whether a grace period is waited for now. Volatile: written by the winner, for observers. */
  private volatile boolean awaitingReaders;

  /** Whether injections are waited for now. Volatile: written by the owner, for observers. */
  private volatile boolean awaitingInjections;

  /** Whether who lost the swap waits now for who won. Volatile: written by it, for observers. */
  private volatile boolean awaitingSevered;

  // This object's monitor is a leaf lock.
  @GuardedBy("this")
  private boolean severingDone;

  @GuardedBy("this")
  private TearDown tearDown = TearDown.NONE;

  /** An irqfd that is not hooked yet; it owns one reference to the VM, taken by the caller. */
  Irqfd(
      IrqfdContext context,
      Irqfds list,
      Vm vm,
      EventFd eventfd,
      long gsi,
      @Nullable EventFd resample) {
    this.context = context;
    this.list = list;
    this.eventfd = eventfd;
    this.gsi = gsi;
    this.resample = resample;
    this.line = context.events().line(gsi);
    this.kvm = new SrcuRef<>(vm);
    this.injection =
        new Injection(
            this,
            resample != null,
            context.injection(),
            context.probe(),
            srcu,
            kvm,
            vm.irqchip(),
            context.protocol().request().get(),
            this);
  }

  // ---- what observers see

  @Override
  public long irqfdId() {
    return id;
  }

  @Override
  public long vmId() {
    return list.vmId();
  }

  @Override
  public long eventfdId() {
    return eventfd.eventfdId();
  }

  @Override
  public long gsi() {
    return gsi;
  }

  @Override
  public String toString() {
    return "irqfd-" + id;
  }

  @Override
  public boolean isResample() {
    return resample != null;
  }

  /** What the end of interrupt signals, or null for a plain irqfd. */
  public @Nullable EventFd resample() {
    return resample;
  }

  /** What counts the signals to its line; null where they are not counted. */
  public @Nullable LineCounters line() {
    return line;
  }

  /** The eventfd that it was bound to. */
  public EventFd eventfd() {
    return eventfd;
  }

  @Override
  public IrqfdInfo info() {
    return injection.info(state);
  }

  /** Has counted what another irqfd had; nothing is under way. */
  public void become(IrqfdInfo info) {
    injection.become(info);
  }

  @Override
  public SrcuDomain.@Nullable Ranks ranks() {
    return state == IrqfdState.FREED ? null : srcu.ranks();
  }

  /** What ending it took so far. */
  public synchronized TearDown tearDown() {
    return tearDown;
  }

  @Override
  public @Nullable TearDown end() {
    return state == IrqfdState.FREED ? tearDown() : null;
  }

  /** Read sections of its domain that are open now: exact while no reader comes or goes. */
  public long readersActive() {
    return srcu.readersActive();
  }

  /** Whether its end waits now for the readers of a grace period. */
  public boolean awaitsReaders() {
    return awaitingReaders;
  }

  /** Whether its end waits now for queued and running injections. */
  public boolean awaitsInjections() {
    return awaitingInjections;
  }

  /** Whether who lost the swap of the pointer waits now until who won has put the VM. */
  public boolean awaitsSevered() {
    return awaitingSevered;
  }

  /** What claimed the tear-down, or null while nothing has. */
  public @Nullable EndCause cause() {
    return owner();
  }

  /**
   * Calls back once when it is gone, at once if it is gone already; on the thread that freed it, no
   * lock held.
   */
  public void whenFreed(Runnable callback) {
    whenFreed.add(callback);
  }

  // ---- the signal

  @Override
  public void hooked() {
    id = context.events().hooked(this);
  }

  @Override
  public void wake(int events, Signal signal) {
    if (state == IrqfdState.FREED) {
      throw new BrokenLifetime(
          BrokenLifetime.Kind.USE_AFTER_FREE, "irqfd-" + id, "woken after it was freed");
    }
    WakeKey key = context.protocol().key();
    if (key.carries(events, POLLIN)) {
      context.probe().hit(Tracepoint.WAKEUP_POLLIN, this);
      injection.request(signal);
    }
    if (key.carries(events, POLLHUP)) {
      context.probe().hit(Tracepoint.WAKEUP_POLLHUP, this);
      if (claim(EndCause.HANGUP)) {
        new Work(context.cleanup(), this::shutdown).schedule();
      }
    }
  }

  /** Asks for an injection that no wake-up asked for, and that is not followed. */
  void inject() {
    injection.request(Signal.UNTRACKED);
  }

  // ---- the end

  /** Decides which caller tears down; true for exactly one caller. */
  boolean claim(EndCause cause) {
    return context.protocol().end().claims(own(context.events().named(cause)));
  }

  /** Whether it is severed, or a caller is about to swap the pointer. */
  boolean isSevered() {
    return severer() != null;
  }

  /** Whether its end would have to wait for nothing that is under way now. */
  boolean isQuiet() {
    // With a resampler it also waits for those ends of interrupt that are told right now.
    return resample == null && injection.isIdle() && srcu.readersActive() == 0;
  }

  /** Swaps the pointer: mark [2]. Returns the VM to exactly one caller, null to the others. */
  @Nullable Vm swap(EndCause cause) {
    if (!sever(cause)) {
      return null;
    }
    Vm vm = kvm.getAndSet(null);
    advance(IrqfdState.DISCONNECTED);
    return vm;
  }

  /** The winner's part after the swap: unlink, wait for readers, put. Mark [3]. No lock held. */
  void severFrom(Vm vm, EndCause cause) {
    // Here and not in the swap: a thread stopped at [2] delays only this irqfd's end.
    hit(Tracepoint.DISCONNECT_SWAPPED, 0, cause);
    list.unlist(this);
    hit(Tracepoint.DISCONNECT_UNLISTED, 0, cause);
    advance(IrqfdState.GRACE);
    boolean last =
        context.protocol().end().letGo(vm, () -> awaitReaders(cause), () -> put(vm, cause));
    synchronized (this) {
      tearDown = tearDown.withVmFreed(last);
      severingDone = true;
      notifyAll();
    }
  }

  /** After it no reader uses the VM through this irqfd any more. */
  private void awaitReaders(EndCause cause) {
    hit(Tracepoint.SYNC_BEGIN, srcu.readersActive(), cause);
    synchronize(cause);
    hit(Tracepoint.SYNC_END, tearDown().gracePeriodNanos(), cause);
  }

  private boolean put(Vm vm, EndCause cause) {
    hit(Tracepoint.PUT_VM, 0, cause);
    return vm.put();
  }

  private void synchronize(EndCause cause) {
    GracePeriod grace =
        srcu.synchronize(() -> hit(Tracepoint.SYNC_FLIPPED, 0, cause), this::sleepForReaders);
    synchronized (this) {
      tearDown = tearDown.withGracePeriod(grace.durationNanos(), grace.readersAtStart());
    }
  }

  private void sleepForReaders(Runnable wait) {
    awaitingReaders = true;
    context.events().waiting();
    WorkQueue.sleeping(wait);
    awaitingReaders = false;
  }

  private void sleepForInjections(Runnable wait) {
    awaitingInjections = true;
    context.events().waiting();
    WorkQueue.sleeping(wait);
    awaitingInjections = false;
  }

  /**
   * The whole tear-down of hang-up and de-assign; the caller has claimed it. On a clean-up worker.
   */
  void shutdown() {
    EndCause cause = claimed();
    unhookAndFlush(cause);
    Vm vm = swap(cause);
    if (vm == null) {
      // The VM's close was first. It still uses the domain, so wait until it is done.
      context.protocol().end().lose(() -> WorkQueue.sleeping(this::awaitSevered));
    } else {
      severFrom(vm, cause);
    }
    free(cause);
  }

  /** The VM's close, after the swap; on a clean-up worker, no lock held. */
  void releaseBy(@Nullable Vm won) {
    if (won == null) {
      context.protocol().end().lose(() -> WorkQueue.sleeping(this::awaitSevered));
    } else {
      severFrom(won, context.events().named(EndCause.VM_RELEASE));
    }
    if (claim(EndCause.VM_RELEASE)) {
      EndCause cause = claimed();
      unhookAndFlush(cause);
      free(cause);
    }
  }

  /** What claimed the tear-down. */
  private EndCause claimed() {
    EndCause cause = owner();
    if (cause == null) {
      throw new IllegalStateException("irqfd-" + id + " shut down without a cause");
    }
    return cause;
  }

  private void unhookAndFlush(EndCause cause) {
    context.protocol().end().unhook(eventfd, this);
    advance(IrqfdState.UNHOOKED);
    hit(Tracepoint.HUP_UNHOOKED, 0, cause);
    advance(IrqfdState.FLUSHING);
    hit(Tracepoint.HUP_FLUSHING, 0, cause);
    long start = System.nanoTime();
    context.protocol().end().drain(() -> injection.flush(this::sleepForInjections));
    long nanos = System.nanoTime() - start;
    synchronized (this) {
      tearDown = tearDown.withFlush(nanos);
    }
    hit(Tracepoint.HUP_FLUSHED, nanos, cause);
  }

  /** Moves on, never back: the VM's close and a hang-up may be under way at the same time. */
  private synchronized void advance(IrqfdState to) {
    if (to.compareTo(state) > 0) {
      state = to;
    }
  }

  private synchronized boolean isSeveringDone() {
    return severingDone;
  }

  private void awaitSevered() {
    ControlledWait.before(this::isSeveringDone);
    awaitingSevered = true;
    context.events().waiting();
    try (Uninterruptibly waits = new Uninterruptibly()) {
      synchronized (this) {
        while (!severingDone) {
          waits.once(() -> wait());
        }
      }
    }
    awaitingSevered = false;
  }

  private void hit(Tracepoint point, long value, EndCause cause) {
    context.probe().hit(point, this, value, cause);
  }

  private void free(EndCause cause) {
    srcu.close();
    list.forget(this);
    hit(Tracepoint.FREE_IRQFD, 0, cause);
    synchronized (this) {
      if (state == IrqfdState.FREED) {
        throw new BrokenLifetime(BrokenLifetime.Kind.DOUBLE_FREE, "irqfd-" + id, "freed twice");
      }
      advance(IrqfdState.FREED);
    }
    context.events().freed(this);
    // Only now: a caller that asks to be called back finds everything that it had given back.
    whenFreed.run();
  }
}
