package dev.virq.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Waits that interrupts do not end. */
class UninterruptiblyTest {
  @AfterEach
  void clearFlag() {
    boolean _ = Thread.interrupted();
  }

  @Test
  void waitIsBegunAgainAfterEveryInterrupt() {
    AtomicInteger begun = new AtomicInteger();

    Uninterruptibly.await(() -> {
      if (begun.incrementAndGet() <= 3) {
        throw new InterruptedException();
      }
    });

    assertThat(begun).hasValue(4);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void interruptThatIsPendingDoesNotEndTheWait() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    List<Object> seen = new ArrayList<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              Uninterruptibly.await(latch::await);
              seen.add(latch.getCount());
              seen.add(Thread.currentThread().isInterrupted());
            });
    waiter.interrupt();
    latch.countDown();
    waiter.join();

    assertThat(seen).containsExactly(0L, true);
  }

  @Test
  void withoutAnInterruptTheFlagStaysClear() {
    Uninterruptibly.await(() -> {});

    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void whatTheWaitThrowsIsPassedOnAndTheInterruptIsKept() {
    AtomicInteger begun = new AtomicInteger();

    assertThatThrownBy(() ->
            Uninterruptibly.await(() -> {
              if (begun.incrementAndGet() == 1) {
                throw new InterruptedException();
              }
              throw new IllegalStateException("planted");
            }))
        .hasMessage("planted");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void loopUnderAMonitorSeesEachInterruptOnceAndTheFlagAfterwards() {
    List<Boolean> ended = new ArrayList<>();
    try (Uninterruptibly waits = new Uninterruptibly()) {
      synchronized (this) {
        Thread.currentThread().interrupt();
        ended.add(waits.once(() -> TimeUnit.SECONDS.timedWait(this, 60)));
        ended.add(waits.once(() -> TimeUnit.NANOSECONDS.timedWait(this, 1)));
      }
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    assertThat(ended).containsExactly(false, true);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void flagThatParkLeavesIsKept() {
    try (Uninterruptibly waits = new Uninterruptibly()) {
      Thread.currentThread().interrupt();
      LockSupport.park(this);
      waits.keep();
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      waits.keep();
    }

    assertThat(Thread.interrupted()).isTrue();
  }
}
