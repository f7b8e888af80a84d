package dev.virq.host;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Descriptor numbers of one process: a new descriptor gets the lowest free number from 3, as POSIX
 * requires. Changes are made under the lock of the {@link EventfdTable}; looking up needs none.
 *
 * @param <T> what descriptors stand for
 */
final class FdTable<T> {
  private static final int FIRST = 3;

  private final Map<Integer, T> open = new ConcurrentHashMap<>();
  private final BitSet used = new BitSet();

  /** No number below this is free; a lower bound that makes opening many descriptors cheap. */
  private int lowestFree = FIRST;

  /** Opens a descriptor; returns its number. */
  int install(T object) {
    int fd = used.nextClearBit(lowestFree);
    used.set(fd);
    lowestFree = fd + 1;
    open.put(fd, object);
    return fd;
  }

  /** What the number stands for, or null when it is not open. */
  @Nullable T get(long fd) {
    return fd < FIRST || fd > Integer.MAX_VALUE ? null : open.get((int) fd);
  }

  /** Closes a descriptor; what it stood for, or null when it was not open. */
  @Nullable T remove(int fd) {
    T object = open.remove(fd);
    if (object != null) {
      used.clear(fd);
      lowestFree = Math.min(lowestFree, fd);
    }
    return object;
  }

  /** What the open descriptors stand for, each once. */
  Set<T> distinct() {
    return new LinkedHashSet<>(open.values());
  }

  /** How many are open. */
  int size() {
    return open.size();
  }
}
