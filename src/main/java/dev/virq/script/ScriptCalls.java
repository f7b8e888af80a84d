package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import java.util.Map;

/**
 * The operations of a process whose threads share its names, each call by itself: nothing that it
 * defers is waited for.
 *
 * <p>For threads that take turns: two may not call at the same time.
 */
public final class ScriptCalls {
  private final ScriptProcess process;

  /** A process that has opened nothing yet. */
  public ScriptCalls(Host host) {
    process = new ScriptProcess(host, false);
  }

  /**
   * Makes one call. A refused one is a result.
   *
   * @throws ErrnoException ECANCELED when the host was shut down
   */
  public Result call(Operation op) {
    return call(process, op);
  }

  static Result call(ScriptProcess process, Operation op) {
    try {
      return new Result(op, null, op.verb().run(process, op));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ECANCELED) {
        throw e;
      }
      // A VM closed by another user is forgotten in the end; its descriptor is just not open.
      return new Result(op, errno(op, e.errno()), Map.of());
    }
  }

  /** What is not there was closed under its name; that there is no controller for a PIT is not. */
  private static Errno errno(Operation op, Errno errno) {
    boolean gone = errno == Errno.ENOENT && !op.verb().word().equals("pit_create");
    return gone ? Errno.EBADF : errno;
  }
}
