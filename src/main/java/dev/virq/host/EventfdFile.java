package dev.virq.host;

import dev.virq.eventfd.EventFd;
import dev.virq.inflight.PendingClose;
import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a descriptor number stands for: an eventfd, or a pipe, which can do nothing here. */
public final class EventfdFile {
  /**
   * An eventfd, whole, without what is bound to it. Counters are unsigned 64 bits.
   *
   * @param number its number
   * @param name the caller's label, or null
   * @param semaphore whether reads take 1 instead of all
   * @param nonblock whether reads never wait
   * @param counter the counter
   * @param written sum of all accepted writes
   * @param drained sum of what wake-ups and unhooking consumed
   * @param read sum of what reads returned
   * @param fds open descriptor numbers, ascending
   */
  public record Whole(
      long number,
      @Nullable String name,
      boolean semaphore,
      boolean nonblock,
      BigInteger counter,
      BigInteger written,
      BigInteger drained,
      BigInteger read,
      List<Integer> fds) {
    /** Copies the numbers. */
    public Whole {
      fds = List.copyOf(fds);
    }

    static Whole of(EventfdFile file, EventFd eventfd, List<Integer> fds) {
      EventFd.Counters counters = eventfd.counters();
      return new Whole(
          file.id(),
          file.name(),
          eventfd.isSemaphore(),
          file.nonblock(),
          unsigned(counters.value()),
          unsigned(counters.written()),
          unsigned(counters.drained()),
          unsigned(counters.read()),
          fds);
    }

    private static BigInteger unsigned(long bits) {
      return new BigInteger(Long.toUnsignedString(bits));
    }

    EventFd.Counters counters() {
      return new EventFd.Counters(
          counter.longValue(), written.longValue(), drained.longValue(), read.longValue());
    }
  }

  private final long id;
  private final @Nullable String name;
  private final @Nullable EventFd eventfd;
  private final boolean nonblock;

  /** The descriptors' references. */
  final FileRef ref;

  // Both guarded by the lock of the EventfdTable, which alone uses them. Nearly every eventfd has
  // one descriptor, which needs no set.

  /** The only open descriptor; -1 when there is none, or there are several. */
  private int only = -1;

  /** The open descriptors when there are several. */
  private @Nullable SortedSet<Integer> several;

  /**
   * The close of the last descriptor. Volatile: read by the call that drops the last reference, and
   * by readers that are about to sleep.
   */
  volatile @Nullable PendingClose closing;

  /**
   * A file without descriptors.
   *
   * @param released ends it; runs once, on the thread that drops the last reference, no lock held
   */
  EventfdFile(
      long id,
      @Nullable String name,
      @Nullable EventFd eventfd,
      boolean nonblock,
      Consumer<EventfdFile> released) {
    this.id = id;
    this.name = name;
    this.eventfd = eventfd;
    this.nonblock = nonblock;
    this.ref =
        new FileRef() {
          @Override
          void release() {
            released.accept(EventfdFile.this);
          }
        };
  }

  /** Its number, from 1, never used again; 0 for a pipe. */
  public long id() {
    return id;
  }

  /** The caller's label, or null. */
  public @Nullable String name() {
    return name;
  }

  /** The eventfd, or null for a pipe. */
  public @Nullable EventFd eventfd() {
    return eventfd;
  }

  // ---- for the table, with its lock held

  /** Open descriptor numbers, ascending. */
  List<Integer> descriptors() {
    SortedSet<Integer> all = several;
    return all != null ? List.copyOf(all) : only < 0 ? List.of() : List.of(only);
  }

  /** One more descriptor is open. */
  void addDescriptor(int fd) {
    SortedSet<Integer> all = several;
    if (all == null && only < 0) {
      only = fd;
      return;
    }
    if (all == null) {
      all = new TreeSet<>(Set.of(only));
      several = all;
      only = -1;
    }
    all.add(fd);
  }

  /** A descriptor is closed. Returns whether it was the last. */
  boolean removeDescriptor(int fd) {
    SortedSet<Integer> all = several;
    if (all == null) {
      only = -1;
      return true;
    }
    all.remove(fd);
    if (all.size() == 1) {
      only = all.first();
      several = null;
    }
    return false;
  }

  /** Whether it was created with EFD_NONBLOCK. */
  public boolean nonblock() {
    return nonblock;
  }
}
