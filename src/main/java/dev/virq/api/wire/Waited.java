package dev.virq.api.wire;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether a thread serves a call that has waited in {@link Lines}, and that Tomcat has not read
 * yet. Known to that thread only.
 */
final class Waited {
  private static final ScopedValue<AtomicBoolean> UNREAD = ScopedValue.newInstance();

  private Waited() {}

  /** Serves such a call. */
  static void serve(Runnable call) {
    ScopedValue.where(UNREAD, new AtomicBoolean(true)).run(call);
  }

  /** A request has been read: what may follow it on its connection has not waited. */
  static void read() {
    if (UNREAD.isBound()) {
      UNREAD.get().set(false);
    }
  }

  static boolean isUnread() {
    return UNREAD.isBound() && UNREAD.get().get();
  }
}
