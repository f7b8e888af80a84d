package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Polled grace periods: S6 as seen by who holds a cookie. */
class SrcuPollTest {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final SrcuDomain srcu = new SrcuDomain();

  @Test
  void stateStartsNothing() {
    long cookie = srcu.getState();

    assertThat(srcu.poll(cookie)).isFalse();
    assertThat(srcu.poll(cookie)).isFalse();
    assertThat(srcu.gracePeriods()).isZero();

    GracePeriod _ = srcu.synchronize();
    assertThat(srcu.poll(cookie)).isTrue();
    assertThat(srcu.gracePeriods()).isEqualTo(1);
  }

  @Test
  void startedGracePeriodIsMovedOnByPolling() {
    int index = srcu.readLock();
    long cookie = srcu.startPoll();
    assertThat(srcu.poll(cookie)).isFalse();
    assertThat(srcu.poll(cookie)).isFalse();

    srcu.readUnlock(index);

    assertThat(srcu.poll(cookie)).isTrue();
    assertThat(srcu.poll(cookie)).isTrue();
    srcu.close();
  }

  @Test
  void startedGracePeriodOfAnIdleDomainIsOverAtOnce() {
    assertThat(srcu.poll(srcu.startPoll())).isTrue();
    assertThat(srcu.gracePeriods()).isEqualTo(1);
  }

  @Test
  void gracePeriodUnderWayDoesNotServeALaterCookie() {
    int first = srcu.readLock();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    int second = srcu.readLock();
    long state = srcu.getState();
    long cookie = srcu.startPoll();
    assertThat(cookie).isEqualTo(state);

    srcu.readUnlock(first);
    assertThat(srcu.poll(cookie)).isFalse();
    assertThat(srcu.gracePeriods()).isEqualTo(1);

    srcu.readUnlock(second);
    assertThat(srcu.poll(cookie)).isTrue();
    assertThat(srcu.gracePeriods()).isEqualTo(2);
  }

  @Test
  void pollLeavesAGracePeriodToItsDriver() {
    int index = srcu.readLock();
    Call<Void> driver = Call.run(srcu::synchronize);
    driver.awaitAsleepIn(srcu);
    long cookie = srcu.startPoll();

    assertThat(srcu.poll(cookie)).isFalse();
    srcu.readUnlock(index);
    driver.get();

    assertThat(srcu.poll(cookie)).isTrue();
  }

  @Test
  void noMoreThanTwoCookiesAreUnfinishedAtOnce() {
    Set<Long> unfinished = new LinkedHashSet<>();
    for (int round = 0; round < 4; round++) {
      unfinished.add(srcu.getState());
      int index = srcu.readLock();
      assertThat(srcu.synchronize(NO_WAIT)).isFalse();
      unfinished.add(srcu.getState());
      unfinished.add(srcu.startPoll());

      unfinished.removeIf(srcu::poll);
      assertThat(unfinished).hasSize(SrcuDomain.MOST_UNFINISHED_COOKIES);

      srcu.readUnlock(index);
      unfinished.removeIf(srcu::poll);
      assertThat(unfinished).isEmpty();
    }
  }

  @Test
  void completedCookieHasAlwaysEnded() {
    assertThat(srcu.poll(SrcuDomain.COMPLETED)).isTrue();
    int index = srcu.readLock();
    assertThat(srcu.poll(SrcuDomain.COMPLETED)).isTrue();
    srcu.readUnlock(index);
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 3, 5, 8, 4_000})
  void cookieThatWasNeverGivenIsRefused(long cookie) {
    assertThatThrownBy(() -> srcu.poll(cookie))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Long.toString(cookie));
  }
}
