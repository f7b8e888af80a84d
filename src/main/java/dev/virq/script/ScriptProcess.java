package dev.virq.script;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The process that a script runs in: the host that it calls, and what it has open. One thread. */
final class ScriptProcess {
  private final Host host;
  private final boolean keeps;
  private final Names names;

  /**
   * A descriptor that is open but is not an eventfd, in place of a VM's; opened when first needed.
   */
  private @Nullable EventfdName noEventfd;

  /**
   * A process that has opened nothing yet.
   *
   * @param keeps whether what it opens stays when it ends, under the names of the script
   */
  ScriptProcess(Host host, boolean keeps) {
    this(host, keeps, new Names());
  }

  private ScriptProcess(Host host, boolean keeps, Names names) {
    this.host = host;
    this.keeps = keeps;
    this.names = names;
  }

  /** The same process on another host, where everything has the numbers that it has here. */
  ScriptProcess movedTo(Host other) {
    ScriptProcess moved = new ScriptProcess(other, keeps, names);
    moved.noEventfd = noEventfd;
    return moved;
  }

  boolean keeps() {
    return keeps;
  }

  /** The label of an object of that name: none unless it is kept. */
  @Nullable String label(String name) {
    return keeps ? name : null;
  }

  /** What an operation answers that made something: where it is found, if it is kept. */
  Map<String, @Nullable Object> made(String member, Object value) {
    return keeps ? Map.of(member, value) : Map.of();
  }

  Host host() {
    return host;
  }

  Names names() {
    return names;
  }

  /** The number of the VM that the operation names first; EBADF or ENOTTY when it is not one. */
  long vm(Operation op) {
    return names.requireVm(op.word(0)).id();
  }

  /** The number of the vCPU that the operation names after its VM; EBADF when it is not open. */
  long vcpu(Operation op) {
    return names.requireVcpu(op.word(0), op.word(1));
  }

  /** A descriptor that is open and is not an eventfd. */
  EventfdName noEventfd() {
    EventfdName open = noEventfd;
    if (open == null) {
      open = EventfdName.fd(host.eventfds().pipe());
      noEventfd = open;
    }
    return open;
  }

  /** Closes what was opened without a name; whether that was anything. */
  boolean closeUnnamed() {
    EventfdName open = noEventfd;
    if (open == null) {
      return false;
    }
    noEventfd = null;
    PendingClose _ = host.eventfds().close(open);
    return true;
  }
}
