package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Await;
import dev.virq.testing.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SrcuDomainTest {
  private final SrcuDomain domain = new SrcuDomain();

  // ---- sections

  @Test
  void sectionsNest() {
    int outer = domain.readLock();
    int inner = domain.readLock();
    assertThat(domain.readersActive()).isEqualTo(2);

    domain.readUnlock(inner);

    assertThat(domain.readersActive()).isEqualTo(1);
    assertThatThrownBy(domain::close).hasMessageContaining("1 read section(s) open");

    domain.readUnlock(outer);

    assertThat(domain.readersActive()).isZero();
    assertThat(domain.synchronize().readersAtStart()).isZero();
  }

  @Test
  void sectionsOverlapInAnyOrder() {
    ReadSection first = domain.read();
    ReadSection second = domain.read();

    first.close();

    assertThat(domain.readersActive()).isEqualTo(1);

    ReadSection third = domain.read();
    second.close();
    third.close();

    assertThat(domain.readersActive()).isZero();
    domain.close();
  }

  @Test
  void sectionMayEndOnAnotherThread() {
    ReadSection section = domain.read();
    Call<GracePeriod> updater = Call.asleep(domain::synchronize);

    Call.start(
            () -> {
              section.close();
              return null;
            })
        .get();

    assertThat(updater.get().readersAtStart()).isEqualTo(1);
    assertThat(domain.readersActive()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2, 3, Integer.MIN_VALUE})
  void unlockWithAnIndexThatNobodyGotIsRefusedAndCountsNothing(int index) {
    int reader = domain.readLock();

    assertThatThrownBy(() -> domain.readUnlock(index))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Integer.toString(index));

    assertThat(domain.readersActive()).isEqualTo(1);
    domain.readUnlock(reader);
    assertThat(domain.synchronize().sequence()).isEqualTo(1);
  }

  @Test
  void readSectionClosedTwiceIsRefusedAndCountsNothing() {
    ReadSection other = domain.read();
    ReadSection section = domain.read();
    section.close();

    assertThatThrownBy(section::close).isInstanceOf(IllegalStateException.class);

    assertThat(domain.readersActive()).isEqualTo(1);
    other.close();
    assertThat(domain.synchronize().sequence()).isEqualTo(1);
  }

  @Test
  void readersOfOneDomainDoNotHoldUpAnother() {
    try (ReadSection _ = new SrcuDomain().read()) {
      assertThat(domain.synchronize().sequence()).isEqualTo(1);
    }
  }

  // ---- grace periods

  @Test
  void updaterSleepsInTheDomainWhileAnEarlierReaderIsInside() {
    int reader = domain.readLock();

    Call<GracePeriod> updater = Call.asleep(domain::synchronize);

    assertThat(LockSupport.getBlocker(updater.thread())).isSameAs(domain);
    assertThat(domain.gracePeriods()).isZero();
    domain.readUnlock(reader);
    assertThat(updater.get().sequence()).isEqualTo(1);
    assertThat(domain.gracePeriods()).isEqualTo(1);
  }

  @Test
  void gracePeriodDoesNotWaitForReadersThatComeAfterTheFlip() {
    List<ReadSection> later = new ArrayList<>();

    for (int i = 1; i <= 4; i++) {
      // Every grace period gets a new reader, and the one of the grace period before leaves.
      GracePeriod grace =
          domain.synchronize(() -> {
            later.add(domain.read());
            if (later.size() > 1) {
              later.removeFirst().close();
            }
          });
      assertThat(grace.sequence()).isEqualTo(i);
      assertThat(domain.readersActive()).isEqualTo(1);
    }

    assertThat(later.getFirst().index()).isEqualTo(0);
    later.getFirst().close();
  }

  @Test
  void gracePeriodWaitsForAReaderThatCameDuringTheOneBefore() {
    List<ReadSection> during = new ArrayList<>();
    domain.synchronize(() -> during.add(domain.read()));

    Call<GracePeriod> second = Call.asleep(domain::synchronize);

    during.getFirst().close();
    assertThat(second.get().sequence()).isEqualTo(2);
  }

  /** A reader that was held up between fetching the index and being counted, over a whole flip. */
  @Test
  void stragglerInTheRankNotInUseIsWaitedForBeforeTheFlip() {
    domain.enter(1, false);
    AtomicInteger flips = new AtomicInteger();

    Call<GracePeriod> updater =
        Call.asleep(() -> domain.synchronize(() -> flips.incrementAndGet()));

    assertThat(flips).hasValue(0);
    domain.readUnlock(1);
    assertThat(updater.get().sequence()).isEqualTo(1);
    assertThat(flips).hasValue(1);
  }

  @Test
  void callDuringAGracePeriodWaitsForTheNextAndSharesItWithItsLike() {
    int reader = domain.readLock();
    AtomicInteger flips = new AtomicInteger();
    Call<GracePeriod> first = Call.asleep(domain::synchronize);

    Call<GracePeriod> second = Call.start(() -> domain.synchronize(flips::incrementAndGet));
    Call<GracePeriod> third = Call.start(() -> domain.synchronize(flips::incrementAndGet));
    second.awaitAsleep();
    third.awaitAsleep();
    domain.readUnlock(reader);

    assertThat(first.get().sequence()).isEqualTo(1);
    assertThat(second.get().sequence()).isEqualTo(2);
    assertThat(third.get().sequence()).isEqualTo(2);
    assertThat(domain.gracePeriods()).isEqualTo(2);
    assertThat(flips).hasValue(1);
  }

  @Test
  void interruptDoesNotEndTheWaitAndIsKept() {
    int reader = domain.readLock();
    Call<Boolean> updater =
        Call.asleep(() -> {
          domain.synchronize();
          return Thread.currentThread().isInterrupted();
        });

    updater.thread().interrupt();
    // The wait has taken note of it, and sleeps again.
    Await.until(() -> !updater.thread().isInterrupted());
    updater.awaitAsleep();
    domain.readUnlock(reader);

    assertThat(updater.get()).isTrue();
  }

  // ---- misuse

  @Test
  void oneUnlockTooManyEndsGracePeriodsForGood() {
    domain.readUnlock(0);

    Call<GracePeriod> updater = Call.asleep(domain::synchronize);

    // The counts agree again, but nobody knows which reader was robbed: a wake-up changes nothing.
    domain.readUnlock(domain.readLock());
    assertThat(LockSupport.getBlocker(updater.thread())).isSameAs(domain);
    assertThat(domain.gracePeriods()).isZero();
  }

  @Test
  void balancedCountsDoNotHealAPoisonedDomain() {
    domain.readUnlock(0);
    // Looks at the counts, which is when it is found out.
    assertThatThrownBy(domain::close).isInstanceOf(IllegalStateException.class);
    int _ = domain.readLock();
    assertThat(domain.readersActive()).isZero();

    Call<GracePeriod> updater = Call.asleep(domain::synchronize);

    assertThat(updater.isDone()).isFalse();
    assertThatThrownBy(domain::close).isInstanceOf(IllegalStateException.class);
  }

  // ---- close

  @Test
  void closeIsRefusedWhileASectionIsOpenAndTheDomainGoesOn() {
    ReadSection section = domain.read();

    assertThatThrownBy(domain::close).hasMessageContaining("1 read section(s) open");

    assertThat(domain.isClosed()).isFalse();
    section.close();
    domain.read().close();
    assertThat(domain.synchronize().sequence()).isEqualTo(1);
    domain.close();
    assertThat(domain.isClosed()).isTrue();
  }

  @Test
  void closeIsRefusedWhicheverRankTheSectionIsCountedIn() {
    GracePeriod _ = domain.synchronize();
    ReadSection section = domain.read();
    assertThat(section.index()).isEqualTo(1);

    assertThatThrownBy(domain::close).hasMessageContaining("1 read section(s) open");

    section.close();
    domain.close();
  }

  @Test
  void closeIsRefusedWhileAGracePeriodRuns() {
    GracePeriod grace =
        domain.synchronize(() ->
            assertThatThrownBy(domain::close).hasMessageContaining("closed during a grace period"));

    assertThat(grace.sequence()).isEqualTo(1);
    assertThat(domain.isClosed()).isFalse();
    domain.close();
  }

  @Test
  void closedDomainRefusesReadersAndUpdaters() {
    domain.close();
    domain.close();

    assertThatThrownBy(domain::readLock).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(domain::read).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(domain::synchronize).isInstanceOf(IllegalStateException.class);
    assertThat(domain.readersActive()).isZero();
    assertThat(domain.gracePeriods()).isZero();
  }
}
