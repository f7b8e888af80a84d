package dev.virq.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Jvm;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class YieldTest {
  private static final String AT_LAST = "at last";
  private static final String AMONG_THEM = "among them";

  /** A program whose only carrier has threads that yield in turn when another one comes. */
  static final class Newcomer {
    private static final int BUSY = 4;
    private static final int TURNS = 1_000;

    private static volatile boolean came;

    private Newcomer() {}

    /** Says when the other one ran. */
    public static void main(String[] args) throws InterruptedException {
      Runnable yield = args[0].equals("toAll") ? Yield::toAll : Yield::toSome;
      CountDownLatch go = new CountDownLatch(1);
      AtomicInteger waiting = new AtomicInteger();
      AtomicInteger left = new AtomicInteger(BUSY);
      for (int i = 0; i < BUSY; i++) {
        Thread.ofVirtual()
            .start(() -> {
              waiting.incrementAndGet();
              Uninterruptibly.await(go::await);
              while (!came) {
                Yield.toSome();
              }
              for (int turn = 0; turn < TURNS; turn++) {
                yield.run();
              }
              left.decrementAndGet();
            });
      }
      while (waiting.get() < BUSY) {
        Thread.onSpinWait();
      }
      // By a virtual thread: so they stand in the carrier's own queue.
      Thread.ofVirtual().start(go::countDown).join();
      Thread newcomer =
          Thread.ofVirtual().start(() -> System.out.println(left.get() > 0 ? AMONG_THEM : AT_LAST));
      came = true;
      newcomer.join();
    }
  }

  private static String ran(String how) throws Exception {
    return Jvm.run(
            List.of(
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1"),
            Newcomer.class,
            how)
        .strip();
  }

  @Test
  void whoLetsAllRunLetsThoseRunThatHaveJustCome() throws Exception {
    assertThat(ran("toAll")).isEqualTo(AMONG_THEM);
  }

  /** The control, and the reason why there are two. */
  @Test
  void whoLetsSomeRunKeepsOutThoseThatHaveJustCome() throws Exception {
    assertThat(ran("toSome")).isEqualTo(AT_LAST);
  }
}
