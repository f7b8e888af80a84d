package dev.virq.srcu;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a domain is set up; one value may serve any number of domains.
 *
 * @param eternal whether {@link SrcuDomain#close} is refused for good, as for a domain in a static
 *     field: {@code DEFINE_STATIC_SRCU}
 * @param tracked whether every open section is remembered with thread and stack; for tests and
 *     debugging: it makes beginning a section slow and finds misuse exactly
 * @param stallAfter how long a grace period waits before the listener is notified
 * @param callbackLimit callbacks that may wait at once; one more is refused
 * @param callbackExecutor where callbacks run, null for a virtual thread while there are any. Its
 *     tasks must not wait for a section or a grace period of the domain. It is given one task at a
 *     time; when it refuses the task, a virtual thread takes it
 * @param listener is notified of stalls, failed callbacks and poisoning
 * @param striped whether a domain whose readers meet spreads its counters over several cache lines;
 *     false for a domain that must not grow
 */
public record SrcuOptions(
    boolean eternal,
    boolean tracked,
    Duration stallAfter,
    int callbackLimit,
    @Nullable Executor callbackExecutor,
    SrcuListener listener,
    boolean striped) {

  /**
   * Can be closed, is not tracked, takes 10,000 callbacks, and warns of stalls after 21 s, without
   * a listener.
   */
  public static final SrcuOptions DEFAULT =
      new SrcuOptions(false, false, Duration.ofSeconds(21), 10_000, null, SrcuListener.NONE, true);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when stallAfter or callbackLimit is not positive
   */
  public SrcuOptions {
    if (!stallAfter.isPositive()) {
      throw new IllegalArgumentException("stallAfter " + stallAfter + " is not positive");
    }
    if (callbackLimit <= 0) {
      throw new IllegalArgumentException("callbackLimit " + callbackLimit + " is not positive");
    }
  }

  /** The same, never to be closed. */
  public SrcuOptions withoutEnd() {
    return new SrcuOptions(
        true, tracked, stallAfter, callbackLimit, callbackExecutor, listener, striped);
  }

  /** The same with every open section remembered. */
  public SrcuOptions withTracking() {
    return new SrcuOptions(
        eternal, true, stallAfter, callbackLimit, callbackExecutor, listener, striped);
  }

  /** The same with another time before the first warning. */
  public SrcuOptions withStallAfter(Duration limit) {
    return new SrcuOptions(
        eternal, tracked, limit, callbackLimit, callbackExecutor, listener, striped);
  }

  /** The same with another bound on waiting callbacks. */
  public SrcuOptions withCallbackLimit(int limit) {
    return new SrcuOptions(
        eternal, tracked, stallAfter, limit, callbackExecutor, listener, striped);
  }

  /** The same with callbacks run there. */
  public SrcuOptions withCallbackExecutor(Executor executor) {
    return new SrcuOptions(
        eternal, tracked, stallAfter, callbackLimit, executor, listener, striped);
  }

  /** The same with another listener. */
  public SrcuOptions withListener(SrcuListener other) {
    return new SrcuOptions(
        eternal, tracked, stallAfter, callbackLimit, callbackExecutor, other, striped);
  }

  /** The same with all counters in one place: the domain takes no more memory when readers meet. */
  public SrcuOptions withoutStripes() {
    return new SrcuOptions(
        eternal, tracked, stallAfter, callbackLimit, callbackExecutor, listener, false);
  }
}
