package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a grace period covers, who shares one, and how it waits: S3 to S6, S8 to S10, S12, S14.
 *
 * <p>Most tests need no second thread: a section is begun and ended by the test itself, in halves
 * where a reader has to be stopped between them, and a call that does not wait tells whether one
 * that does would.
 */
class SrcuGracePeriodTest {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final SrcuDomain srcu = new SrcuDomain();

  // ---- what it covers

  @Test
  void s3GracePeriodWaitsForOpenSection() {
    int index = srcu.readLock();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    srcu.readUnlock(index);
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    assertThat(srcu.synchronize().sequence()).isEqualTo(3);
  }

  @Test
  void s3SynchronizeReturnsOnlyAfterTheSectionHasEnded() {
    int index = srcu.readLock();
    Call<GracePeriod> updater = Call.start(srcu::synchronize);
    updater.awaitAsleepIn(srcu);
    assertThat(srcu.gracePeriods()).isZero();

    srcu.readUnlock(index);

    assertThat(updater.get().sequence()).isEqualTo(1);
    assertThat(srcu.gracePeriods()).isEqualTo(1);
  }

  @Test
  void s3ExpeditedGracePeriodWaitsForASectionOfTheRankInUse() {
    int index = srcu.readLock();
    Call<Void> updater = Call.run(srcu::synchronizeExpedited);
    updater.awaitAsleepIn(srcu);

    srcu.readUnlock(index);

    updater.get();
  }

  @Test
  void s3ExpeditedGracePeriodWaitsForASectionOfTheOtherRank() {
    int old = srcu.rank();
    GracePeriod _ = srcu.synchronize();
    srcu.enter(old, false);
    Call<Void> updater = Call.run(srcu::synchronizeExpedited);
    updater.awaitAsleepIn(srcu);

    srcu.readUnlock(old);

    updater.get();
  }

  @Test
  void s3ReaderThatStallsBetweenFetchingItsRankAndCountingIsCovered() {
    int fetched = srcu.rank();
    GracePeriod _ = srcu.synchronize();
    srcu.enter(fetched, false);

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    srcu.readUnlock(fetched);
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
  }

  @Test
  void s3StragglerOfTheRankNotInUseIsWaitedForBeforeTheFlip() {
    srcu.enter(1, false);
    AtomicInteger flips = new AtomicInteger();

    Call<GracePeriod> updater = Call.asleep(() -> srcu.synchronize(flips::incrementAndGet));

    assertThat(flips).hasValue(0);
    srcu.readUnlock(1);
    assertThat(updater.get().sequence()).isEqualTo(1);
    assertThat(flips).hasValue(1);
  }

  @Test
  void s3GracePeriodWaitsForAReaderThatCameDuringTheOneBefore() {
    List<ReadSection> during = new ArrayList<>();
    GracePeriod _ = srcu.synchronize(() -> during.add(srcu.read()));

    Call<GracePeriod> second = Call.asleep(srcu::synchronize);

    during.getFirst().close();
    assertThat(second.get().sequence()).isEqualTo(2);
  }

  @Test
  void s3SectionThatPassesBetweenTheSumsDoesNotHideAnother() {
    AtomicBoolean passed = new AtomicBoolean();
    srcu.stripes =
        Stripe.array(
            HookedStripe.afterRead(rank -> {
              if (rank == 0 && passed.compareAndSet(false, true)) {
                srcu.enter(0, false);
                srcu.leave(0, false);
              }
            }));
    int index = srcu.readLock();
    assertThat(index).isZero();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    assertThat(passed).isTrue();
    srcu.readUnlock(index);
  }

  @Test
  void s3SectionInANewerStripeDoesNotHideAnother() {
    AtomicBoolean grown = new AtomicBoolean();
    Stripe newer = new Stripe();
    HookedStripe older =
        HookedStripe.beforeEnded(rank -> {
          if (rank == 0 && grown.compareAndSet(false, true)) {
            srcu.stripes = Stripe.array(Stripe.at(srcu.stripes, 0), newer);
            boolean _ = newer.begin(0);
            Stripe.at(srcu.stripes, 0).end(0);
          }
        });
    srcu.stripes = Stripe.array(older);
    int index = srcu.readLock();
    assertThat(index).isZero();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    assertThat(grown).isTrue();
    srcu.readUnlock(index);
  }

  @Test
  void s4SectionBegunAfterTheUpdateSeesIt() {
    SrcuRef<String> ref = new SrcuRef<>("old");
    int before = srcu.readLock();
    assertThat(ref.dereference()).isEqualTo("old");

    assertThat(ref.getAndSet("new")).isEqualTo("old");
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    int after = srcu.readLock();

    assertThat(ref.dereference()).isEqualTo("new");
    srcu.readUnlock(after);
    srcu.readUnlock(before);
  }

  @Test
  void s8ReaderOfAnotherDomainDelaysNothing() {
    SrcuDomain other = new SrcuDomain();
    int index = other.readLock();

    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    assertThat(srcu.gracePeriods()).isEqualTo(1);

    other.readUnlock(index);
  }

  @Test
  void s9SteadyStreamOfReadersDoesNotPostponeTheEnd() {
    // At every look of a scan one more section has begun before the last one ended.
    int[] last = new int[1];
    srcu.stripes =
        Stripe.array(
            HookedStripe.beforeEnded(rank -> {
              int next = srcu.readLock();
              srcu.readUnlock(last[0]);
              last[0] = next;
            }));
    last[0] = srcu.readLock();

    assertThat(srcu.synchronize(NO_WAIT)).isTrue();

    srcu.readUnlock(last[0]);
  }

  @Test
  void s9ReadersThatComeAfterTheFlipAreNotWaitedFor() {
    List<ReadSection> later = new ArrayList<>();

    for (int i = 1; i <= 4; i++) {
      // Every grace period gets a new reader, and the one of the grace period before leaves.
      GracePeriod grace =
          srcu.synchronize(() -> {
            later.add(srcu.read());
            if (later.size() > 1) {
              later.removeFirst().close();
            }
          });
      assertThat(grace.sequence()).isEqualTo(i);
      assertThat(srcu.readersActive()).isEqualTo(1);
    }

    assertThat(later.getFirst().index()).isZero();
    later.getFirst().close();
  }

  @Test
  void s14CollectionsInsideASectionChangeNothing() {
    int index = srcu.readLock();
    System.gc();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    System.gc();

    srcu.readUnlock(index);
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
  }

  // ---- who shares one

  @Test
  void s5CallersThatArriveDuringAGracePeriodShareTheNext() {
    int index = srcu.readLock();
    AtomicInteger flips = new AtomicInteger();
    Call<GracePeriod> driver = Call.start(srcu::synchronize);
    driver.awaitAsleepIn(srcu);
    List<Call<GracePeriod>> others =
        Stream.generate(() -> Call.start(() -> srcu.synchronize(flips::incrementAndGet)))
            .limit(8)
            .toList();
    others.forEach(Call::awaitAsleep);

    srcu.readUnlock(index);

    assertThat(driver.get().sequence()).isEqualTo(1);
    assertThat(others).extracting(other -> other.get().sequence()).containsOnly(2L);
    assertThat(srcu.gracePeriods()).isEqualTo(2);
    assertThat(flips).as("of those that share").hasValue(1);
  }

  @Test
  void s5CallerIsNotServedByAGracePeriodThatBeganBeforeIt() {
    int first = srcu.readLock();
    Call<Void> driver = Call.run(srcu::synchronize);
    driver.awaitAsleepIn(srcu);
    int second = srcu.readLock();
    Call<Void> caller = Call.run(srcu::synchronize);
    caller.awaitAsleep();

    srcu.readUnlock(first);
    driver.get();
    caller.awaitAsleepIn(srcu);
    srcu.readUnlock(second);

    caller.get();
    assertThat(srcu.gracePeriods()).isEqualTo(2);
  }

  @Test
  void s6GracePeriodsRunOneAtATime() {
    CountDownLatch go = new CountDownLatch(1);
    Call<Void> driver = Call.run(() -> srcu.synchronize(() -> await(go)));
    driver.awaitAsleep();
    AtomicInteger flips = new AtomicInteger();

    Call<Void> other = Call.run(() -> srcu.synchronize(flips::incrementAndGet));
    other.awaitAsleep();
    assertThat(flips).hasValue(0);
    go.countDown();

    driver.get();
    other.get();
    assertThat(flips).hasValue(1);
    assertThat(srcu.gracePeriods()).isEqualTo(2);
  }

  @Test
  void s6SequenceMayWrap() {
    SrcuDomain old = new SrcuDomain(SrcuOptions.DEFAULT, -12L);
    for (int round = 0; round < 6; round++) {
      long cookie = old.getState();
      int index = old.readLock();
      assertThat(old.poll(cookie)).isFalse();
      assertThat(old.synchronize(NO_WAIT)).isFalse();
      old.readUnlock(index);
      assertThat(old.synchronize(NO_WAIT)).isTrue();
      assertThat(old.poll(cookie)).isTrue();
    }
  }

  @Test
  void s6CallWhoseTimeRanOutLeavesTheGracePeriodToTheNext() {
    int index = srcu.readLock();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    assertThat(srcu.synchronize(Duration.ofNanos(1))).isFalse();

    srcu.readUnlock(index);
    AtomicInteger flips = new AtomicInteger();
    GracePeriod last = srcu.synchronize(flips::incrementAndGet);

    assertThat(last.sequence()).isEqualTo(2);
    assertThat(flips).hasValue(1);
  }

  @Test
  void s6FlippedThatThrowsLeavesTheGracePeriodToTheNext() {
    assertThatThrownBy(() ->
            srcu.synchronize(() -> {
              throw new IllegalStateException("from flipped");
            }))
        .hasMessage("from flipped");

    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    srcu.close();
  }

  @Test
  void s6CountsOnlyGrow() {
    for (int round = 1; round <= 4; round++) {
      srcu.readUnlock(srcu.readLock());
      GracePeriod _ = srcu.synchronize();

      assertThat(srcu.begun(0) + srcu.begun(1)).isEqualTo(round);
      assertThat(srcu.ended(0) + srcu.ended(1)).isEqualTo(round);
    }
  }

  // ---- how it waits

  @Test
  void s10UpdaterSleepsWhileAReaderStays() {
    int index = srcu.readLock();
    Call<Void> updater = Call.run(srcu::synchronize);
    Call<Void> expedited = Call.run(srcu::synchronizeExpedited);

    updater.awaitAsleep();
    expedited.awaitAsleep();

    srcu.readUnlock(index);
    updater.get();
    expedited.get();
  }

  @Test
  void s10ReadersOfTheOtherRankDoNotWakeTheUpdater() {
    int index = srcu.readLock();
    Call<Void> updater = Call.run(srcu::synchronize);
    updater.awaitAsleepIn(srcu);
    AtomicInteger looks = new AtomicInteger();
    srcu.stripes = Stripe.array(HookedStripe.beforeEnded(rank -> looks.incrementAndGet()));

    for (int round = 0; round < 1_000; round++) {
      srcu.readUnlock(srcu.readLock());
    }
    assertThat(looks).hasValue(0);

    srcu.readUnlock(index);
    updater.get();
    assertThat(looks).hasPositiveValue();
  }

  @Test
  void s10SixThousandIdleGracePeriodsNeedNoSleep() {
    for (int round = 1; round <= 6_000; round++) {
      assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    }

    assertThat(srcu.gracePeriods()).isEqualTo(6_000);
  }

  @Test
  void s10EndBetweenTheLastLookAndTheSleepWakesTheUpdater() {
    AtomicInteger looks = new AtomicInteger();
    srcu.stripes =
        Stripe.array(
            HookedStripe.afterEnded(rank -> {
              // The look after the polls; it has read what it reports already.
              if (rank == 0 && looks.incrementAndGet() == dev.virq.srcu.Call.SPINS + 1) {
                srcu.readUnlock(0);
              }
            }));
    assertThat(srcu.readLock()).isZero();

    Call.run(() -> srcu.synchronize(() -> looks.set(0))).get();

    assertThat(looks).hasValueGreaterThan(dev.virq.srcu.Call.SPINS + 1);
  }

  @Test
  void s12InterruptNeitherEndsTheWaitNorGetsLost() {
    int index = srcu.readLock();
    AtomicBoolean flag = new AtomicBoolean();
    AtomicBoolean otherFlag = new AtomicBoolean();
    Call<Void> updater = Call.run(() -> synchronizeAndLook(flag));
    updater.awaitAsleepIn(srcu);
    Call<Void> other = Call.run(() -> synchronizeAndLook(otherFlag));
    other.awaitAsleep();

    updater.thread().interrupt();
    updater.awaitAsleepIn(srcu);
    other.thread().interrupt();
    other.awaitAsleep();
    srcu.readUnlock(index);

    updater.get();
    other.get();
    assertThat(flag).isTrue();
    assertThat(otherFlag).isTrue();
  }

  private void synchronizeAndLook(AtomicBoolean flag) {
    GracePeriod _ = srcu.synchronize();
    flag.set(Thread.currentThread().isInterrupted());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
