package dev.virq.srcu;

import dev.virq.sync.Halted;
import java.util.function.BooleanSupplier;

/** Tells the listener, and keeps what a listener throws from the thread that found the fault. */
final class Alarms {
  private final SrcuListener listener;

  Alarms(SrcuListener listener) {
    this.listener = listener;
  }

  void stalled(Stall stall) {
    isolated(() -> listener.stalled(stall));
  }

  void waiting(BooleanSupplier over) {
    isolated(() -> listener.waiting(over));
  }

  void callbackFailed(Throwable thrown) {
    isolated(() -> listener.callbackFailed(thrown));
  }

  void poisoned() {
    isolated(listener::poisoned);
  }

  private static void isolated(Runnable tell) {
    try {
      tell.run();
    } catch (Halted over) {
      // The updater must not go on either.
      throw over;
    } catch (Throwable thrown) {
      // A waiting updater or the callbacks after this one must not suffer for a listener.
      Thread me = Thread.currentThread();
      me.getUncaughtExceptionHandler().uncaughtException(me, thrown);
    }
  }
}
