package dev.virq.config;

import dev.virq.life.ProcessEnd;
import dev.virq.sandbox.Sandboxes;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The one thread that looks for leases that have run out, each second. Each sandbox ends on a
 * thread of its own: one whose end takes its whole time delays no other.
 */
@Component
final class LeaseSweeper implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseSweeper.class);
  private static final long PERIOD_SECONDS = 1;
  private static final int ENDS = 256;

  private final Sandboxes sandboxes;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("virq-housekeeping").daemon().factory());

  /** Bounds the ends under way; what finds none left is found again by the next look. */
  private final Semaphore ends = new Semaphore(ENDS);

  private volatile boolean running;

  LeaseSweeper(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  @Override
  public void start() {
    running = true;
    var _ =
        thread.scheduleWithFixedDelay(
            this::expire, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private void expire() {
    try {
      sandboxes.expireLeases(this::onItsOwnThread);
    } catch (RuntimeException | Error e) {
      ProcessEnd.THIS.haltIfFatal(e);
      // One failure must not end the thread: leases of all other sandboxes depend on it.
      LOG.error("leases could not be expired", e);
    }
  }

  private void onItsOwnThread(Runnable end) {
    if (ends.tryAcquire()) {
      var _ =
          Thread.ofVirtual()
              .name("virq-lease-end")
              .start(() -> {
                try {
                  end.run();
                } finally {
                  ends.release();
                }
              });
    }
  }

  @Override
  public void stop() {
    running = false;
    thread.shutdown();
  }

  /** Leases run out whether or not the context is asked to rest. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
