package dev.virq.api.load;

import dev.virq.share.Shares;
import dev.virq.share.Slices;
import dev.virq.share.Turn;
import dev.virq.sync.Sleep;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Calls that are many calls in one, scripts and writes in bulk: by a bound of their own, one of a
 * sandbox at a time, and for a slice of time while others wait.
 */
@Component
public final class LongWork {
  private final Shares shares;
  private final Slices.Length slice;

  LongWork(@Qualifier("scriptShares") Shares shares, Slices.Length slice) {
    this.shares = shares;
    this.slice = slice;
  }

  /** The work, which says after each step that it has made one. */
  @FunctionalInterface
  public interface Steps<R extends @Nullable Object, X extends Throwable> {
    /** Runs on the calling thread. */
    R run(Turn turn) throws X;
  }

  /**
   * Does the work when its turn comes. Meanwhile the calling thread keeps no place among the calls.
   *
   * @param sandbox its name
   * @throws dev.virq.errno.ErrnoException EAGAIN at once when too many of that sandbox wait for
   *     their turn
   */
  public <R extends @Nullable Object, X extends Throwable> R inTurn(
      String sandbox, Steps<R, X> work) throws X {
    return Sleep.through(() -> {
      try (Shares.Share share = shares.enter(sandbox)) {
        Turn turn = new Slices(share, slice.nanos(), System::nanoTime);
        // Whatever stops this thread within a step gives the turn to another.
        return Sleep.inPlace(share, () -> work.run(turn));
      }
    });
  }
}
