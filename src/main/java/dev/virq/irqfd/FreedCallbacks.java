package dev.virq.irqfd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is called back, each once, when an irqfd is gone. Any thread. */
final class FreedCallbacks {
  /** What waits once it is gone: no more is added. */
  private static final List<Runnable> GONE = List.of();

  /**
   * A list and not a chain: one call in another would overflow the stack some day. Null while
   * nobody waits. This object's monitor is a leaf lock.
   */
  @GuardedBy("this")
  private @Nullable List<Runnable> waiting;

  /** Calls back when it is gone, on the thread that freed it; at once if it is gone already. */
  @SuppressWarnings("ReferenceEquality") // that one list, and no other empty one
  void add(Runnable callback) {
    synchronized (this) {
      List<Runnable> callbacks = waiting;
      if (callbacks != GONE) {
        if (callbacks == null) {
          callbacks = new ArrayList<>(1);
          waiting = callbacks;
        }
        callbacks.add(callback);
        return;
      }
    }
    callback.run();
  }

  /** It is gone; once. No lock held. */
  void run() {
    List<Runnable> callbacks;
    synchronized (this) {
      callbacks = waiting;
      waiting = GONE;
    }
    if (callbacks != null) {
      callbacks.forEach(Runnable::run);
    }
  }
}
