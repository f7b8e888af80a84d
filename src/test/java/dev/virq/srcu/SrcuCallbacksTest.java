package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Callbacks and the barrier: S7, and S8 as far as it is about them. */
class SrcuCallbacksTest {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private final SrcuDomain srcu = new SrcuDomain();

  @Test
  void s7CallbacksRunInOrderAndOnceAfterTheirGracePeriod() {
    int index = srcu.readLock();
    srcu.call(() -> ran.add("a"));
    srcu.call(() -> ran.add("b"));
    assertThat(ran).isEmpty();
    assertThat(srcu.callbacksPending()).isEqualTo(2);

    srcu.readUnlock(index);
    srcu.barrier();
    srcu.call(() -> ran.add("c"));
    srcu.barrier();

    assertThat(ran).containsExactly("a", "b", "c");
    assertThat(srcu.callbacksPending()).isZero();
    srcu.close();
  }

  @Test
  void s7GracePeriodUnderWayDoesNotServeALaterCallback() {
    // The worker's task, run where the test can see where it stands.
    AtomicReference<Runnable> work = new AtomicReference<>();
    SrcuDomain domain = new SrcuDomain(SrcuOptions.DEFAULT.withCallbackExecutor(work::set));
    int first = domain.readLock();
    assertThat(domain.synchronize(NO_WAIT)).isFalse();
    int second = domain.readLock();
    domain.call(() -> ran.add("late"));
    domain.readUnlock(first);

    Call<Void> worker = Call.run(work.get());
    worker.awaitAsleepIn(domain);
    assertThat(domain.gracePeriods()).isEqualTo(1);
    assertThat(ran).isEmpty();
    domain.readUnlock(second);

    worker.get();
    assertThat(ran).containsExactly("late");
    assertThat(domain.gracePeriods()).isEqualTo(2);
  }

  @Test
  void s7CallbackThatThrowsDoesNotStopTheNext() {
    List<Throwable> told = Collections.synchronizedList(new ArrayList<>());
    SrcuDomain domain =
        new SrcuDomain(
            SrcuOptions.DEFAULT.withListener(
                new SrcuListener() {
                  @Override
                  public void callbackFailed(Throwable thrown) {
                    told.add(thrown);
                  }
                }));
    IllegalStateException thrown = new IllegalStateException("callback");
    domain.call(() -> {
      throw thrown;
    });
    domain.call(() -> ran.add("next"));

    domain.barrier();

    assertThat(ran).containsExactly("next");
    assertThat(told).containsExactly(thrown);
    assertThat(domain.callbacksFailed()).isEqualTo(1);
  }

  @Test
  void s7CallbackRunsWithNoLockHeld() {
    srcu.call(() -> {
      GracePeriod _ = srcu.synchronize();
      // What another thread does meanwhile must not wait for the callback.
      Call.run(
              () -> {
                GracePeriod _ = srcu.synchronize();
                srcu.call(() -> ran.add("by another"));
              })
          .get();
      srcu.call(() -> ran.add("by the callback"));
    });

    srcu.barrier();
    srcu.barrier();

    assertThat(ran).containsExactly("by another", "by the callback");
    assertThat(srcu.callbacksFailed()).isZero();
  }

  @Test
  void s7CallbackBeyondTheLimitIsRefused() {
    SrcuDomain domain = new SrcuDomain(SrcuOptions.DEFAULT.withCallbackLimit(2));
    int index = domain.readLock();
    domain.call(() -> ran.add("a"));
    domain.call(() -> ran.add("b"));

    assertThatThrownBy(() -> domain.call(() -> ran.add("c")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("2");

    domain.readUnlock(index);
    domain.barrier();
    domain.call(() -> ran.add("d"));
    domain.barrier();
    assertThat(ran).containsExactly("a", "b", "d");
  }

  @Test
  void s7CallbacksOfAnExecutorThatRefusesRunAllTheSame() {
    SrcuDomain domain =
        new SrcuDomain(
            SrcuOptions.DEFAULT.withCallbackExecutor(task -> {
              throw new RejectedExecutionException("shut down");
            }));

    domain.call(() -> ran.add("a"));
    domain.barrier();

    assertThat(ran).containsExactly("a");
  }

  @Test
  void s7BarrierWaitsForTheCallbackThatRuns() {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    srcu.call(() -> {
      started.countDown();
      await(go);
      ran.add("a");
    });
    await(started);

    Call<Void> barrier = Call.run(srcu::barrier);
    barrier.awaitAsleep();
    assertThat(ran).isEmpty();
    go.countDown();

    barrier.get();
    assertThat(ran).containsExactly("a");
  }

  @Test
  void s7BarrierDoesNotWaitForWhatIsQueuedLater() {
    CountDownLatch go = new CountDownLatch(1);
    srcu.call(() -> ran.add("a"));
    srcu.call(() -> {
      // Ends only after the barrier, whose caller queued this before; so it is not waited for.
      await(go);
    });
    Call<Void> barrier = Call.run(srcu::barrier);
    barrier.awaitAsleep();
    srcu.call(() -> await(new CountDownLatch(1)));
    go.countDown();

    barrier.get();
    assertThat(srcu.callbacksPending()).isEqualTo(1);
  }

  @Test
  void s7BarrierWithNothingQueuedNeedsNoGracePeriod() {
    int index = srcu.readLock();

    srcu.barrier();

    assertThat(srcu.gracePeriods()).isZero();
    srcu.readUnlock(index);
  }

  @Test
  void s7BarrierFromACallbackIsRefused() {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    SrcuDomain other = new SrcuDomain();
    srcu.call(() -> {
      other.barrier();
      try {
        srcu.barrier();
      } catch (IllegalStateException e) {
        thrown.set(e);
      }
    });

    srcu.barrier();

    assertThat(thrown.get()).hasMessageContaining("callback");
  }

  @Test
  void s12InterruptDoesNotEndABarrier() {
    int index = srcu.readLock();
    srcu.call(() -> ran.add("a"));
    Call<Void> barrier =
        Call.run(() -> {
          srcu.barrier();
          assertThat(Thread.currentThread().isInterrupted()).isTrue();
          assertThat(ran).containsExactly("a");
        });
    barrier.awaitAsleep();

    barrier.thread().interrupt();
    barrier.awaitAsleep();
    srcu.readUnlock(index);

    barrier.get();
  }

  @Test
  void s8SlowReaderDelaysOnlyItsOwnDomainsCallbacks() {
    SrcuDomain other = new SrcuDomain();
    int index = srcu.readLock();
    srcu.call(() -> ran.add("slow"));

    other.call(() -> ran.add("other"));
    other.barrier();

    assertThat(ran).containsExactly("other");
    srcu.readUnlock(index);
    srcu.barrier();
  }

  private static void await(CountDownLatch latch) {
    try {
      boolean _ = latch.await(TestHosts.LONG, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
