package dev.virq.irqfd;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.Uninterruptibly;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The ends of the irqfds of a VM that closes, each by itself: one that waits for a reader or
 * another closer does not delay the others.
 *
 * <p>At most one of them waits in the queue at any time. So it does not grow with the VM, and work
 * that others ask for meanwhile is not put behind all of them.
 */
final class Ends {
  private final WorkQueue queue;
  private final int count;
  private final IntConsumer end;
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch left;

  /**
   * The ends to come.
   *
   * @param queue where they run
   * @param count how many there are
   * @param end ends the one of that number, from 0
   */
  Ends(WorkQueue queue, int count, IntConsumer end) {
    this.queue = queue;
    this.count = count;
    this.end = end;
    this.left = new CountDownLatch(count);
  }

  /** Runs them, and returns when all are over. On a worker, no lock held. */
  void runAside() {
    if (count > 0) {
      ask();
    }
    ControlledWait.before(() -> left.getCount() == 0);
    WorkQueue.sleeping(() -> Uninterruptibly.await(() -> left.await()));
  }

  private void ask() {
    new Work(queue, this::runOne).schedule();
  }

  private void runOne() {
    int one = next.getAndIncrement();
    if (one + 1 < count) {
      // First, so that the next one does not wait until this one is over.
      ask();
    }
    try {
      end.accept(one);
    } finally {
      left.countDown();
    }
  }
}
