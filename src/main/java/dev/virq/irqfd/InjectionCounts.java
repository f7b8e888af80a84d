package dev.virq.irqfd;

import dev.virq.trace.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How often an irqfd was signalled, and what came of it. Without a lock: those of ends have one
 * writer at a time, the thread that injects.
 *
 * <p>Extended by what counts, so that an irqfd is one object less.
 */
abstract class InjectionCounts {
  private static final VarHandle QUEUED = field("queued");
  private static final VarHandle COALESCED = field("coalesced");
  private static final VarHandle AT_ONCE = field("atOnce");
  private static final VarHandle INJECTED = field("injected");
  private static final VarHandle SEVERED = field("severed");
  private static final VarHandle FAILED = field("failed");

  private volatile long queued;
  private volatile long coalesced;
  private volatile long atOnce;
  private volatile long injected;
  private volatile long severed;
  private volatile long failed;

  private static VarHandle field(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(InjectionCounts.class, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** An injection is asked for. */
  final void countQueued() {
    long _ = (long) QUEUED.getAndAdd(this, 1L);
  }

  /** A signal is merged with one that is queued. */
  final void countCoalesced() {
    long _ = (long) COALESCED.getAndAdd(this, 1L);
  }

  /** A signal is injected as soon as it comes. */
  final void countAtOnce() {
    long _ = (long) AT_ONCE.getAndAdd(this, 1L);
  }

  /** An injection that was counted as queued has ended. */
  final void countEnd(Outcome outcome) {
    if (outcome.reachedVm()) {
      INJECTED.setRelease(this, injected + 1);
    } else if (outcome.severed()) {
      SEVERED.setRelease(this, severed + 1);
    } else {
      FAILED.setRelease(this, failed + 1);
    }
  }

  /** The counts at one moment, of an irqfd that stands there. */
  final IrqfdInfo info(IrqfdState state) {
    while (true) {
      long reached = injected;
      long dropped = severed;
      long broken = failed;
      long asked = queued;
      long merged = coalesced;
      long immediate = atOnce;
      // None of them ever falls: what is the same before and after was so in between. The other two
      // are in no balance with them.
      if (reached == injected && dropped == severed && broken == failed && asked == queued) {
        return new IrqfdInfo(
            state,
            asked + merged + immediate,
            asked + immediate,
            merged,
            reached + immediate,
            dropped,
            broken);
      }
      Thread.onSpinWait();
    }
  }

  /** Has counted what another had. Nobody else counts yet. */
  final void become(IrqfdInfo info) {
    queued = info.queued();
    coalesced = info.coalesced();
    injected = info.injected();
    severed = info.severed();
    failed = info.failed();
  }
}
