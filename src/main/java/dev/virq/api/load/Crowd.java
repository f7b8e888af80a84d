package dev.virq.api.load;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Whose connections are closed after an answer, because all that may be open are taken and busy.
 * Otherwise whoever keeps as many busy as there may be would keep all others out.
 *
 * <p>Sandboxes that ask for less than the average keep theirs. Any thread: one looks, now and then,
 * and those that serve requests ask.
 */
final class Crowd {
  /** Sandboxes that are counted; further ones are counted as one. */
  static final int MOST_COUNTED = 1_024;

  private static final String OTHERS = "/";

  /** Requests since the last look, by sandbox; null while there is room. */
  private volatile @Nullable Map<String, LongAdder> requests;

  /** Those that keep their connections; null while all do. Never changed once it is set. */
  private volatile @Nullable Set<String> keep;

  /**
   * A look.
   *
   * @param full whether all connections were taken
   * @param roomMade whether as many were closed, because they were silent, as are at a time
   * @param most connections that may be open
   */
  void look(boolean full, boolean roomMade, int most) {
    Map<String, LongAdder> counted = requests;
    keep = full && !roomMade && counted != null ? belowAverage(counted, most) : null;
    requests = full ? new ConcurrentHashMap<>() : null;
  }

  /**
   * Those that asked for less than the average; null when they all asked for so little that closing
   * after an answer would make no room.
   */
  private static @Nullable Set<String> belowAverage(Map<String, LongAdder> counted, int most) {
    long all = counted.values().stream().mapToLong(LongAdder::sum).sum();
    if (all < most / 2) {
      return null;
    }
    Set<String> below = new HashSet<>();
    counted.forEach((sandbox, count) -> {
      if (count.sum() * counted.size() < all) {
        below.add(sandbox);
      }
    });
    return below;
  }

  /**
   * A request begins.
   *
   * @param sandbox that it names; empty when it names none
   * @return whether its connection is to be closed after the answer
   */
  boolean closesAfter(String sandbox) {
    Map<String, LongAdder> counts = requests;
    if (counts == null) {
      return false;
    }
    LongAdder count = counts.get(sandbox);
    if (count == null) {
      String counted = counts.size() < MOST_COUNTED ? sandbox : OTHERS;
      count = counts.computeIfAbsent(counted, one -> new LongAdder());
    }
    count.increment();
    Set<String> kept = keep;
    return kept != null && !kept.contains(sandbox);
  }
}
