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
 * <p>Runs take the next end that nobody has, and the one after it, until one of them had to wait,
 * or up to a number of them. Before its first a run asks for another run, which waits in the queue
 * until a worker has a place: so there always is one for the ends that are left, whatever this run
 * waits for. No more than one waits in the queue at any time. So it does not grow with the VM, and
 * work that others ask for meanwhile is not put behind all of them.
 */
final class Ends {
  /** Ends of one run: few enough for others not to wait long. */
  private static final int RUN = 64;

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
    new Work(queue, this::runSome).schedule();
  }

  private void runSome() {
    // Where a scheduler decides when each one begins, each has a run of its own.
    int most = ControlledWait.isControlled() ? 1 : RUN;
    for (int ran = 0; ran < most; ran++) {
      int one = next.getAndIncrement();
      if (one >= count) {
        return;
      }
      if (ran == 0 && one + 1 < count) {
        // First, so that the next one does not wait until this one is over.
        ask();
      }
      if (ran > 0) {
        WorkQueue.nextOfItem();
      }
      run(one);
      if (WorkQueue.hasSlept()) {
        return;
      }
    }
  }

  private void run(int one) {
    try {
      end.accept(one);
    } finally {
      left.countDown();
    }
  }
}
