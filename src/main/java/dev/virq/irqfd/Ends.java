package dev.virq.irqfd;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.Uninterruptibly;
import dev.virq.vm.Vm;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The ends of the irqfds of a VM that closes, each by itself: one that waits for a reader or
 * another closer does not delay the others.
 *
 * <p>At most one of them waits in the queue at any time. So it does not grow with the VM, and work
 * that others ask for meanwhile is not put behind all of them.
 */
final class Ends {
  private final WorkQueue queue;
  private final List<Irqfd> irqfds;
  private final List<@Nullable Vm> won;
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch left;

  /**
   * The ends to come.
   *
   * @param queue where they run
   * @param irqfds whose ends
   * @param won for each, the VM if the close severs it
   */
  Ends(WorkQueue queue, List<Irqfd> irqfds, List<@Nullable Vm> won) {
    this.queue = queue;
    this.irqfds = irqfds;
    this.won = won;
    this.left = new CountDownLatch(irqfds.size());
  }

  /** Runs them, and returns when all are over. On a worker, no lock held. */
  void runAside() {
    if (!irqfds.isEmpty()) {
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
    if (one + 1 < irqfds.size()) {
      // First, so that the next one does not wait until this one is over.
      ask();
    }
    try {
      irqfds.get(one).releaseBy(won.get(one));
    } finally {
      left.countDown();
    }
  }
}
