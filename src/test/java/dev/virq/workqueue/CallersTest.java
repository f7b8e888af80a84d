package dev.virq.workqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.SelfDeadlock;
import dev.virq.sync.WorkerName;
import dev.virq.testing.Call;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Threads that run what they asked for, in the place of a worker. */
class CallersTest {
  /** Workers that run when the test runs them. */
  private final Queue<Runnable> workers = new ArrayDeque<>();

  private final List<Throwable> bugs = new CopyOnWriteArrayList<>();
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final LongAdder queued = new LongAdder();
  private volatile boolean may = true;
  private final WorkQueue queue = queue(1);

  private WorkQueue queue(int maxActive) {
    return new WorkQueue(
        "queue",
        maxActive,
        number -> workers::add,
        new Callers() {
          @Override
          public boolean mayRun() {
            return may;
          }

          @Override
          public String nameOf(int worker) {
            return "worker " + worker;
          }
        },
        bugs::add,
        queued);
  }

  private Work work(String name) {
    return work(queue, name, () -> {});
  }

  private Work work(WorkQueue on, String name, Runnable body) {
    return new Work(
        on,
        () -> {
          ran.add(name + " by " + WorkerName.current());
          body.run();
        });
  }

  private static void ask(Work work) {
    assertThat(work.request()).isEqualTo(Work.Scheduled.QUEUED);
    work.proceed();
  }

  private void runWorker() {
    Thread worker = Thread.ofPlatform().name("a worker").start(workers.remove());
    try {
      worker.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void callerRunsItsItemInThePlaceOfAWorker() {
    Work work = work("item");
    for (int i = 0; i < 2; i++) {
      ask(work);
      assertThat(work.state()).isEqualTo(Work.State.IDLE);
    }

    assertThat(ran).containsExactly("item by worker 1", "item by worker 1");
    assertThat(workers).isEmpty();
    assertThat(queued.sum()).isZero();
    assertThat(WorkQueue.current()).isNull();
    assertThat(WorkerName.current()).isEqualTo(Thread.currentThread().getName());
  }

  @Test
  void whereCallersMayNotAWorkerRunsIt() {
    may = false;
    ask(work("item"));

    assertThat(ran).isEmpty();
    runWorker();
    assertThat(ran).containsExactly("item by a worker");
  }

  @Test
  void whatWaitsAlreadyComesFirst() {
    WorkQueue two = queue(2);
    work(two, "first", () -> {}).schedule();
    ask(work(two, "second", () -> {}));

    assertThat(ran).isEmpty();
    runWorker();
    assertThat(ran).containsExactly("first by a worker", "second by a worker");
  }

  @Test
  void noMoreCallersRunThanWorkersMay() {
    ask(work(queue, "outer", () -> Call.run(() -> ask(work("inner"))).get()));

    assertThat(ran).containsExactly("outer by worker 1");
    runWorker();
    assertThat(ran).containsExactly("outer by worker 1", "inner by a worker");
  }

  @Test
  void callersRunAtOnceAsFarAsThereArePlaces() {
    WorkQueue two = queue(2);
    Work inner = work(two, "inner", () -> {});

    ask(work(two, "outer", () -> Call.run(() -> ask(inner)).get()));

    assertThat(ran).containsExactly("outer by worker 1", "inner by worker 2");
  }

  @Test
  void inOrderOneCallerRunsAtATime() {
    WorkQueue two = queue(2);
    two.inOrder();
    Work inner = work(two, "inner", () -> {});

    ask(work(two, "outer", () -> Call.run(() -> ask(inner)).get()));

    assertThat(ran).containsExactly("outer by worker 1");
    runWorker();
    assertThat(ran).endsWith("inner by a worker");
    two.atOnce();
  }

  @Test
  void itemThatIsAskedForAgainWhileItRunsRunsAgain() {
    Work[] again = new Work[1];
    again[0] =
        work(
            queue,
            "item",
            () -> {
              if (ran.size() == 1) {
                assertThat(again[0].schedule()).isEqualTo(Work.Scheduled.RERUN);
              }
            });
    ask(again[0]);

    assertThat(ran).containsExactly("item by worker 1");
    runWorker();
    assertThat(ran).containsExactly("item by worker 1", "item by a worker");
  }

  @Test
  void whatAnItemAsksForAWorkerRuns() {
    Work next = work("next");
    ask(work(queue, "item", () -> ask(next)));

    assertThat(ran).containsExactly("item by worker 1");
    runWorker();
    assertThat(ran).endsWith("next by a worker");
  }

  @Test
  void bugOfAnItemIsNotItsCallers() {
    IllegalStateException bug = new IllegalStateException("as if");
    ask(
        work(
            queue,
            "bad",
            () -> {
              throw bug;
            }));
    ask(work("good"));

    assertThat(bugs).containsExactly(bug);
    assertThat(ran).containsExactly("bad by worker 1", "good by worker 1");
  }

  @Test
  void outOfMemoryIsTheCallersAndThePlaceIsGivenBack() {
    OutOfMemoryError none = new OutOfMemoryError("as if");
    Work big =
        work(
            queue,
            "big",
            () -> {
              throw none;
            });

    assertThatThrownBy(() -> ask(big)).isSameAs(none);
    ask(work("small"));

    assertThat(bugs).isEmpty();
    assertThat(ran).containsExactly("big by worker 1", "small by worker 1");
  }

  @Test
  void itemMayNotWaitForItself() {
    Work[] itself = new Work[1];
    itself[0] = work(queue, "item", () -> itself[0].flush());
    ask(itself[0]);

    assertThat(bugs).hasExactlyElementsOfTypes(SelfDeadlock.class);
  }

  @Test
  void placeOfACallerThatSleepsGoesToAnother() {
    ask(
        work(
            queue,
            "sleeper",
            () -> WorkQueue.sleeping(() -> Call.run(() -> ask(work("other"))).get())));

    assertThat(ran).containsExactly("sleeper by worker 1", "other by worker 2");
  }

  @Test
  void whatIsKeptBackIsRunByAWorkerAfterwards() {
    KeptBack.during(() -> {
      ask(work("item"));
      assertThat(workers).isEmpty();
      return ran.isEmpty();
    });

    runWorker();
    assertThat(ran).containsExactly("item by a worker");
  }

  @Test
  void whereASchedulerDecidesAWorkerRunsIt() {
    ControlledWait.run(over -> {}, () -> ask(work("item")));

    assertThat(ran).isEmpty();
    assertThat(workers).hasSize(1);
  }

  @Test
  void stepWithoutCallersWaitsForThoseThatRunAndKeepsOthersOut() {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Work slow =
        work(
            queue,
            "slow",
            () -> {
              running.countDown();
              waitFor(go);
            });
    Call<Void> caller = Call.run(() -> ask(slow));
    waitFor(running);

    Call<Boolean> step =
        Call.asleep(() ->
            queue.withoutCallers(() -> {
              ask(work("meanwhile"));
              return ran.add("the step");
            }));
    assertThat(ran).containsExactly("slow by worker 1");
    go.countDown();

    assertThat(step.get()).isTrue();
    caller.get();
    assertThat(ran).containsExactly("slow by worker 1", "the step");
    runWorker();
    ask(work("afterwards"));
    assertThat(ran).endsWith("meanwhile by a worker", "afterwards by worker 1");
  }

  @Test
  void stepThatFailsLetsCallersRunAgain() {
    assertThatThrownBy(() ->
            queue.withoutCallers(() -> {
              throw new IllegalArgumentException("as if");
            }))
        .isInstanceOf(IllegalArgumentException.class);
    ask(work("item"));

    assertThat(ran).containsExactly("item by worker 1");
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
