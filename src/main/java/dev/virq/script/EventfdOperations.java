package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.host.EventfdCalls;
import dev.virq.host.EventfdFile;
import dev.virq.host.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations on descriptors: {@code eventfd_*} and {@code pipe_create}.
 *
 * <p>A pipe is the reading end of an empty one whose writing end is open: writing is EBADF, reading
 * EAGAIN, and it is not ready. A VM's descriptor can be closed, but neither read nor written.
 */
final class EventfdOperations {
  private final Host host;
  private final Names names;

  EventfdOperations(Host host, Names names) {
    this.host = host;
    this.names = names;
  }

  /** Creates; non-blocking, as the language has it. */
  void create(Operation op) {
    names.requireFree(op.word(0));
    EventfdFile entry = calls().create(op.number(1), op.size() == 3, true, null);
    names.put(op.word(0), new Handle.Eventfd(calls().descriptors(entry).getFirst()));
  }

  /** Creates what is no eventfd. */
  void pipe(Operation op) {
    names.requireFree(op.word(0));
    names.put(op.word(0), new Handle.Pipe(calls().pipe()));
  }

  /** One more descriptor of the same object. */
  void dup(Operation op) {
    Handle handle = names.require(op.word(0));
    names.requireFree(op.word(1));
    Handle copy =
        switch (handle) {
          case Handle.Eventfd(int fd) -> new Handle.Eventfd(calls().dup(EventfdName.fd(fd)));
          case Handle.Pipe(int fd) -> new Handle.Pipe(calls().dup(EventfdName.fd(fd)));
          case Handle.Machine _ ->
              throw new ErrnoException(
                  Errno.EOPNOTSUPP, "duplicates of a VM's descriptor are not simulated");
        };
    names.put(op.word(1), copy);
  }

  /** Closes one descriptor of any kind. */
  PendingClose close(Operation op) {
    Handle handle = names.require(op.word(0));
    names.remove(op.word(0));
    return close(handle);
  }

  /** Closes what a name stood for. */
  PendingClose close(Handle handle) {
    return switch (handle) {
      case Handle.Eventfd(int fd) -> calls().close(EventfdName.fd(fd));
      case Handle.Pipe(int fd) -> calls().close(EventfdName.fd(fd));
      case Handle.Machine vm -> host.vms().close(vm.id());
    };
  }

  /** Adds to the counter. */
  void write(Operation op) {
    Handle handle = names.require(op.word(0));
    switch (handle) {
      case Handle.Eventfd(int fd) -> {
        PendingSignal _ = calls().write(EventfdName.fd(fd), op.number(1));
      }
      case Handle.Pipe _ ->
          throw new ErrnoException(Errno.EBADF, op.word(0) + " is not open for writing");
      case Handle.Machine _ -> throw cannot(op, "written");
    }
  }

  /** Takes from the counter. */
  BigInteger read(Operation op) {
    Handle handle = names.require(op.word(0));
    return switch (handle) {
      case Handle.Eventfd(int fd) ->
          new BigInteger(Long.toUnsignedString(calls().read(EventfdName.fd(fd), 0)));
      case Handle.Pipe _ -> throw new ErrnoException(Errno.EAGAIN, op.word(0) + " is empty");
      case Handle.Machine _ -> throw cannot(op, "read");
    };
  }

  /** Readiness now. */
  Map<String, Boolean> poll(Operation op) {
    Handle handle = names.require(op.word(0));
    return switch (handle) {
      case Handle.Eventfd(int fd) -> {
        EventFd.Readiness ready = calls().poll(EventfdName.fd(fd));
        yield readiness(ready.in(), ready.out(), ready.err());
      }
      case Handle.Pipe _ -> readiness(false, false, false);
      // What cannot be polled is always ready.
      case Handle.Machine _ -> readiness(true, true, false);
    };
  }

  /** The descriptor of an eventfd or a pipe, or null for anything else. */
  static @Nullable EventfdName descriptor(@Nullable Handle handle) {
    return switch (handle) {
      case Handle.Eventfd(int fd) -> EventfdName.fd(fd);
      case Handle.Pipe(int fd) -> EventfdName.fd(fd);
      case Handle.Machine _ -> null;
      case null -> null;
    };
  }

  private static Map<String, Boolean> readiness(boolean in, boolean out, boolean err) {
    Map<String, Boolean> value = new LinkedHashMap<>();
    value.put("in", in);
    value.put("out", out);
    value.put("err", err);
    return value;
  }

  private static ErrnoException cannot(Operation op, String what) {
    return new ErrnoException(Errno.EINVAL, op.word(0) + " is a VM and cannot be " + what);
  }

  private EventfdCalls calls() {
    return host.eventfds();
  }
}
