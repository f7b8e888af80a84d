package dev.virq.workqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.Call;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkTest {
  /** Workers that run when the test runs them. */
  private final Queue<Runnable> workers = new ArrayDeque<>();

  private final List<Throwable> bugs = new ArrayList<>();
  private final WorkQueue queue = new WorkQueue("test", 1, workers::add, bugs::add);
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void firstRequestIsQueuedAndFurtherOnesAreMergedWithIt() {
    Work work = new Work(queue, runs::incrementAndGet);
    assertThat(work.state()).isEqualTo(Work.State.IDLE);

    assertThat(work.schedule()).isEqualTo(Work.Scheduled.QUEUED);
    assertThat(work.schedule()).isEqualTo(Work.Scheduled.COALESCED);
    assertThat(work.schedule()).isEqualTo(Work.Scheduled.COALESCED);

    assertThat(work.state()).isEqualTo(Work.State.PENDING);
    assertThat(queue.depth()).isEqualTo(1);
    workers.remove().run();
    assertThat(runs).hasValue(1);
    assertThat(work.state()).isEqualTo(Work.State.IDLE);
  }

  @Test
  void requestsDuringARunCauseOneMore() {
    List<Object> seen = new ArrayList<>();
    AtomicBoolean first = new AtomicBoolean(true);
    Work[] self = new Work[1];
    self[0] =
        new Work(
            queue,
            () -> {
              runs.incrementAndGet();
              if (first.getAndSet(false)) {
                seen.add(self[0].state());
                seen.add(self[0].schedule());
                seen.add(self[0].state());
                seen.add(self[0].schedule());
              }
            });
    self[0].schedule();

    workers.remove().run();

    assertThat(seen)
        .containsExactly(
            Work.State.RUNNING,
            Work.Scheduled.RERUN,
            Work.State.RUNNING_PENDING,
            Work.Scheduled.COALESCED);
    assertThat(runs).hasValue(2);
    assertThat(self[0].state()).isEqualTo(Work.State.IDLE);
    assertThat(workers).isEmpty();
  }

  @Test
  void itemThatHasRunCanBeAskedAgain() {
    Work work = new Work(queue, runs::incrementAndGet);
    work.schedule();
    workers.remove().run();

    assertThat(work.schedule()).isEqualTo(Work.Scheduled.QUEUED);

    workers.remove().run();
    assertThat(runs).hasValue(2);
  }

  @Test
  void flushOfAnIdleItemReturnsAtOnce() {
    Work work = new Work(queue, runs::incrementAndGet);
    work.flush();
    work.schedule();
    workers.remove().run();

    work.flush();

    assertThat(runs).hasValue(1);
  }

  @Test
  void flushOfAPendingItemWaitsForItsRunAndDoesNotCancelIt() {
    Work work = new Work(queue, runs::incrementAndGet);
    work.schedule();
    Call<Integer> flush = flush(work);

    workers.remove().run();

    assertThat(flush.get()).isEqualTo(1);
  }

  @Test
  void flushDuringARunWaitsForThatRunAndNotForOneAskedLater() {
    Steps steps = new Steps();
    Work work = new Work(queue, steps);
    work.schedule();
    Call<Object> worker = worker();
    steps.awaitBegun(1);
    Call<Integer> flush = flush(work);

    assertThat(work.schedule()).isEqualTo(Work.Scheduled.RERUN);
    steps.letEnd(1);

    // The second run cannot end yet.
    assertThat(flush.get()).isEqualTo(1);
    steps.letEnd(2);
    worker.get();
    assertThat(runs).hasValue(2);
  }

  @Test
  void flushOfAnItemThatRunsAndWasAskedAgainWaitsForBothRuns() {
    Steps steps = new Steps();
    Work work = new Work(queue, steps);
    work.schedule();
    Call<Object> worker = worker();
    steps.awaitBegun(1);
    assertThat(work.schedule()).isEqualTo(Work.Scheduled.RERUN);
    Call<Integer> flush = flush(work);

    steps.letEnd(1);
    steps.awaitBegun(2);
    flush.awaitAsleep();
    steps.letEnd(2);

    assertThat(flush.get()).isEqualTo(2);
    worker.get();
  }

  @Test
  void interruptDoesNotEndAFlushAndIsKept() {
    Work work = new Work(queue, runs::incrementAndGet);
    work.schedule();
    Call<Boolean> flush =
        Call.asleep(() -> {
          work.flush();
          return Thread.currentThread().isInterrupted();
        });

    flush.thread().interrupt();
    Await.until(() -> !flush.thread().isInterrupted());
    flush.awaitAsleep();
    workers.remove().run();

    assertThat(flush.get()).isTrue();
  }

  @Test
  void flushFromAWorkerOfTheSameQueueIsRefused() {
    Work idle = new Work(queue, runs::incrementAndGet);
    List<Throwable> refusals = new ArrayList<>();
    Work work =
        new Work(
            queue,
            () -> {
              try {
                idle.flush();
              } catch (IllegalStateException e) {
                refusals.add(e);
              }
            });
    work.schedule();

    workers.remove().run();

    assertThat(refusals).singleElement().asString().contains("test");
  }

  @Test
  void flushFromAWorkerOfAnotherQueueWaits() {
    Queue<Runnable> others = new ArrayDeque<>();
    WorkQueue other = new WorkQueue("other", 1, others::add, bugs::add);
    Work work = new Work(queue, runs::incrementAndGet);
    work.schedule();
    AtomicInteger seen = new AtomicInteger(-1);
    new Work(
            other,
            () -> {
              work.flush();
              seen.set(runs.get());
            })
        .schedule();
    Call<Object> flusher = Call.asleep(() -> run(others.remove()));

    workers.remove().run();

    flusher.get();
    assertThat(seen).hasValue(1);
    assertThat(bugs).isEmpty();
  }

  @Test
  void itemThatThrowsIsReportedFlushedAndCanRunAgain() {
    Work work =
        new Work(
            queue,
            () -> {
              if (runs.incrementAndGet() == 1) {
                throw new IllegalArgumentException("bad");
              }
            });
    work.schedule();
    workers.remove().run();

    assertThat(bugs).singleElement().isInstanceOf(IllegalArgumentException.class);
    assertThat(work.state()).isEqualTo(Work.State.IDLE);
    work.flush();
    work.schedule();
    workers.remove().run();
    assertThat(runs).hasValue(2);
  }

  @Test
  void noItemRunsTwiceAtOnceAndNoRequestIsLost() throws InterruptedException {
    WorkQueue busy = new WorkQueue("busy", 4, task -> Thread.ofVirtual().start(task), bugs::add);
    AtomicLong asked = new AtomicLong();
    AtomicLong seen = new AtomicLong();
    AtomicBoolean running = new AtomicBoolean();
    AtomicInteger overlaps = new AtomicInteger();
    Work work =
        new Work(
            busy,
            () -> {
              if (!running.compareAndSet(false, true)) {
                overlaps.incrementAndGet();
              }
              seen.set(asked.get());
              running.set(false);
            });
    CountDownLatch done = new CountDownLatch(4);

    for (int i = 0; i < 4; i++) {
      Thread.ofPlatform()
          .start(() -> {
            for (int n = 0; n < 20_000; n++) {
              asked.incrementAndGet();
              work.schedule();
            }
            done.countDown();
          });
    }
    done.await();
    work.flush();

    assertThat(overlaps).hasValue(0);
    assertThat(seen).hasValue(80_000);
    assertThat(work.state()).isEqualTo(Work.State.IDLE);
  }

  /** Starts a flush, which tells how many runs had ended when it returned. */
  private Call<Integer> flush(Work work) {
    return Call.asleep(() -> {
      work.flush();
      return runs.get();
    });
  }

  private Call<Object> worker() {
    Runnable worker = workers.remove();
    return Call.start(() -> run(worker));
  }

  private static Object run(Runnable task) {
    task.run();
    return task;
  }

  /** A body whose first two runs end when they are let. */
  private final class Steps implements Runnable {
    private final CountDownLatch[] begun = {new CountDownLatch(1), new CountDownLatch(1)};
    private final CountDownLatch[] ends = {new CountDownLatch(1), new CountDownLatch(1)};

    @Override
    public void run() {
      int step = runs.get();
      begun[step].countDown();
      await(ends[step]);
      runs.incrementAndGet();
    }

    void awaitBegun(int run) {
      await(begun[run - 1]);
    }

    void letEnd(int run) {
      ends[run - 1].countDown();
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
