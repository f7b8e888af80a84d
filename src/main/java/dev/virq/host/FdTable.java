package dev.virq.host;

import dev.virq.sync.NumberedTable;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Descriptor numbers of one process: a new descriptor gets the lowest free number from 3, as POSIX
 * requires. Changes are made under the lock of the {@link EventfdTable}; looking up needs none.
 *
 * <p>It takes as much memory as there are open descriptors, not as there ever were.
 *
 * @param <T> what descriptors stand for
 */
final class FdTable<T> {
  private static final int FIRST = 3;

  private final NumberedTable<T> open = new NumberedTable<>();

  private int size;

  /** Runs of numbers in use, first by last, with a free number between any two. */
  private final TreeMap<Integer, Integer> runs = new TreeMap<>();

  /** Opens a descriptor; returns its number. */
  int install(T object) {
    int fd = lowestFree();
    use(fd);
    open.put(fd, object);
    size++;
    return fd;
  }

  /** Opens a descriptor of that number, which is free. */
  void installAt(int fd, T object) {
    if (fd < FIRST || open.get(fd) != null) {
      throw new IllegalStateException("descriptor " + fd + " is not free");
    }
    Map.Entry<Integer, Integer> before = runs.lowerEntry(fd);
    int first = before != null && before.getValue() == fd - 1 ? before.getKey() : fd;
    Integer joined = runs.remove(fd + 1);
    runs.put(first, joined == null ? fd : joined);
    open.put(fd, object);
    size++;
  }

  private int lowestFree() {
    Map.Entry<Integer, Integer> lowest = runs.firstEntry();
    return lowest == null || lowest.getKey() > FIRST ? FIRST : lowest.getValue() + 1;
  }

  /**
   * The number is the lowest that is free, so that what is in use before it begins at the first.
   */
  private void use(int fd) {
    Integer joined = runs.remove(fd + 1);
    int last = joined == null ? fd : joined;
    runs.put(FIRST, last);
  }

  private void free(int fd) {
    Map.Entry<Integer, Integer> run = runs.floorEntry(fd);
    if (run == null || run.getValue() < fd) {
      throw new IllegalStateException("descriptor " + fd + " is in no run");
    }
    int first = run.getKey();
    int last = run.getValue();
    if (first == fd) {
      runs.remove(first);
    } else {
      runs.put(first, fd - 1);
    }
    if (last > fd) {
      runs.put(fd + 1, last);
    }
  }

  /** What the number stands for, or null when it is not open. */
  @Nullable T get(long fd) {
    return fd < FIRST || fd > Integer.MAX_VALUE ? null : open.get(fd);
  }

  /** Closes a descriptor; what it stood for, or null when it was not open. */
  @Nullable T remove(int fd) {
    T object = open.remove(fd);
    if (object != null) {
      free(fd);
      size--;
    }
    return object;
  }

  /** What the open descriptors stand for, each once. */
  Set<T> distinct() {
    return new LinkedHashSet<>(open.all());
  }

  /** How many are open. */
  int size() {
    return size;
  }
}
