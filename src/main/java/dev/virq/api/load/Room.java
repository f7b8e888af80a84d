package dev.virq.api.load;

import java.util.Comparator;
import java.util.List;

/**
 * Which connections are closed so that new ones are taken, when all that may be open are: those
 * that have been silent for longest.
 */
final class Room {
  /** Of all connections, so large a part at a time. */
  private static final int PART = 8;

  /** A client that goes from one request to the next is never so slow. */
  private static final long SILENT_MILLIS = 1_000;

  private Room() {}

  /**
   * A connection on which no request is served.
   *
   * @param connection the connection
   * @param since when something came last, as {@link System#currentTimeMillis}
   */
  record Silent<C>(C connection, long since) {}

  /**
   * Those to close, if any.
   *
   * @param silent those that no request is served on
   * @param most connections that may be open
   * @param nowMillis as {@link System#currentTimeMillis}
   */
  static <C> List<C> toMake(List<Silent<C>> silent, int most, long nowMillis) {
    return silent.stream()
        .filter(one -> nowMillis - one.since() >= SILENT_MILLIS)
        .sorted(Comparator.comparingLong(Silent::since))
        .limit(atOnce(most))
        .map(Silent::connection)
        .toList();
  }

  /** How many are closed at a time, at most. */
  static int atOnce(int most) {
    return Math.max(1, most / PART);
  }
}
