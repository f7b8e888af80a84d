package dev.virq.workqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
  /** Workers that run when the test runs them. */
  private final Queue<Runnable> workers = new ArrayDeque<>();

  private final List<Throwable> bugs = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();

  @Test
  void itemsRunInTheOrderTheyWereAskedFor() {
    WorkQueue queue = queue(1);
    for (String name : List.of("a", "b", "c")) {
      work(queue, name).schedule();
    }

    workers.remove().run();

    assertThat(ran).containsExactly("a", "b", "c");
  }

  @Test
  void itemThatWasAskedAgainGoesToTheBackOfTheQueue() {
    WorkQueue queue = queue(1);
    AtomicBoolean first = new AtomicBoolean(true);
    Work[] busy = new Work[1];
    busy[0] =
        new Work(
            queue,
            () -> {
              ran.add("busy");
              if (first.getAndSet(false)) {
                busy[0].schedule();
              }
            });
    busy[0].schedule();
    work(queue, "other").schedule();

    workers.remove().run();

    assertThat(ran).containsExactly("busy", "other", "busy");
  }

  @Test
  void inOrderOneRunsAfterAnotherUntilAllWhoAskedForThatAreDone() {
    WorkQueue queue = queue(4);
    queue.inOrder();
    queue.inOrder();
    for (String name : List.of("a", "b", "c")) {
      work(queue, name).schedule();
    }
    assertThat(workers).hasSize(1);

    queue.atOnce();
    assertThat(workers).hasSize(1);

    queue.atOnce();
    assertThat(workers).as("one for each item").hasSize(3);
    workers.remove().run();
    assertThat(ran).containsExactly("a", "b", "c");
    assertThatThrownBy(queue::atOnce).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void inOrderTheNextRunsWhileOneSleeps() {
    WorkQueue queue = queue(4);
    queue.inOrder();
    new Work(queue, () -> WorkQueue.sleeping(() -> workers.remove().run())).schedule();
    work(queue, "next").schedule();

    workers.remove().run();

    assertThat(ran).containsExactly("next");
  }

  @Test
  void noMoreWorkersAreStartedThanMayRun() {
    WorkQueue queue = queue(2);

    for (int i = 0; i < 5; i++) {
      work(queue, "w" + i).schedule();
    }

    assertThat(workers).hasSize(2);
    assertThat(queue.depth()).isEqualTo(5);
    workers.remove().run();
    assertThat(ran).hasSize(5);
    assertThat(queue.depth()).isZero();
    workers.remove().run();
    assertThat(workers).isEmpty();
  }

  @Test
  void idleQueueHasNoWorkerAndStartsOneForTheNextItem() {
    WorkQueue queue = queue(1);
    work(queue, "a").schedule();
    workers.remove().run();
    assertThat(workers).isEmpty();

    work(queue, "b").schedule();

    assertThat(workers).hasSize(1);
    workers.remove().run();
    assertThat(ran).containsExactly("a", "b");
  }

  @Test
  void workerThatSleepsGivesItsPlaceToAnother() {
    WorkQueue queue = queue(1);
    work(queue, "sleeper", () -> WorkQueue.sleeping(() -> workers.remove().run())).schedule();
    work(queue, "other").schedule();
    assertThat(workers).hasSize(1);

    workers.remove().run();

    assertThat(ran).containsExactly("sleeper", "other", "sleeper woke up");
    assertThat(bugs).isEmpty();
    assertThat(workers).isEmpty();
  }

  @Test
  void placeIsGivenUpOnceWhenNoWorkerCanBeStartedForASleeper() {
    boolean[] full = {false};
    WorkQueue queue =
        new WorkQueue(
            "queue",
            1,
            worker -> {
              if (full[0]) {
                throw new IllegalStateException("no thread");
              }
              workers.add(worker);
            },
            bugs::add);
    work(
            queue,
            "sleeper",
            () -> {
              full[0] = true;
              work(queue, "next").schedule();
              WorkQueue.sleeping(() -> {});
            })
        .schedule();
    workers.remove().run();
    assertThat(bugs).singleElement().extracting(Throwable::getMessage).isEqualTo("no thread");
    full[0] = false;

    // Were the place given up twice, there would be two.
    work(queue, "one").schedule();
    work(queue, "two").schedule();

    assertThat(workers).hasSize(1);
    workers.remove().run();
    assertThat(ran).containsExactly("sleeper", "next", "one", "two");
  }

  @Test
  void itemKnowsWhetherItHasSlept() {
    WorkQueue queue = queue(1);
    List<Boolean> slept = new ArrayList<>();
    Runnable look = () -> slept.add(WorkQueue.hasSlept());
    look.run();
    work(
            queue,
            "sleeper",
            () -> {
              look.run();
              WorkQueue.sleeping(look);
              look.run();
            })
        .schedule();
    work(queue, "next", look).schedule();

    workers.remove().run();
    workers.remove().run();

    assertThat(slept).containsExactly(false, false, false, true, false);
  }

  @Test
  void workerThatSleepsStartsNoneForAnItemThatHasOne() {
    WorkQueue queue = queue(2);
    List<Integer> started = new ArrayList<>();
    work(
            queue,
            "sleeper",
            () -> {
              work(queue, "other").schedule();
              WorkQueue.sleeping(() -> started.add(workers.size()));
            })
        .schedule();

    workers.remove().run();

    assertThat(started).containsExactly(1);
    assertThat(ran).containsExactly("sleeper", "sleeper woke up", "other");
  }

  @Test
  void itemThatComesWhileTheOnlyWorkerSleepsIsRunByAnother() {
    WorkQueue queue = queue(1);
    work(
            queue,
            "sleeper",
            () ->
                WorkQueue.sleeping(() -> {
                  work(queue, "late").schedule();
                  workers.remove().run();
                }))
        .schedule();

    workers.remove().run();

    assertThat(ran).containsExactly("sleeper", "late", "sleeper woke up");
  }

  @Test
  void sleepInsideASleepGivesNoSecondPlaceAway() {
    WorkQueue queue = queue(1);
    List<Integer> started = new ArrayList<>();
    work(
            queue,
            "sleeper",
            () ->
                WorkQueue.sleeping(() ->
                    WorkQueue.sleeping(() -> {
                      work(queue, "a").schedule();
                      work(queue, "b").schedule();
                      started.add(workers.size());
                    })))
        .schedule();

    workers.remove().run();

    assertThat(started).containsExactly(1);
    workers.remove().run();
    assertThat(ran).containsExactly("sleeper", "sleeper woke up", "a", "b");
    assertThat(workers).isEmpty();
  }

  @Test
  void workerThatWakesUpEndsWhenItsPlaceIsTaken() {
    WorkQueue queue = queue(1);
    work(queue, "sleeper", () -> WorkQueue.sleeping(() -> work(queue, "a").schedule())).schedule();

    // It wakes up while the worker that took its place has not begun: that one runs the rest.
    workers.remove().run();

    assertThat(ran).containsExactly("sleeper", "sleeper woke up");
    assertThat(queue.depth()).isEqualTo(1);
    workers.remove().run();
    assertThat(ran).endsWith("a");
    assertThat(workers).isEmpty();
    work(queue, "next").schedule();
    assertThat(workers).hasSize(1);
  }

  @Test
  void sleepOffTheWorkersJustRuns() {
    AtomicBoolean slept = new AtomicBoolean();

    WorkQueue.sleeping(() -> slept.set(true));

    assertThat(slept).isTrue();
    assertThat(WorkQueue.current()).isNull();
  }

  @Test
  void workerKnowsItsQueue() {
    WorkQueue queue = queue(1);
    List<WorkQueue> seen = new ArrayList<>();
    work(queue, "a", () -> seen.add(WorkQueue.current())).schedule();

    workers.remove().run();

    assertThat(seen).containsExactly(queue);
    assertThat(queue).hasToString("queue");
  }

  @Test
  void itemThatThrowsDoesNotEndTheWorker() {
    WorkQueue queue = queue(1);
    work(
            queue,
            "bad",
            () -> {
              throw new IllegalStateException("bug");
            })
        .schedule();
    work(queue, "good").schedule();

    workers.remove().run();

    assertThat(bugs).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(ran).containsExactly("bad", "good");
    work(queue, "next").schedule();
    workers.remove().run();
    assertThat(ran).endsWith("next");
  }

  @Test
  void aWorkerThatCannotBeStartedIsTriedAgainWithTheNextItem() {
    AtomicBoolean refuses = new AtomicBoolean(true);
    WorkQueue queue =
        new WorkQueue(
            "queue",
            2,
            task -> {
              if (refuses.getAndSet(false)) {
                throw new RejectedExecutionException("as if");
              }
              workers.add(task);
            },
            bugs::add);
    Work first = work(queue, "first");

    assertThatThrownBy(first::schedule).isInstanceOf(RejectedExecutionException.class);
    work(queue, "second").schedule();

    assertThat(workers).hasSize(1);
    workers.remove().run();
    assertThat(ran).containsExactly("first", "second");
    work(queue, "third").schedule();
    assertThat(workers).hasSize(1);
  }

  @Test
  void outOfMemoryIsNoBugOfTheItem() {
    WorkQueue queue = queue(1);
    OutOfMemoryError none = new OutOfMemoryError("as if");
    work(
            queue,
            "big",
            () -> {
              throw none;
            })
        .schedule();

    assertThatThrownBy(() -> workers.remove().run()).isSameAs(none);

    assertThat(bugs).isEmpty();
  }

  @Test
  void whatAnOperationKeepsBackRunsAfterIt() {
    WorkQueue queue = new WorkQueue("queue", 1, Runnable::run, bugs::add);
    Work work = work(queue, "asked for");

    KeptBack.during(() -> {
      work.schedule();
      work.schedule();
      return ran.add("the operation");
    });

    assertThat(ran).containsExactly("the operation", "asked for");
    work.schedule();
    assertThat(ran).hasSize(3);
  }

  @Test
  void workersAreCalledByTheLowestNumberThatIsFree() {
    WorkQueue queue =
        new WorkQueue(
            "queue",
            2,
            number ->
                task ->
                    workers.add(() -> {
                      ran.add("worker " + number);
                      task.run();
                    }),
            Callers.NONE,
            bugs::add,
            new LongAdder());
    Work second = work(queue, "second");
    Work first =
        work(
            queue,
            "first",
            () -> {
              second.schedule();
              workers.remove().run();
            });

    first.schedule();
    workers.remove().run();
    second.schedule();
    workers.remove().run();

    assertThat(ran.stream().filter(said -> said.startsWith("worker")))
        .containsExactly("worker 1", "worker 2", "worker 1");
  }

  @Test
  void queueWithoutWorkersIsRefused() {
    assertThatThrownBy(() -> queue(0)).isInstanceOf(IllegalArgumentException.class);
  }

  private WorkQueue queue(int maxActive) {
    return new WorkQueue("queue", maxActive, workers::add, bugs::add);
  }

  private Work work(WorkQueue queue, String name) {
    return new Work(queue, () -> ran.add(name));
  }

  private Work work(WorkQueue queue, String name, Runnable body) {
    return new Work(
        queue,
        () -> {
          ran.add(name);
          body.run();
          ran.add(name + " woke up");
        });
  }
}
