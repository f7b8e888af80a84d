package dev.virq.script;

import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.SEMAPHORE;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Operand.U64;
import static dev.virq.script.Verb.declare;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.host.EventfdCalls;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.script.Names.Handle;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operations on descriptors: {@code eventfd_*} and {@code pipe_create}.
 *
 * <p>A pipe is the reading end of an empty one whose writing end is open: writing is EBADF, reading
 * EAGAIN, and it is not ready. A VM's descriptor can be closed, but neither read nor written.
 */
final class EventfdOperations {
  static final List<Verb> VERBS =
      List.of(
          declare("eventfd_create", NAME, U32, SEMAPHORE)
              .lastOptional(1)
              .help("Create a non-blocking eventfd with its first counter")
              .calls(EventfdOperations::create),
          declare("eventfd_dup", NAME, NAME)
              .help("Duplicate a descriptor under another name")
              .calls(EventfdOperations::dup),
          declare("eventfd_close", NAME).help("Close a descriptor").does(EventfdOperations::close),
          declare("eventfd_write", NAME, U64)
              .help("Add to the counter")
              .does(EventfdOperations::write),
          declare("eventfd_read", NAME)
              .help("Take from the counter")
              .answers(EventfdOperations::read),
          declare("eventfd_poll", NAME)
              .help("Show whether the descriptor is ready")
              .answers(EventfdOperations::poll),
          declare("pipe_create", NAME)
              .help("Open the reading end of an empty pipe")
              .calls(EventfdOperations::pipe));

  private EventfdOperations() {}

  /** Creates; always non-blocking in this language. */
  private static Map<String, @Nullable Object> create(ScriptProcess process, Operation op) {
    Names names = process.names();
    String name = op.word(0);
    names.requireFree(name);
    EventfdCalls calls = process.host().eventfds();
    EventfdFile entry = calls.create(op.number(1), op.size() == 3, true, process.label(name));
    int fd = calls.descriptors(entry).getFirst();
    names.put(name, new Handle.Eventfd(fd));
    return process.made("fd", fd);
  }

  /** Creates something other than an eventfd. */
  private static Map<String, @Nullable Object> pipe(ScriptProcess process, Operation op) {
    Names names = process.names();
    names.requireFree(op.word(0));
    int fd = process.host().eventfds().pipe();
    names.put(op.word(0), new Handle.Pipe(fd));
    return process.made("fd", fd);
  }

  /** One more descriptor of the same object. */
  private static Map<String, @Nullable Object> dup(ScriptProcess process, Operation op) {
    Names names = process.names();
    Handle handle = names.require(op.word(0));
    names.requireFree(op.word(1));
    EventfdName name = descriptor(handle);
    if (name == null) {
      throw new ErrnoException(
          Errno.EOPNOTSUPP, op.word(0) + " is a VM; duplicating its descriptor is not simulated");
    }
    int fd = process.host().eventfds().dup(name);
    names.put(
        op.word(1), handle instanceof Handle.Pipe ? new Handle.Pipe(fd) : new Handle.Eventfd(fd));
    return process.made("fd", fd);
  }

  /** Closes one descriptor of any kind. */
  private static void close(ScriptProcess process, Operation op) {
    Handle handle = process.names().require(op.word(0));
    process.names().remove(op.word(0));
    PendingClose _ = close(process.host(), handle);
  }

  /** Closes what a name stood for. */
  static PendingClose close(Host host, Handle handle) {
    EventfdCalls calls = host.eventfds();
    return switch (handle) {
      case Handle.Eventfd(int fd) -> calls.close(EventfdName.fd(fd));
      case Handle.Pipe(int fd) -> calls.close(EventfdName.fd(fd));
      case Handle.Machine vm -> host.vms().close(vm.id());
    };
  }

  /** Adds to the counter. */
  private static void write(ScriptProcess process, Operation op) {
    Handle handle = process.names().require(op.word(0));
    switch (handle) {
      case Handle.Eventfd(int fd) -> {
        PendingSignal _ = process.host().eventfds().write(EventfdName.fd(fd), op.number(1));
      }
      case Handle.Pipe _ ->
          throw new ErrnoException(Errno.EBADF, op.word(0) + " is not open for writing");
      case Handle.Machine _ -> throw cannot(op, "written");
    }
  }

  /** Takes from the counter. */
  private static BigInteger read(ScriptProcess process, Operation op) {
    Handle handle = process.names().require(op.word(0));
    return switch (handle) {
      case Handle.Eventfd(int fd) ->
          new BigInteger(
              Long.toUnsignedString(process.host().eventfds().read(EventfdName.fd(fd), 0)));
      case Handle.Pipe _ -> throw new ErrnoException(Errno.EAGAIN, op.word(0) + " is empty");
      case Handle.Machine _ -> throw cannot(op, "read");
    };
  }

  /** Readiness now. */
  private static Map<String, Boolean> poll(ScriptProcess process, Operation op) {
    Handle handle = process.names().require(op.word(0));
    return switch (handle) {
      case Handle.Eventfd(int fd) -> {
        EventFd.Readiness ready = process.host().eventfds().poll(EventfdName.fd(fd));
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
}
