package dev.virq.lapic;

import dev.virq.message.Message;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The timers of the local APICs of one VM: which will expire, and what their expiries become.
 * behaviour.md §14. Not thread-safe: the chip lock is held.
 */
public final class ApicTimers {
  /** What an access of a guest takes. */
  private static final int MOMENT_NANOS = 10_000;

  private final LongSupplier clock;
  private final BiConsumer<Vcpu, Message> interrupt;

  /** vCPUs whose timer will expire, or has; made with the first timer, for most VMs have none. */
  private @Nullable Set<Vcpu> timed;

  /** Before then no look at them finds anything. */
  private long next = LapicTimer.NEVER;

  /**
   * Without timers.
   *
   * @param clock nanoseconds
   * @param interrupt handed what an expiry sends, and to whom
   */
  ApicTimers(LongSupplier clock, BiConsumer<Vcpu, Message> interrupt) {
    this.clock = clock;
    this.interrupt = interrupt;
  }

  /** Whether some timer will expire, or has. */
  public boolean any() {
    return timed != null;
  }

  /** Forgets all. */
  void clear() {
    timed = null;
    next = LapicTimer.NEVER;
  }

  /**
   * Takes note of every expiry that is due.
   *
   * @param running whether the vCPUs run meanwhile, so that each takes its own
   */
  public void expire(boolean running) {
    Set<Vcpu> set = timed;
    if (set == null) {
      return;
    }
    long now = clock.getAsLong();
    if (now < next) {
      return;
    }
    next = LapicTimer.NEVER;
    for (Iterator<Vcpu> all = set.iterator(); all.hasNext(); ) {
      Vcpu vcpu = all.next();
      LapicTimer timer = vcpu.apic().timer();
      timer.expireBy(now);
      if (running) {
        takeExpiry(vcpu, true);
      }
      if (timer.active()) {
        next = Math.min(next, timer.next());
      } else {
        all.remove();
      }
    }
    if (set.isEmpty()) {
      timed = null;
    }
  }

  /** The vCPU has run for a moment: what expired in it becomes an interrupt. */
  public void run(Vcpu vcpu) {
    vcpu.apic().timer().expire(MOMENT_NANOS);
    takeExpiry(vcpu, false);
    note(vcpu);
  }

  /**
   * The vCPU runs: an expiry that is pending becomes an interrupt, unless it is masked.
   *
   * @param looks whether also one that was masked before
   */
  public void takeExpiry(Vcpu vcpu, boolean looks) {
    Message message = vcpu.apic().timerMessage();
    if (vcpu.apic().timer().takeExpiry(message == null, looks) && message != null) {
      interrupt.accept(vcpu, message);
    }
  }

  /** The deadline of the vCPU's timer, unsigned; 0 while its local APIC is disabled. */
  public long deadline(Vcpu vcpu) {
    return vcpu.apic().base().enabled() ? vcpu.apic().timer().deadline() : 0;
  }

  /** Sets it, unless its local APIC is disabled. */
  public void deadline(Vcpu vcpu, long counter) {
    if (vcpu.apic().base().enabled()) {
      vcpu.apic().timer().deadline(counter);
      note(vcpu);
    }
  }

  /** The vCPU's timer may have been started, stopped or set to another time. */
  void note(Vcpu vcpu) {
    LapicTimer timer = vcpu.apic().timer();
    Set<Vcpu> set = timed;
    if (timer.active()) {
      if (set == null) {
        set = new LinkedHashSet<>();
        timed = set;
      }
      boolean _ = set.add(vcpu);
      next = Math.min(next, timer.next());
    } else if (set != null && set.remove(vcpu) && set.isEmpty()) {
      clear();
    }
  }
}
