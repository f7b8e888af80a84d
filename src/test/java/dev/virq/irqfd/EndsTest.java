package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Call;
import dev.virq.workqueue.WorkQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ends of a VM's irqfds, on workers that the test runs one after another. */
class EndsTest {
  private static final int MANY = 200;

  private final Queue<Runnable> workers = new ArrayDeque<>();
  private final List<Throwable> bugs = new ArrayList<>();
  private final List<Integer> ended = new ArrayList<>();
  private final WorkQueue queue = new WorkQueue("test", 1, workers::add, bugs::add);

  private Call<Void> close;

  /** How many waited in the queue when each one ended. */
  private final List<Integer> depths = new ArrayList<>();

  @BeforeEach
  @AfterEach
  void nothingIsLeft() {
    assertThat(workers).isEmpty();
    assertThat(queue.depth()).isZero();
  }

  private void end(int count, IntConsumer each) {
    Ends ends =
        new Ends(
            queue,
            count,
            one -> {
              depths.add(queue.depth());
              ended.add(one);
              each.accept(one);
            });
    close =
        Call.asleep(() -> {
          ends.runAside();
          return null;
        });
  }

  private void runWorkers() {
    while (!workers.isEmpty()) {
      workers.remove().run();
    }
    close.get();
  }

  @Test
  void eachEndsOnceAndOneRunAtMostWaits() {
    end(MANY, _ -> {});
    runWorkers();

    assertThat(ended).isEqualTo(IntStream.range(0, MANY).boxed().toList());
    assertThat(depths).hasSize(MANY).allMatch(depth -> depth <= 1);
    assertThat(bugs).isEmpty();
  }

  @Test
  void othersEndWhileOneSleepsAndItTakesNoFurtherOne() {
    List<Integer> meanwhile = new ArrayList<>();
    end(
        MANY,
        one -> {
          if (one == 3) {
            WorkQueue.sleeping(() -> {
              workers.remove().run();
              meanwhile.addAll(ended);
            });
          }
        });
    workers.remove().run();
    close.get();

    assertThat(meanwhile).hasSize(MANY);
    assertThat(ended).hasSize(MANY);
  }

  @Test
  void runThatSleptEndsAndAnotherGoesOn() {
    List<Integer> ranBeside = new ArrayList<>();
    end(
        MANY,
        one -> {
          if (one == 3) {
            WorkQueue.sleeping(() -> ranBeside.add(workers.size()));
          }
          if (one == 4) {
            // By the run that was asked for when the first began.
            ranBeside.add(WorkQueue.hasSlept() ? 1 : 0);
          }
        });
    runWorkers();

    assertThat(ranBeside).containsExactly(1, 0);
    assertThat(ended).hasSize(MANY);
  }

  @Test
  void oneThatFailsKeepsNoOtherFromItsEnd() {
    end(
        MANY,
        one -> {
          if (one % 50 == 7) {
            throw new IllegalStateException("end " + one);
          }
        });
    runWorkers();

    assertThat(ended).hasSize(MANY).doesNotHaveDuplicates();
    assertThat(bugs).hasSize(4);
  }
}
