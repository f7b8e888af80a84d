package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Counts of nanoseconds, by a clock that the test moves. */
class LapicTimerTest {
  private static final int VECTOR = 0x41;

  /** Divides by 1. */
  private static final int BY_ONE = 0xb;

  private long now = 1_000;
  private final LapicTimer timer = new LapicTimer(() -> now);

  private boolean expiredAt(long time) {
    now = time;
    timer.expireBy(now);
    return timer.takeExpiry(false, true);
  }

  @Test
  void aCountRunsOutOnceAfterItsTimeDividedByTwo() {
    timer.count(500);

    now = 1_400;
    assertThat(timer.current()).isEqualTo(300);
    assertThat(expiredAt(1_999)).isFalse();
    assertThat(expiredAt(2_000)).isTrue();
    assertThat(expiredAt(1_000_000)).isFalse();
    assertThat(timer.current()).isZero();
    assertThat(timer.active()).isFalse();
  }

  @Test
  void aCountOfZeroStopsIt() {
    timer.count(500);
    timer.count(0);

    assertThat(expiredAt(1_000_000)).isFalse();
  }

  @Test
  void anotherDividerRescalesWhatIsLeftAndStartsAgainWhatRanOut() {
    timer.count(500);
    now = 1_400;

    timer.divide(BY_ONE);

    assertThat(timer.current()).isEqualTo(300);
    assertThat(expiredAt(1_699)).isFalse();
    assertThat(expiredAt(1_700)).isTrue();
    timer.divide(0);
    assertThat(expiredAt(1_700)).isTrue();
  }

  @Test
  void aPeriodIsLengthenedAndMissedExpiriesAreMerged() {
    timer.allow(LapicTimer.PERIODIC);
    timer.follow(VECTOR | LapicTimer.PERIODIC);
    timer.divide(BY_ONE);
    timer.count(1);

    assertThat(expiredAt(200_999)).isFalse();
    assertThat(expiredAt(201_000)).isTrue();
    assertThat(expiredAt(201_000)).isFalse();
    assertThat(expiredAt(1_000_500)).isTrue();
    assertThat(expiredAt(1_000_999)).isFalse();
    assertThat(expiredAt(1_001_000)).isTrue();
  }

  @Test
  void withoutACpuidTableThereIsNoMode() {
    timer.follow(VECTOR | LapicTimer.PERIODIC);
    timer.count(500);

    assertThat(expiredAt(2_000)).isTrue();
    assertThat(expiredAt(10_000_000)).isFalse();
  }

  @Test
  void aDeadlineExpiresOnceAndIsClearedThen() {
    timer.allow(LapicTimer.PERIODIC | LapicTimer.DEADLINE);
    timer.count(500);
    timer.follow(VECTOR | LapicTimer.DEADLINE);
    assertThat(expiredAt(3_000)).as("the change of the mode cancelled the count").isFalse();

    timer.deadline(5_000);

    assertThat(timer.deadline()).isEqualTo(5_000);
    assertThat(expiredAt(4_999)).isFalse();
    assertThat(expiredAt(5_000)).isTrue();
    assertThat(timer.deadline()).isZero();
    timer.deadline(1);
    assertThat(expiredAt(5_000)).as("a deadline that has passed").isTrue();
    timer.deadline(-1);
    assertThat(expiredAt(Long.MAX_VALUE - 1)).isFalse();
  }

  @Test
  void anExpiryIsKeptWhileItIsMaskedAndUntilSomebodyLooks() {
    timer.count(500);
    now = 2_000;
    timer.expireBy(now);

    assertThat(timer.takeExpiry(true, true)).isFalse();
    assertThat(timer.takeExpiry(false, false)).isFalse();
    timer.divide(BY_ONE);
    assertThat(timer.takeExpiry(false, false)).as("what is pending is not started again").isFalse();
    assertThat(timer.takeExpiry(false, true)).isTrue();
    assertThat(timer.active()).isFalse();
  }

  @Test
  void theDeadlineOfAnExpiryThatIsKeptStays() {
    timer.allow(LapicTimer.PERIODIC | LapicTimer.DEADLINE);
    timer.follow(VECTOR | LapicTimer.DEADLINE);
    timer.deadline(1);

    assertThat(timer.takeExpiry(true, true)).isFalse();
    assertThat(timer.deadline()).isEqualTo(1);
    assertThat(timer.takeExpiry(false, false)).isFalse();
    assertThat(timer.takeExpiry(false, true)).isTrue();
    assertThat(timer.deadline()).isZero();
  }

  @Test
  void aStoreToTheCountForgetsWhatIsKept() {
    timer.count(500);
    now = 2_000;
    timer.expireBy(now);
    assertThat(timer.takeExpiry(true, true)).isFalse();

    timer.count(0);

    assertThat(timer.takeExpiry(false, true)).isFalse();
  }

  @Test
  void aRestoreGoesOnWithWhatIsLeftAndRunsOutAgain() {
    timer.count(500);
    now = 1_400;

    timer.restore(VECTOR);

    assertThat(expiredAt(1_999)).isFalse();
    assertThat(expiredAt(2_000)).isTrue();
    timer.restore(VECTOR);
    assertThat(expiredAt(2_000)).isTrue();
  }
}
