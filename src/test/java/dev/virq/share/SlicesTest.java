package dev.virq.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SlicesTest {
  private static final long SLICE = 100;

  private final Shares shares =
      new Shares("scripts", new Shares.Bounds(1, 1, 10, TestHosts.LONG * 1_000));
  private final AtomicLong clock = new AtomicLong();

  /** Another sandbox's script, which waits for the turn. */
  private Call<Void> other(CountDownLatch ran) {
    Call<Void> other =
        Call.run(() -> {
          try (Shares.Share _ = shares.enter("other")) {
            ran.countDown();
          }
        });
    Await.until(() -> shares.waiting() == 1);
    return other;
  }

  @Test
  void anotherRunsWhenTheSliceIsOverAndNotBefore() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    try (Shares.Share share = shares.enter("mine")) {
      Slices slices = new Slices(share, SLICE, clock::get);
      Call<Void> other = other(ran);

      clock.set(SLICE - 1);
      slices.step();
      assertThat(ran.getCount()).isOne();

      clock.set(SLICE);
      slices.step();
      // It came back to us only through the other.
      assertThat(ran.getCount()).isZero();
      var _ = other.get();
    }
    assertThat(shares.running()).isZero();
  }

  @Test
  void theTurnIsAnothersDuringAWait() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    try (Shares.Share share = shares.enter("mine")) {
      Slices slices = new Slices(share, SLICE, clock::get);
      Call<Void> other = other(ran);

      slices.waiting(() -> Await.until(() -> ran.getCount() == 0));

      var _ = other.get();
      assertThat(shares.running()).isOne();
    }
    assertThat(shares.running()).isZero();
  }
}
