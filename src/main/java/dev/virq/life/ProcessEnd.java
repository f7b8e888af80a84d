package dev.virq.life;

import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How the process ends. There is one process, and so one of these: {@link #THIS}.
 *
 * <p>Any thread. Nothing here waits for a lock or allocates once the end has begun.
 */
public final class ProcessEnd {
  /** Everything was drained. */
  public static final int COMPLETE = 0;

  /** It never began to serve: a setting, a file or a port was refused; or a training run failed. */
  public static final int NOT_STARTED = 1;

  /** An error after which the JVM cannot be trusted; the JVM's own code for a full heap. */
  public static final int FATAL = 3;

  /** The shutdown did not end in time. */
  public static final int LATE = 4;

  /** The drain did not end in time: signals or objects were left. */
  public static final int INCOMPLETE = 5;

  /** The end of this process. */
  public static final ProcessEnd THIS =
      new ProcessEnd(code -> Runtime.getRuntime().halt(code), System::nanoTime);

  private static final long DEFAULT_LIMIT_NANOS = 30_000_000_000L;

  /** Causes of causes that are looked at; there may be a circle. */
  private static final int DEPTH = 32;

  private final IntConsumer halt;
  private final LongSupplier nanoClock;

  /** What a shutdown exits with; volatile: written by the thread that drains or starts. */
  private volatile int code = COMPLETE;

  /** How long a shutdown may take, in nanoseconds; volatile: set once, from the settings. */
  private volatile long limitNanos = DEFAULT_LIMIT_NANOS;

  /** When the shutdown began; volatile, written before {@code begun}. */
  private volatile long beganNanos;

  /** Volatile: set once, by the first that shuts down. */
  private volatile boolean begun;

  /** Volatile: once the JVM is told to halt, it may still write an AOT cache, which takes long. */
  private volatile boolean ended;

  ProcessEnd(IntConsumer halt, LongSupplier nanoClock) {
    this.halt = halt;
    this.nanoClock = nanoClock;
  }

  /** How long a shutdown may take before the process is halted, in nanoseconds. */
  public void limit(long nanos) {
    limitNanos = nanos;
  }

  /** The shutdown begins. Again: nothing. */
  public void begin() {
    if (!begun) {
      beganNanos = nanoClock.getAsLong();
      begun = true;
    }
  }

  /** How long the shutdown may go on, in nanoseconds; not positive once it is late. */
  public long leftNanos() {
    return begun ? limitNanos - (nanoClock.getAsLong() - beganNanos) : limitNanos;
  }

  /** The drain left something behind. */
  public void incomplete() {
    code = INCOMPLETE;
  }

  /** The start was given up. Once the shutdown has begun, that is why: nothing. */
  public void notStarted() {
    if (!begun) {
      code = NOT_STARTED;
    }
  }

  /** Whether the shutdown has begun. */
  public boolean hasBegun() {
    return begun;
  }

  /** What it was started for is done. Once the shutdown has begun: nothing. */
  public void done() {
    if (!begun) {
      code = COMPLETE;
    }
  }

  /** What the shutdown exits with. */
  public int code() {
    return code;
  }

  /** Ends the process with the code of its shutdown. */
  public void exit() {
    ended = true;
    halt.accept(code);
  }

  /** Ends the process if its shutdown has taken too long. */
  void haltIfLate() {
    if (begun && !ended && nanoClock.getAsLong() - beganNanos > limitNanos) {
      LastWords.LATE.say();
      halt.accept(LATE);
    }
  }

  /** Ends the process if the error, or what caused it, is life-ending. */
  public void haltIfFatal(@Nullable Throwable error) {
    if (isFatal(error)) {
      fatal();
    }
  }

  /** Ends the process: nothing works any more. */
  void fatal() {
    LastWords.FATAL.say();
    halt.accept(FATAL);
  }

  /**
   * Whether the JVM cannot be trusted after it: a full heap, above all, for whichever thread meets
   * it next may be one that all depend on. A stack that overflowed is not: the thread's own work is
   * undone, and locks were given back on the way.
   */
  public static boolean isFatal(@Nullable Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEPTH; depth++) {
      if (cause instanceof VirtualMachineError && !(cause instanceof StackOverflowError)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
