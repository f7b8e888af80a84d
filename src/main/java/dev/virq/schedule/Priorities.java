package dev.virq.schedule;

import java.util.Arrays;
import java.util.SplittableRandom;

/** A priority for each thread, drawn when it is first asked for. Guarded by the turn. */
final class Priorities {
  private static final int NOT_DRAWN = 0;

  private SplittableRandom random;
  private long[] byThread = new long[16];

  Priorities(SplittableRandom random) {
    this.random = random;
  }

  /** None is drawn; they follow from these numbers. */
  void begin(SplittableRandom numbers) {
    random = numbers;
    Arrays.fill(byThread, NOT_DRAWN);
  }

  /** The place of the thread with the highest. */
  int highest(Moment moment) {
    int best = 0;
    for (int place = 0; place < moment.size(); place++) {
      if (of(moment.thread(place)) > of(moment.thread(best))) {
        best = place;
      }
    }
    return best;
  }

  private long of(int thread) {
    if (thread >= byThread.length) {
      byThread = Arrays.copyOf(byThread, Math.max(thread + 1, byThread.length * 2));
    }
    if (byThread[thread] == NOT_DRAWN) {
      byThread[thread] = random.nextLong(1, Long.MAX_VALUE);
    }
    return byThread[thread];
  }

  /** Gives a thread one that was not drawn: a negative one is below all that are. */
  void set(int thread, long priority) {
    byThread[thread] = priority;
  }

  /** Has a thread draw another. */
  void redraw(int thread) {
    byThread[thread] = NOT_DRAWN;
  }
}
