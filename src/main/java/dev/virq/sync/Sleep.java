package dev.virq.sync;

import org.jspecify.annotations.Nullable;

/**
 * The sleep of a thread that was given a place among those that run: whoever gave it may let
 * another run meanwhile. For a thread without such a place this does nothing.
 *
 * <pre>{@code
 * try (Sleep sleep = new Sleep()) {
 *   ...
 *   sleep.begin();
 *   ... // sleeps
 * }
 * }</pre>
 *
 * Used by one thread, which creates and closes it. A lock may be held, unless the thread runs again
 * {@link After#IN_TURN}: then it must hold none, for it may wait for others that need it.
 */
public final class Sleep implements AutoCloseable {
  /** A place among those that run at once. Used by its own thread only. */
  public interface Place {
    /** The thread will not run for a while. */
    void leave();

    /** The thread runs again; never waits. */
    void rejoin();

    /** The thread runs again when it is its turn. It holds no lock. */
    void await();

    /** Lets others run first that wait, if there are any. The thread holds no lock. */
    void pass();
  }

  /** How a thread that slept runs again. */
  public enum After {
    /** At once, so that for a moment more may run than there are places. */
    AT_ONCE,
    /** As soon as it is given a place again. */
    IN_TURN
  }

  private static final ScopedValue<Place> PLACE = ScopedValue.newInstance();

  private final After after;
  private @Nullable Place left;

  /** Not asleep yet; runs again at once. */
  public Sleep() {
    this(After.AT_ONCE);
  }

  /**
   * Not asleep yet.
   *
   * @param after how the thread runs again
   */
  public Sleep(After after) {
    this.after = after;
  }

  /** From here on the thread sleeps. Again: nothing. */
  public void begin() {
    if (left == null && PLACE.isBound()) {
      Place place = PLACE.get();
      place.leave();
      left = place;
    }
  }

  /** The thread runs again, if it slept. */
  @Override
  public void close() {
    Place place = left;
    if (place != null) {
      left = null;
      switch (after) {
        case AT_ONCE -> place.rejoin();
        case IN_TURN -> place.await();
      }
    }
  }

  /**
   * Runs something in a place, which its sleeps give up.
   *
   * @param place of the calling thread
   * @param body runs at once, on this thread
   */
  public static <R extends @Nullable Object, X extends Throwable> R inPlace(
      Place place, ScopedValue.CallableOp<R, X> body) throws X {
    return ScopedValue.where(PLACE, place).call(body);
  }

  /** Within long work, now and then: lets others run first. No lock may be held. */
  public static void pass() {
    if (PLACE.isBound()) {
      PLACE.get().pass();
    }
  }

  /**
   * Runs something that may sleep for long, or that runs by a bound of its own; then the thread
   * runs again in turn. It holds no lock.
   */
  public static <R extends @Nullable Object, X extends Throwable> R through(
      ScopedValue.CallableOp<R, X> body) throws X {
    try (Sleep sleep = new Sleep(After.IN_TURN)) {
      sleep.begin();
      return body.call();
    }
  }
}
