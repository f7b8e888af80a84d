package dev.virq.irqfd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is called back, each once, when an irqfd is gone. Any thread. */
final class FreedCallbacks {
  // This object's monitor is a leaf lock.
  @GuardedBy("this")
  private boolean gone;

  /** A list and not a chain: one call in another would overflow the stack some day. */
  @GuardedBy("this")
  private @Nullable List<Runnable> waiting;

  /** Calls back when it is gone, on the thread that freed it; at once if it is gone already. */
  void add(Runnable callback) {
    synchronized (this) {
      if (!gone) {
        List<Runnable> callbacks = waiting;
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
      gone = true;
      callbacks = waiting;
      waiting = null;
    }
    if (callbacks != null) {
      callbacks.forEach(Runnable::run);
    }
  }
}
