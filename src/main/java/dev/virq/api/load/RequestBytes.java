package dev.virq.api.load;

import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;

/**
 * The bytes of the heap that one request takes, charged before they are taken and given back when
 * it is answered. Used by the request's thread.
 */
public final class RequestBytes implements AutoCloseable {
  static final ScopedValue<RequestBytes> CURRENT = ScopedValue.newInstance();

  private final Quota quota;
  private long charged;

  RequestBytes(Quota quota) {
    this.quota = quota;
  }

  /**
   * Charges the request that the calling thread serves; does nothing on any other thread.
   *
   * @param bytes that it is about to take, estimated
   * @throws ErrnoException ENFILE when all requests together would take too many
   */
  public static void charge(long bytes) {
    if (CURRENT.isBound()) {
      CURRENT.get().take(bytes);
    }
  }

  private void take(long bytes) {
    quota.acquire(bytes);
    charged += bytes;
  }

  @Override
  public void close() {
    quota.release(charged);
    charged = 0;
  }
}
