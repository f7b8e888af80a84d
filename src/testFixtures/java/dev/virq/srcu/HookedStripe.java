package dev.virq.srcu;

import java.util.function.IntConsumer;

/** A stripe that lets a test act in the midst of a scan or a begin. */
final class HookedStripe extends Stripe {
  private final IntConsumer beforeEnded;
  private final IntConsumer afterEnded;
  private final IntConsumer afterBegun;

  /** Whether another reader begins in the midst of every begin; false while that one does. */
  private boolean meets;

  private HookedStripe(IntConsumer beforeEnded, IntConsumer afterEnded, IntConsumer afterBegun) {
    this.beforeEnded = beforeEnded;
    this.afterEnded = afterEnded;
    this.afterBegun = afterBegun;
  }

  /** Acts before the ends of a rank are read. */
  static HookedStripe beforeEnded(IntConsumer action) {
    return new HookedStripe(action, HookedStripe::nothing, HookedStripe::nothing);
  }

  /** Acts after the ends of a rank were read. */
  static HookedStripe afterEnded(IntConsumer action) {
    return new HookedStripe(HookedStripe::nothing, action, HookedStripe::nothing);
  }

  /** Acts after the ends of a rank were read, and after its begins were. */
  static HookedStripe afterRead(IntConsumer action) {
    return new HookedStripe(HookedStripe::nothing, action, action);
  }

  /** Has another reader begin in the midst of every begin. */
  static HookedStripe whereReadersMeet() {
    HookedStripe stripe = afterRead(HookedStripe::nothing);
    stripe.meets = true;
    return stripe;
  }

  private static void nothing(int rank) {}

  @Override
  long look(int rank) {
    long seen = super.look(rank);
    if (meets) {
      meets = false;
      boolean _ = begin(rank);
      meets = true;
    }
    return seen;
  }

  @Override
  long ended(int rank) {
    beforeEnded.accept(rank);
    long read = super.ended(rank);
    afterEnded.accept(rank);
    return read;
  }

  @Override
  long begun(int rank) {
    long read = super.begun(rank);
    afterBegun.accept(rank);
    return read;
  }
}
