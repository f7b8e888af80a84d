package dev.virq.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.Halted;
import dev.virq.testing.TestHosts;
import dev.virq.workqueue.Work;
import dev.virq.workqueue.WorkQueue;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ControlledSchedulerTest {
  private static final int STEPS = 1_000;

  private final List<Throwable> thrown = new ArrayList<>();

  @Test
  void withoutPreemptionsAThreadRunsToItsEnd() {
    assertThat(play(Replay.unpreempted())).isEqualTo("aaabbb");
  }

  /** Each interleaving of two threads with three steps: 6 over 3. */
  @Test
  void depthFirstSeesEveryInterleavingOnce() {
    DepthFirst search = new DepthFirst(Integer.MAX_VALUE);
    List<String> seen = new ArrayList<>();
    for (int run = 0; search.begin(run); run++) {
      seen.add(play(search));
    }

    assertThat(seen).doesNotHaveDuplicates().hasSize(20);
    assertThat(search.exhausted()).isTrue();
    assertThat(search.isCut()).isFalse();
  }

  @Test
  void depthFirstKeepsToItsPreemptions() {
    DepthFirst search = new DepthFirst(1);
    Set<String> seen = new HashSet<>();
    for (int run = 0; search.begin(run); run++) {
      seen.add(play(search));
    }

    assertThat(seen).contains("aaabbb", "bbbaaa", "abbbaa", "baaabb").doesNotContain("ababab");
    assertThat(search.isCut()).isTrue();
  }

  /**
   * Three items of a queue, each with a worker: they begin in the order of the queue, whichever
   * worker takes them, so only that is left to choose which goes on. Of two queues each order is
   * another run.
   */
  @Test
  void ofWorkersThatHaveNotBegunOnlyOneCanBegin() {
    assertThat(orders("inject", "inject", "inject")).containsExactly("012");
    assertThat(orders("inject", "inject", "cleanup"))
        .containsExactlyInAnyOrder("012", "021", "201");
  }

  /** Each has a worker of its own, however many run at once: it is a choice when it begins. */
  @Test
  void betweenTwoItemsOfAQueueAnotherThreadCanGoOn() {
    for (int workers : new int[] {1, 2}) {
      DepthFirst search = new DepthFirst(Integer.MAX_VALUE);
      Set<String> seen = new HashSet<>();
      for (int run = 0; search.begin(run); run++) {
        StringBuilder order = new StringBuilder();
        ControlledScheduler scheduler = scheduler(search, STEPS, TestHosts.LONG);
        WorkQueue queue =
            new WorkQueue(
                "queue", workers, scheduler.forWorker("test/queue", "test/worker"), thrown::add);
        scheduler.add(
            "asks",
            () -> {
              for (String item : List.of("1", "2")) {
                Work.Scheduled _ = new Work(queue, () -> order.append(item)).schedule();
              }
            });
        scheduler.add("other", () -> order.append('x'));
        assertThat(scheduler.play(true)).isNull();
        seen.add(order.toString());
      }

      assertThat(seen).containsExactlyInAnyOrder("x12", "1x2", "12x");
      assertThat(thrown).isEmpty();
    }
  }

  /** The orders in which items of these queues run, none of which passes a choice point. */
  private List<String> orders(String... queues) {
    DepthFirst search = new DepthFirst(Integer.MAX_VALUE);
    List<String> seen = new ArrayList<>();
    for (int run = 0; search.begin(run); run++) {
      StringBuilder order = new StringBuilder();
      ControlledScheduler scheduler = scheduler(search, STEPS, TestHosts.LONG);
      Map<String, Queue<Integer>> items = new HashMap<>();
      scheduler.add(
          "asks",
          () -> {
            for (int item = 0; item < queues.length; item++) {
              String queue = queues[item];
              items.computeIfAbsent(queue, _ -> new ArrayDeque<>()).add(item);
              scheduler
                  .forWorker("test/" + queue, "test/worker")
                  .execute(() -> order.append(items.get(queue).remove()));
            }
          });
      assertThat(scheduler.play(true)).isNull();
      seen.add(order.toString());
    }
    return seen;
  }

  @Test
  void oneSeedMakesOneRun() {
    for (int seed = 0; seed < 20; seed++) {
      assertThat(played(new RandomWalk(seed))).isEqualTo(played(new RandomWalk(seed)));
      assertThat(played(new PriorityChange(seed, 3)))
          .isEqualTo(played(new PriorityChange(seed, 3)));
      assertThat(played(new PartialOrder(seed))).isEqualTo(played(new PartialOrder(seed)));
    }
  }

  @Test
  void everyRandomStrategyComesToEveryInterleaving() {
    for (Strategy strategy :
        List.of(new RandomWalk(1), new PriorityChange(1, 6), new PartialOrder(1))) {
      strategy.expect(5);
      Set<String> seen = new HashSet<>();
      for (int run = 0; run < 5_000 && strategy.begin(run); run++) {
        seen.add(play(strategy));
      }

      assertThat(seen).as(strategy.getClass().getSimpleName()).hasSize(20);
    }
  }

  @Test
  void threadsThatWaitForEachOtherAreADeadlock() {
    AtomicBoolean first = new AtomicBoolean();
    AtomicBoolean second = new AtomicBoolean();
    ControlledScheduler scheduler = scheduler(Replay.unpreempted(), STEPS, TestHosts.LONG);
    scheduler.add(
        "left",
        () -> {
          ControlledWait.before(second::get);
          first.set(true);
        });
    scheduler.add(
        "right",
        () -> {
          ControlledWait.before(first::get);
          second.set(true);
        });

    Halt halt = scheduler.play(true);

    assertThat(halt.kind()).isEqualTo(Halt.Kind.DEADLOCK);
    assertThat(halt.threads()).containsExactly("left", "right");
    assertThat(first).isFalse();
    assertThat(thrown).isEmpty();
  }

  @Test
  void aThreadThatWaitsOutsideTheChoicePointsIsSaidToBeStuck() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicReference<Thread> stuck = new AtomicReference<>();
    ControlledScheduler scheduler =
        scheduler(Replay.unpreempted(), STEPS, Duration.ofMillis(20).toNanos());
    scheduler.add(
        "hidden",
        () -> {
          stuck.set(Thread.currentThread());
          try {
            never.await();
          } catch (InterruptedException e) {
            // The end of the test.
          }
        });

    Halt halt = scheduler.play(true);

    stuck.get().interrupt();
    assertThat(halt.kind()).isEqualTo(Halt.Kind.STUCK);
    assertThat(halt.threads()).containsExactly("hidden");
    assertThat(halt.stack()).anyMatch(frame -> frame.contains("CountDownLatch.await"));
  }

  /** Long before its patience is over; and what looks throws is thrown. */
  @Test
  void aStuckRunEndsAsSoonAsItShallGoOnNoMore() {
    CountDownLatch never = new CountDownLatch(1);
    for (boolean throwing : new boolean[] {false, true}) {
      AtomicReference<Thread> stuck = new AtomicReference<>();
      AtomicReference<Halt> told = new AtomicReference<>();
      ControlledScheduler scheduler =
          new ControlledScheduler(
              Replay.unpreempted(),
              Workers.virtual("test"),
              STEPS,
              TestHosts.LONG,
              new ControlledScheduler.Supervisor() {
                @Override
                public void thrown(Throwable bug) {
                  thrown.add(bug);
                }

                @Override
                public void halted(Halt why) {
                  told.set(why);
                }

                @Override
                public boolean goesOn() {
                  if (throwing) {
                    throw new IllegalStateException("the client is gone");
                  }
                  return false;
                }
              });
      scheduler.add(
          "hidden",
          () -> {
            stuck.set(Thread.currentThread());
            try {
              never.await();
            } catch (InterruptedException e) {
              // The end of the test.
            }
          });

      if (throwing) {
        assertThatThrownBy(() -> scheduler.play(true)).hasMessage("the client is gone");
      } else {
        assertThat(scheduler.play(true).kind()).isEqualTo(Halt.Kind.STOPPED);
      }
      stuck.get().interrupt();
      assertThat(told.get().kind()).isEqualTo(Halt.Kind.STOPPED);
    }
    assertThat(thrown).isEmpty();
  }

  /** Not a bug of the program that is played: the process has to end. */
  @Test
  void aFullHeapIsThrownOnAndNotTold() {
    for (VirtualMachineError end :
        List.of(new OutOfMemoryError("Java heap space"), new InternalError("broken"))) {
      ControlledScheduler scheduler = scheduler(Replay.unpreempted(), STEPS, TestHosts.LONG);
      scheduler.add("other", () -> scheduler.pass("somewhere"));
      scheduler.add(
          "full",
          () -> {
            throw end;
          });

      assertThatThrownBy(() -> scheduler.play(true)).isSameAs(end);
      assertThat(thrown).isEmpty();
    }
  }

  /** As its own work is undone, as any other bug. */
  @Test
  void aStackThatOverflowsIsABug() {
    ControlledScheduler scheduler = scheduler(Replay.unpreempted(), STEPS, TestHosts.LONG);
    scheduler.add(
        "deep",
        () -> {
          throw new StackOverflowError();
        });

    assertThat(scheduler.play(true)).isNull();
    assertThat(thrown).singleElement().isInstanceOf(StackOverflowError.class);
  }

  /** Their threads end all at once, and what they do on the way is not of the run. */
  @Test
  void nothingIsToldOfARunThatIsGivenUp() {
    AtomicInteger halts = new AtomicInteger();
    StringBuilder after = new StringBuilder();
    ControlledScheduler scheduler =
        new ControlledScheduler(
            Replay.unpreempted(),
            Workers.virtual("test"),
            STEPS,
            TestHosts.LONG,
            new ControlledScheduler.Supervisor() {
              @Override
              public void thrown(Throwable bug) {
                thrown.add(bug);
              }

              @Override
              public void halted(Halt why) {
                halts.incrementAndGet();
                after.append("halted ");
              }
            });
    for (String name : List.of("left", "right")) {
      scheduler.add(
          name,
          () -> {
            try {
              ControlledWait.before(() -> false);
            } finally {
              scheduler.endIfHalted();
              after.append(name);
            }
          });
    }
    scheduler.add(
        "third",
        () -> {
          try {
            ControlledWait.before(() -> false);
          } catch (Halted e) {
            throw new IllegalStateException("what follows from the end", e);
          }
        });

    assertThat(scheduler.play(true).kind()).isEqualTo(Halt.Kind.DEADLOCK);
    assertThat(halts).hasValue(1);
    assertThat(after).hasToString("halted ");
    assertThat(thrown).isEmpty();
  }

  @Test
  void aRunWithoutEndIsGivenUp() {
    ControlledScheduler scheduler = scheduler(new RandomWalk(0), STEPS, TestHosts.LONG);
    for (String name : List.of("tick", "tock")) {
      scheduler.add(
          name,
          () -> {
            while (true) {
              scheduler.pass("around");
            }
          });
    }

    assertThat(scheduler.play(true).kind()).isEqualTo(Halt.Kind.ENDLESS);
  }

  @Test
  void workersTakeTurnsToo() {
    StringBuilder order = new StringBuilder();
    ControlledScheduler scheduler = scheduler(Replay.unpreempted(), STEPS, TestHosts.LONG);
    scheduler.add(
        "caller",
        () -> {
          scheduler
              .forWorker("host/queue", "host/worker-1")
              .execute(() -> order.append(scheduler.current()));
          order.append("asked ");
          scheduler.settle();
          order.append(" settled");
        });

    assertThat(scheduler.play(false)).isNull();
    assertThat(order).hasToString("asked queue-1 settled");
  }

  @Test
  void aStrategyThatIsLostEndsTheRun() {
    ControlledScheduler scheduler =
        scheduler(
            new Strategy() {
              @Override
              public boolean begin(long run) {
                return true;
              }

              @Override
              public int choose(Moment moment) {
                throw new IllegalStateException("lost");
              }
            },
            STEPS,
            TestHosts.LONG);
    scheduler.add("one", () -> {});
    scheduler.add("two", () -> {});

    assertThat(scheduler.play(true).kind()).isEqualTo(Halt.Kind.STRAYED);
  }

  private String played(Strategy strategy) {
    strategy.expect(5);
    boolean _ = strategy.begin(0);
    return play(strategy);
  }

  /** Two threads with three steps each: who made them, in order. */
  private String play(Strategy strategy) {
    StringBuilder order = new StringBuilder();
    ControlledScheduler scheduler = scheduler(strategy, STEPS, TestHosts.LONG);
    for (String name : List.of("a", "b")) {
      scheduler.add(
          name,
          () -> {
            order.append(name);
            scheduler.pass("first");
            order.append(name);
            scheduler.pass("second");
            order.append(name);
          });
    }
    assertThat(scheduler.play(true)).isNull();
    assertThat(thrown).isEmpty();
    return order.toString();
  }

  private ControlledScheduler scheduler(Strategy strategy, int steps, long patience) {
    return new ControlledScheduler(strategy, Workers.virtual("test"), steps, patience, thrown::add);
  }
}
