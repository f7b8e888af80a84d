package dev.virq.irqfd;

import dev.virq.trace.EndCause;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The two decisions about the end of an irqfd, each taken once, by the first thread to come: who
 * tears it down, and who severs it from its VM.
 *
 * <p>Any thread; no lock. A part of the irqfd and no object of its own: with a holder for each
 * decision a binding would be 32 bytes larger.
 */
abstract class EndDecisions {
  private static final VarHandle OWNER;
  private static final VarHandle SEVERER;

  static {
    try {
      MethodHandles.Lookup own = MethodHandles.lookup();
      OWNER = own.findVarHandle(EndDecisions.class, "owner", EndCause.class);
      SEVERER = own.findVarHandle(EndDecisions.class, "severer", EndCause.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Set once, through its handle. Volatile: any thread claims. */
  private volatile @Nullable EndCause owner;

  /**
   * Set once, through its handle, and before the pointer is swapped: a thread that reads null there
   * finds it set. Volatile: whoever comes first changes it.
   */
  private volatile @Nullable EndCause severer;

  /** Claims the tear-down; true for exactly one caller. */
  final boolean own(EndCause cause) {
    return OWNER.compareAndSet(this, (EndCause) null, cause);
  }

  /** Decides who swaps the pointer; true for exactly one caller. */
  final boolean sever(EndCause cause) {
    return SEVERER.compareAndSet(this, (EndCause) null, cause);
  }

  /** What claimed the tear-down, or null while nothing has. */
  final @Nullable EndCause owner() {
    return owner;
  }

  /** What severed the relation, or null while nothing has. */
  final @Nullable EndCause severer() {
    return severer;
  }
}
