package dev.virq.api.explorations;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.stereotype.Component;

/**
 * The explorations that go on: one in a sandbox, {@value #MOST} in all. A schedule that is played
 * again counts as one. Any thread.
 */
@Component
final class ExplorationPlaces {
  static final int MOST = 8;

  private final Set<Sandbox> busy = ConcurrentHashMap.newKeySet();
  private final Quota all = new Quota("explorations in all sandboxes", MOST, Errno.ENFILE, null);
  private final LongAdder shown;

  ExplorationPlaces(Sandboxes sandboxes) {
    this.shown = sandboxes.totals().explorations();
  }

  /** The place of one; closed by whoever entered, once. */
  final class Place implements AutoCloseable {
    private final Sandbox sandbox;

    private Place(Sandbox sandbox) {
      this.sandbox = sandbox;
    }

    @Override
    public void close() {
      boolean _ = busy.remove(sandbox);
      all.release();
      shown.decrement();
    }
  }

  /**
   * A place for one of the sandbox.
   *
   * @throws ErrnoException EBUSY when the sandbox has one, ENFILE when there are too many in all
   */
  Place enter(Sandbox sandbox) {
    if (!busy.add(sandbox)) {
      throw new ErrnoException(
          Errno.EBUSY,
          "an exploration of sandbox %s goes on already".formatted(sandbox.settings().name()));
    }
    boolean entered = false;
    try {
      all.acquire();
      entered = true;
      shown.increment();
      return new Place(sandbox);
    } finally {
      if (!entered) {
        boolean _ = busy.remove(sandbox);
      }
    }
  }
}
