package dev.virq.script;

import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.script.Names.Handle;
import dev.virq.share.Turn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Runs scripts against a host as one process would: names are its own, and what it leaves open is
 * closed at its end.
 *
 * <p>One thread at a time, no lock held. After every operation it waits until everything that was
 * deferred is over, in the whole kernel: so the next operation finds a settled machine. The clock
 * of the timers is held while the process lives, and each operation takes a millisecond of it.
 * Injections run one after another meanwhile, so that of two that one operation asks for the first
 * is the first.
 */
public final class ScriptRunner implements AutoCloseable {
  /** What an operation takes by the clock of the timers. */
  private static final long OPERATION_NANOS = 1_000_000;

  private final Host host;
  private final long timeoutNanos;
  private final Turn turn;
  private final ScriptProcess process;

  /** As the other one, for a process that shares its processors with nobody. */
  public ScriptRunner(Host host, long timeoutNanos) {
    this(host, timeoutNanos, Turn.ALONE, false);
  }

  /**
   * A process that has opened nothing yet.
   *
   * @param timeoutNanos how long one script, and the end of the process, may wait for deferred work
   *     all in all, in nanoseconds; time in which others have their turn does not count
   * @param turn lets others run between two operations, and while this waits
   * @param keeps whether what it leaves open stays: VMs and eventfds then bear the script's names,
   *     and an operation that makes something answers its id or descriptor, too
   */
  public ScriptRunner(Host host, long timeoutNanos, Turn turn, boolean keeps) {
    this(host, timeoutNanos, turn, new ScriptProcess(host, keeps));
  }

  private ScriptRunner(Host host, long timeoutNanos, Turn turn, ScriptProcess process) {
    this.host = host;
    this.timeoutNanos = timeoutNanos;
    this.turn = turn;
    this.process = process;
    host.clock().hold();
    host.injectInOrder();
  }

  /**
   * The same process on another host, which has all that it has open, as one restored from a
   * snapshot does. It goes on there; here it is not used any more, and what it has open stays.
   */
  public ScriptRunner movedTo(Host other) {
    host.injectAtOnce();
    host.clock().release();
    return new ScriptRunner(other, timeoutNanos, turn, process.movedTo(other));
  }

  /**
   * Runs a script to its end. A refused operation is a result, and the script continues.
   *
   * @return one result an operation, in order
   * @throws ErrnoException when the script cannot continue, naming the line, with the facts {@code
   *     line} and {@link ErrnoException#DONE}: EDEADLK when deferred work is held at a breakpoint,
   *     ETIMEDOUT, ECANCELED when the kernel was shut down, EMFILE when too many wait
   */
  public List<Result> run(Script script) {
    List<Result> results = new ArrayList<>(script.operations().size());
    run(script, results::add);
    return results;
  }

  /**
   * As {@link #run(Script)}, and hands every result on as soon as it is there.
   *
   * @param results given one result an operation, in order; may refuse one, which ends the script
   */
  public void run(Script script, Consumer<Result> results) {
    Patience patience = new Patience();
    long done = 0;
    for (Operation op : script.operations()) {
      try {
        Result result = ScriptCalls.call(process, op);
        done++;
        results.accept(result);
        if (!host.waits().settlesSoon()) {
          patience.waits(left -> host.waits().settled(left));
        }
        host.clock().advance(OPERATION_NANOS);
      } catch (ErrnoException e) {
        throw stopped(op, e).after(done);
      }
      turn.step();
    }
  }

  /** What is left of the time for waiting. */
  private final class Patience {
    private long leftNanos = timeoutNanos;

    void waits(LongConsumer wait) {
      turn.waiting(() -> {
        long start = System.nanoTime();
        try {
          wait.accept(Math.max(0, leftNanos));
        } finally {
          leftNanos -= System.nanoTime() - start;
        }
      });
    }
  }

  /**
   * Closes what is open, unless it is kept, in the order of opening, and waits for what that ends.
   * What is held at a breakpoint, or takes too long, is not waited for.
   */
  @Override
  public void close() {
    try {
      closeAll();
    } finally {
      host.injectAtOnce();
      host.clock().release();
    }
  }

  private void closeAll() {
    Patience patience = new Patience();
    List<PendingClose> ends = new ArrayList<>();
    for (Handle handle : process.keeps() ? List.<Handle>of() : process.names().removeAll()) {
      unlessGone(() -> ends.add(EventfdOperations.close(host, handle)));
      turn.step();
    }
    unlessGone(process::closeUnnamed);
    for (PendingClose end : ends) {
      unlessGone(() -> over(end, patience));
      turn.step();
    }
  }

  private boolean over(PendingClose end, Patience patience) {
    if (host.waits().isOver(end)) {
      return true;
    }
    patience.waits(left -> {
      var _ = host.waits().over(end, left);
    });
    return false;
  }

  private static void unlessGone(Supplier<?> step) {
    try {
      var _ = step.get();
    } catch (ErrnoException e) {
      switch (e.errno()) {
        // A reset, or another user of the sandbox, has closed it: nothing is left to do.
        case EBADF, ENOENT, ECANCELED -> {}
        // Too many wait already: the close is done, and ends by itself.
        case EMFILE, ENFILE -> {}
        default -> throw e;
      }
    }
  }

  private static ErrnoException stopped(Operation op, ErrnoException why) {
    Map<String, Object> facts = new LinkedHashMap<>(why.facts());
    facts.put("line", op.line());
    return new ErrnoException(
        why.errno(), "line %d: %s".formatted(op.line(), why.sentence()), facts);
  }
}
