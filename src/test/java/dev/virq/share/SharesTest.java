package dev.virq.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SharesTest {
  private static final long FOR_EVER = TestHosts.LONG * 1_000;

  private static Shares shares(int atOnce, int ofOne, int queued) {
    return new Shares("calls", new Shares.Bounds(atOnce, ofOne, queued, FOR_EVER));
  }

  /** One that enters, notes its name and leaves again. */
  private static Call<Void> queued(Shares shares, String name, List<String> order) {
    int before = shares.waiting();
    Call<Void> call =
        Call.run(() -> {
          try (Shares.Share _ = shares.enter(name)) {
            order.add(name);
          }
        });
    Await.until(() -> shares.waiting() == before + 1);
    return call;
  }

  @Test
  void ownersComeInTurnHoweverManyThreadsEachHas() throws Exception {
    Shares shares = shares(1, 2, 10);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    List<Call<Void>> calls = new ArrayList<>();

    try (Shares.Share _ = shares.enter("first")) {
      for (int i = 0; i < 3; i++) {
        calls.add(queued(shares, "greedy", order));
      }
      calls.add(queued(shares, "victim", order));
    }
    for (Call<Void> call : calls) {
      var _ = call.get();
    }

    assertThat(order).containsExactly("greedy", "victim", "greedy", "greedy");
    assertThat(shares.running()).isZero();
    assertThat(shares.owners()).isZero();
  }

  @Test
  void oneOwnerRunsNoMoreThanItsOwnBound() throws Exception {
    Shares shares = shares(2, 1, 10);
    List<String> order = Collections.synchronizedList(new ArrayList<>());

    Call<Void> second;
    try (Shares.Share _ = shares.enter("a")) {
      second = queued(shares, "a", order);
      try (Shares.Share _ = shares.enter("b")) {
        assertThat(order).isEmpty();
      }
      assertThat(order).isEmpty();
    }

    var _ = second.get();
    assertThat(order).containsExactly("a");
  }

  @Test
  void pastTheQueueACallIsRefusedAtOnceAndTheOthersAreNot() throws Exception {
    Shares shares = shares(1, 1, 1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());

    Call<Void> waiting;
    Call<Void> other;
    try (Shares.Share _ = shares.enter("a")) {
      waiting = queued(shares, "a", order);

      assertThatThrownBy(() -> shares.enter("a"))
          .isInstanceOfSatisfying(
              ErrnoException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                assertThat(e.facts()).containsEntry(Shares.RETRY_AFTER, 1);
                assertThat(e.sentence()).contains("limit of 1 calls").contains("sandbox a");
              });
      other = queued(shares, "b", order);
    }

    var _ = waiting.get();
    var _ = other.get();
    assertThat(shares.refused()).isOne();
    assertThat(shares.owners()).isZero();
  }

  @Test
  void aThreadThatSleepsGivesItsPlaceUpAndRunsAtOnceWhenItWakes() throws Exception {
    Shares shares = shares(1, 1, 10);
    CountDownLatch wakes = new CountDownLatch(1);
    CountDownLatch awake = new CountDownLatch(1);

    Call<Void> sleeper =
        Call.start(() -> {
          try (Shares.Share share = shares.enter("a")) {
            return Sleep.inPlace(
                share,
                () -> {
                  try (Sleep sleep = new Sleep()) {
                    sleep.begin();
                    wakes.await();
                  }
                  awake.countDown();
                  return null;
                });
          }
        });
    sleeper.awaitAsleep();
    try (Shares.Share _ = shares.enter("b")) {
      wakes.countDown();
      // Though the only place is taken.
      awake.await();
    }

    var _ = sleeper.get();
    assertThat(shares.running()).isZero();
  }

  @Test
  void sleepsWithinSleepsGiveOnePlaceUp() {
    Shares shares = shares(2, 2, 10);
    try (Shares.Share share = shares.enter("a");
        Shares.Share _ = shares.enter("b")) {
      share.leave();
      share.leave();
      assertThat(shares.running()).isOne();
      share.rejoin();
      assertThat(shares.running()).isOne();
      share.rejoin();
      assertThat(shares.running()).isEqualTo(2);
    }
    assertThat(shares.running()).isZero();
  }

  @Test
  void aThreadThatRunsAgainInTurnWaitsForAPlace() throws Exception {
    Shares shares = shares(1, 1, 10);
    CountDownLatch left = new CountDownLatch(1);
    CountDownLatch wakes = new CountDownLatch(1);

    Call<Integer> sleeper =
        Call.start(() -> {
          try (Shares.Share share = shares.enter("a")) {
            share.leave();
            left.countDown();
            wakes.await();
            share.await();
            return shares.running();
          }
        });
    left.await();
    try (Shares.Share _ = shares.enter("b")) {
      wakes.countDown();
      Await.until(() -> shares.waiting() == 1);
      assertThat(shares.running()).isOne();
    }

    assertThat(sleeper.get()).isOne();
    assertThat(shares.running()).isZero();
  }

  @Test
  void aPlaceThatWasGivenUpIsNotGivenBackAgain() {
    Shares shares = shares(2, 2, 10);
    try (Shares.Share _ = shares.enter("a")) {
      Shares.Share asleep = shares.enter("a");
      asleep.leave();
      asleep.close();

      assertThat(shares.running()).isOne();
    }
    assertThat(shares.owners()).isZero();
  }

  @Test
  void aPlaceThatIsNeverGivenBackDoesNotStopTheOthers() throws Exception {
    Shares shares = new Shares("calls", new Shares.Bounds(1, 1, 10, 1));
    try (Shares.Share _ = shares.enter("stuck")) {
      Call<Void> other =
          Call.run(() -> {
            try (Shares.Share _ = shares.enter("other")) {
              assertThat(shares.running()).isEqualTo(2);
            }
          });
      var _ = other.get();
    }
    assertThat(shares.waiting()).isZero();
    assertThat(shares.running()).isZero();
  }
}
