package dev.virq.lapic;

import org.jspecify.annotations.Nullable;

/**
 * The NMIs of a vCPU: those that it has not taken, and whether it takes any. Its user's lock guards
 * it.
 *
 * <p>A guest masks NMIs by taking one and unmasks them by IRET, which is not simulated: here the
 * host masks and unmasks them, and what is taken is over at once.
 */
final class Nmis {
  private static final int MOST = 2;
  private static final int MOST_MASKED = 1;

  private int pending;
  private boolean masked;

  /** Whether one came since the vCPU ran last: Linux wakes a halted vCPU then, masked or not. */
  private boolean news;

  /** How many can be pending; a further one is merged. */
  static int most(boolean masked) {
    return masked ? MOST_MASKED : MOST;
  }

  int pending() {
    return pending;
  }

  boolean masked() {
    return masked;
  }

  boolean news() {
    return news;
  }

  /** Whether a halted vCPU wakes. */
  boolean wake() {
    return news || (pending > 0 && !masked);
  }

  /** One more. */
  void raise() {
    news = true;
    pending = Math.min(most(masked), pending + 1);
  }

  /** The vCPU runs, and takes what it can; how many that were. */
  int take() {
    news = false;
    if (masked) {
      return 0;
    }
    int taken = pending;
    pending = 0;
    return taken;
  }

  /**
   * The host's side: KVM_SET_VCPU_EVENTS.
   *
   * @param count how many are pending; null leaves them. Too many are fewer.
   * @param mask whether the vCPU takes none; null leaves it
   */
  void set(@Nullable Integer count, @Nullable Boolean mask) {
    if (count != null) {
      pending = count;
      news |= count > 0;
    }
    if (mask != null) {
      masked = mask;
    }
    pending = Math.min(most(masked), pending);
  }

  /** INIT: nothing is pending or masked. Linux forgets no news. */
  void reset() {
    pending = 0;
    masked = false;
  }

  /** Becomes what another was. */
  void become(VcpuState state) {
    pending = state.nmis();
    masked = state.nmiMasked();
    news = state.nmiNews();
  }
}
