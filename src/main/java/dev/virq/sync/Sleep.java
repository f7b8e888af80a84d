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
 * Used by one thread, which creates and closes it. A lock may be held: neither giving a place up
 * nor taking it again waits for anything but a leaf lock.
 */
public final class Sleep implements AutoCloseable {
  /** A place among those that run at once. Used by its own thread only. */
  public interface Place {
    /** The thread will not run for a while. */
    void leave();

    /** The thread runs again; never waits. */
    void rejoin();
  }

  private static final ScopedValue<Place> PLACE = ScopedValue.newInstance();

  private @Nullable Place left;

  /** Not asleep yet. */
  public Sleep() {}

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
      place.rejoin();
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

  /** Runs something that may sleep for long, or that runs by a bound of its own. */
  public static <R extends @Nullable Object, X extends Throwable> R through(
      ScopedValue.CallableOp<R, X> body) throws X {
    try (Sleep sleep = new Sleep()) {
      sleep.begin();
      return body.call();
    }
  }
}
