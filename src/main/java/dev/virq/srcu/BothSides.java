package dev.virq.srcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A read side together with its update side, which is made when it is first needed: a domain that
 * no updater has used is one small object.
 */
abstract class BothSides extends ReadSide {
  private static final VarHandle UPDATES;

  static {
    try {
      UPDATES = MethodHandles.lookup().findVarHandle(BothSides.class, "updates", UpdateSide.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null for the default, so that a plain domain is one object that refers to nothing. */
  private final @Nullable SrcuOptions options;

  /** The update side, once there is one; volatile for the Dekker handshake with its sleeper. */
  private volatile @Nullable UpdateSide updates;

  BothSides(@Nullable SrcuOptions options) {
    this.options = options;
    if (options != null && options.tracked()) {
      track();
    }
  }

  /** With another number before the first grace period's, times 4: for tests of its wrap. */
  BothSides(SrcuOptions options, long firstSequence) {
    this.options = options;
    this.updates = new UpdateSide(this, options, firstSequence);
  }

  final SrcuOptions options() {
    return options == null ? SrcuOptions.DEFAULT : options;
  }

  /** The update side, null until it is needed. */
  final @Nullable UpdateSide updatesOrNull() {
    return updates;
  }

  /** The update side; made when first asked for. */
  final UpdateSide updates() {
    UpdateSide present = updates;
    if (present != null) {
      return present;
    }
    // Several may be made at once, and one is kept.
    UpdateSide created = new UpdateSide(this, options());
    UpdateSide other = (UpdateSide) UPDATES.compareAndExchange(this, null, created);
    return other == null ? created : other;
  }

  @Override
  final void wake(int rank) {
    UpdateSide waiting = updates;
    if (waiting != null) {
      waiting.wake(rank);
    }
  }

  @Override
  final boolean striped() {
    return options().striped();
  }

  @Override
  final OpenSections sections() {
    return updates().sections();
  }
}
