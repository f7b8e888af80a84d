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

  /** Stands for no sandbox, and for those that are not counted. */
  static final String NONE = "/";

  /** As many requests as connections, in so many looks: fewer are too few to make room by. */
  private static final int LOOKS = 16;

  /** Requests served since the last look, by sandbox; null while there is room. */
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
   * Those that asked for less than the average; null when there were so few answers that closing
   * after them would rather keep out who is served than let in who waits.
   */
  private static @Nullable Set<String> belowAverage(Map<String, LongAdder> counted, int most) {
    long all = counted.values().stream().mapToLong(LongAdder::sum).sum();
    if (all < most / LOOKS) {
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

  /** Whether the last look found no room. */
  boolean isFull() {
    return requests != null;
  }

  /** Whether the connection of a request that names this sandbox is closed after its answer. */
  boolean closesAfter(String sandbox) {
    Set<String> kept = keep;
    return kept != null && !kept.contains(sandbox);
  }

  /**
   * A request was served.
   *
   * @param sandbox that it was for; {@link #NONE} when it was refused
   */
  void served(String sandbox) {
    Map<String, LongAdder> counts = requests;
    if (counts == null) {
      return;
    }
    LongAdder count = counts.get(sandbox);
    if (count == null) {
      String counted = counts.size() < MOST_COUNTED ? sandbox : NONE;
      count = counts.computeIfAbsent(counted, one -> new LongAdder());
    }
    count.increment();
  }
}
