package dev.virq.srcu;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One open read section, closed exactly once; any thread may close it.
 *
 * <p>The object form of {@link SrcuDomain#readLock}, for try-with-resources. Handing it to another
 * thread needs an ordinary happens-before edge, such as a queue or {@link Thread#start}.
 */
public final class ReadSection implements AutoCloseable {
  private final ReadSide domain;
  private final int index;
  private final AtomicBoolean closed = new AtomicBoolean();

  ReadSection(ReadSide domain, int index) {
    this.domain = domain;
    this.index = index;
  }

  /** The rank that the section was counted in: 0 or 1. */
  public int index() {
    return index;
  }

  /**
   * Ends the section.
   *
   * @throws IllegalStateException when it was closed before; nothing is counted then
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      throw new IllegalStateException("read section of index " + index + " closed twice");
    }
    domain.leave(index, false);
  }
}
