package dev.virq.inflight;

import dev.virq.irqfd.IrqfdState;

/** Where a signal or a close that is under way stands. */
public enum Stage {
  /** A signal whose injection has not begun yet. */
  QUEUED,
  /** A signal whose injection runs. */
  INJECTING,
  /** A close without bindings to end: a call that still uses the descriptor keeps it open. */
  REFERENCED,
  /** A close: its slowest binding is still bound. */
  ACTIVE,
  /** A close: its slowest binding is no longer woken. */
  UNHOOKED,
  /** A close waits for queued injections. */
  FLUSHING,
  /** A close: its slowest binding has lost its VM. */
  DISCONNECTED,
  /** A close waits for a grace period. */
  GRACE,
  /** A close: its bindings are gone. */
  FREED;

  /** The stage of a close whose slowest binding stands there. */
  static Stage of(IrqfdState state) {
    return switch (state) {
      case ACTIVE -> ACTIVE;
      case UNHOOKED -> UNHOOKED;
      case FLUSHING -> FLUSHING;
      case DISCONNECTED -> DISCONNECTED;
      case GRACE -> GRACE;
      case FREED -> FREED;
    };
  }
}
