package dev.virq.lapic;

import org.jspecify.annotations.Nullable;

/** Whether a vCPU runs, and if not, what it waits for: KVM_MP_STATE_…, behaviour.md §15. */
public enum RunState {
  /** It runs. */
  RUNNABLE(0, "nothing"),
  /** It waits for INIT: KVM_MP_STATE_UNINITIALIZED. */
  UNINITIALIZED(1, "INIT"),
  /** It waits for a start-up message, as after INIT: KVM_MP_STATE_INIT_RECEIVED. */
  PARKED(2, "a start-up message"),
  /** It has executed HLT, and waits for an interrupt or NMI. */
  HALTED(3, "an NMI, or an interrupt when it is let wake"),
  /** The start-up message has come. Only the host says so: a vCPU that looks runs at once. */
  SIPI_RECEIVED(4, "nothing"),
  /** As HALTED, by a call of the guest's firmware. */
  AP_RESET_HOLD(9, "an NMI, or an interrupt when it is let wake");

  private final int code;
  private final String awaited;

  RunState(int code, String awaited) {
    this.code = code;
    this.awaited = awaited;
  }

  /** The state of that number; null when x86 has none. */
  public static @Nullable RunState of(long code) {
    for (RunState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    return null;
  }

  /** KVM_MP_STATE_… */
  public int code() {
    return code;
  }

  /** What ends it, for people. */
  public String awaited() {
    return awaited;
  }

  /** Whether an interrupt or NMI ends it. */
  public boolean halted() {
    return this == HALTED || this == AP_RESET_HOLD;
  }
}
