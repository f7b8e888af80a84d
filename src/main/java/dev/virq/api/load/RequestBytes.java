package dev.virq.api.load;

import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;

/**
 * The bytes of the heap that one request takes, charged before they are taken and given back when
 * it is answered. Used by the request's thread.
 */
public final class RequestBytes implements AutoCloseable {
  static final ScopedValue<RequestBytes> CURRENT = ScopedValue.newInstance();

  /**
   * What every request may take besides: large requests of some must not refuse the small ones of
   * all. It is counted with the connections.
   */
  static final long FREE = 16_384;

  private final Quota quota;
  private long taken;
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
    taken += bytes;
    long more = Math.max(0, taken - FREE) - charged;
    if (more > 0) {
      quota.acquire(more);
      charged += more;
    }
  }

  @Override
  public void close() {
    quota.release(charged);
    charged = 0;
  }
}
