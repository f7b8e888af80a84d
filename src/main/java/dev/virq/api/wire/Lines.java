package dev.virq.api.wire;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Calls that have come and are left unread, sandbox by sandbox, because more of that sandbox's are
 * in hand than can be served soon. One in hand has a thread and buffers of 80 kB and more: hundreds
 * of them, which only wait for their turn, are in no cache of the processor when it comes.
 *
 * <p>Nothing is decided here but how early a call is read: whose turn it is, the application says.
 * So a sandbox may be named here in another way than there.
 */
final class Lines {
  /**
   * Calls of a sandbox that have been handed on, and that no place to run in was found for yet: one
   * that is the next to get one, and one that is read meanwhile.
   */
  static final int IN_HAND = 2;

  private final int longest;

  /** Whether a sandbox has as many in hand as may be. Written under the lock. */
  private volatile boolean anyFull;

  /** A leaf lock: nothing else is taken while it is held. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Of each sandbox that has a call here. */
  @GuardedBy("lock")
  private final Map<String, Line> lines = new HashMap<>();

  /** Sandboxes that have as many in hand as may be. */
  @GuardedBy("lock")
  private int full;

  private static final class Line {
    final SequencedSet<Call> waiting = new LinkedHashSet<>();
    int inHand;
  }

  /**
   * One of them. Its stage is guarded by the lock; what else there is does not change once it came.
   */
  static final class Call {
    private enum Stage {
      COMING,
      WAITING,
      IN_HAND,
      OVER
    }

    private final String sandbox;
    private final Runnable turn;
    private Stage stage = Stage.COMING;

    /**
     * It has not come yet.
     *
     * @param turn told on any thread, without the lock, when it need not wait any longer
     */
    Call(String sandbox, Runnable turn) {
      this.sandbox = sandbox;
      this.turn = turn;
    }

    /** As the request line names it. */
    String sandbox() {
      return sandbox;
    }
  }

  /**
   * None waits.
   *
   * @param longest so many of a sandbox wait; further ones are handed on at once
   */
  Lines(int longest) {
    this.longest = longest;
  }

  /**
   * It is in hand or waits from now on.
   *
   * @return whether it is to be handed on at once; if not, it is told when its turn comes
   */
  boolean comes(Call one) {
    lock.lock();
    try {
      if (one.stage != Call.Stage.COMING) {
        // Closed by now.
        return true;
      }
      Line line = lines.computeIfAbsent(one.sandbox, name -> new Line());
      if (line.inHand < IN_HAND || line.waiting.size() >= longest) {
        takeUp(line, one);
        return true;
      }
      line.waiting.add(one);
      one.stage = Call.Stage.WAITING;
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** It has found a place to run in, or needs none any more. Once or more often. */
  void over(Call one) {
    Call next = next(one);
    if (next != null) {
      next.turn.run();
    }
  }

  private @Nullable Call next(Call over) {
    lock.lock();
    try {
      Call next = ended(over);
      anyFull = full > 0;
      return next;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private @Nullable Call ended(Call over) {
    Call.Stage before = over.stage;
    over.stage = Call.Stage.OVER;
    Line line = lines.get(over.sandbox);
    if (line == null || before == Call.Stage.COMING || before == Call.Stage.OVER) {
      return null;
    }
    if (before == Call.Stage.WAITING) {
      line.waiting.remove(over);
      return null;
    }
    full -= line.inHand == IN_HAND ? 1 : 0;
    line.inHand--;
    if (line.inHand == 0 && line.waiting.isEmpty()) {
      lines.remove(over.sandbox);
    }
    if (line.waiting.isEmpty() || line.inHand >= IN_HAND) {
      return null;
    }
    Call next = line.waiting.removeFirst();
    takeUp(line, next);
    return next;
  }

  @GuardedBy("lock")
  private void takeUp(Line line, Call one) {
    one.stage = Call.Stage.IN_HAND;
    line.inHand++;
    if (line.inHand == IN_HAND) {
      full++;
      anyFull = true;
    }
  }

  /** Whether a call that comes now may have to wait. Takes no lock. */
  boolean mayHaveToWait() {
    return anyFull;
  }

  /** How many are left unread. */
  int waiting() {
    lock.lock();
    try {
      return lines.values().stream().mapToInt(line -> line.waiting.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  /** How many sandboxes have a call here. */
  int size() {
    lock.lock();
    try {
      return lines.size();
    } finally {
      lock.unlock();
    }
  }
}
