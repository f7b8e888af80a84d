package dev.virq.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Counted references. */
class RefCountTest {
  private final RefCount references = new RefCount("file-1");

  @Test
  void firstReferenceIsTheCreators() {
    assertThat(references.get()).isEqualTo(1);
    assertThat(references.put()).isTrue();
    assertThat(references.get()).isZero();
  }

  @Test
  void onlyTheLastPutIsTheLast() {
    assertThat(references.tryGet()).isTrue();
    assertThat(references.get()).isEqualTo(2);

    assertThat(references.put()).isFalse();
    assertThat(references.put()).isTrue();
  }

  @Test
  void nothingBringsAnEndedObjectBack() {
    assertThat(references.put()).isTrue();

    assertThat(references.tryGet()).isFalse();
    assertThat(references.get()).isZero();
  }

  @Test
  void onePutTooManyIsAFaultThatNamesTheObject() {
    assertThat(references.put()).isTrue();

    assertThatThrownBy(references::put)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("file-1 put more often than got");
  }

  @Test
  void onePutTooManyDoesNotBringTheObjectBack() {
    assertThat(references.put()).isTrue();
    assertThatThrownBy(references::put).isInstanceOf(IllegalStateException.class);

    assertThat(references.tryGet()).isFalse();
    assertThat(references.tryGet()).isFalse();
    assertThat(references.get()).isZero();
  }

  @Test
  void ofManyThreadsExactlyOneDropsTheLast() throws Exception {
    int threads = 4;
    for (int round = 0; round < 200; round++) {
      RefCount shared = new RefCount("shared");
      AtomicInteger last = new AtomicInteger();
      CyclicBarrier start = new CyclicBarrier(threads + 1);
      List<Thread> users = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        users.add(
            Thread.ofVirtual()
                .start(() -> {
                  Uninterruptibly.await(() -> meet(start));
                  if (shared.tryGet() && shared.put()) {
                    last.incrementAndGet();
                  }
                }));
      }
      Uninterruptibly.await(() -> meet(start));
      if (shared.put()) {
        last.incrementAndGet();
      }
      for (Thread user : users) {
        user.join();
      }

      assertThat(last).hasValue(1);
      assertThat(shared.get()).isZero();
    }
  }

  private static void meet(CyclicBarrier start) throws InterruptedException {
    try {
      start.await();
    } catch (BrokenBarrierException e) {
      throw new AssertionError(e);
    }
  }
}
