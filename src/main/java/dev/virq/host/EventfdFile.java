package dev.virq.host;

import dev.virq.eventfd.EventFd;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a descriptor number stands for: an eventfd, or a pipe, which can do nothing here. */
public final class EventfdFile {
  private final long id;
  private final @Nullable String name;
  private final @Nullable EventFd eventfd;
  private final boolean nonblock;

  /** The descriptors' references. */
  final FileRef file;

  /** Open descriptor numbers. Guarded by the kernel's table lock. */
  final SortedSet<Integer> fds = new TreeSet<>();

  /** The close of the last descriptor. Guarded by the kernel's table lock. */
  @Nullable PendingClose closing;

  EventfdFile(
      long id, @Nullable String name, @Nullable EventFd eventfd, boolean nonblock, FileRef file) {
    this.id = id;
    this.name = name;
    this.eventfd = eventfd;
    this.nonblock = nonblock;
    this.file = file;
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

  /** Whether it was created with EFD_NONBLOCK. */
  public boolean nonblock() {
    return nonblock;
  }
}
