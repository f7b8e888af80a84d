package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Call;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A call says that it is about to wait, and for what, before it does. */
class SrcuWaitingTest {
  /** What each thread is about to wait for. */
  private final Map<Thread, BooleanSupplier> waits = new ConcurrentHashMap<>();

  private final SrcuDomain srcu =
      new SrcuDomain(
          SrcuOptions.DEFAULT.withListener(
              new SrcuListener() {
                @Override
                public void waiting(BooleanSupplier over) {
                  waits.put(Thread.currentThread(), over);
                }
              }));

  @Test
  void callThatNeedNotWaitSaysNothing() {
    srcu.synchronize();

    assertThat(waits).isEmpty();
  }

  @Test
  void callThatDrivesWaitsForTheReaders() {
    int index = srcu.readLock();
    Call<GracePeriod> driver = Call.asleep(srcu::synchronize);
    BooleanSupplier over = waits.get(driver.thread());

    assertThat(over.getAsBoolean()).isFalse();
    srcu.readUnlock(index);

    assertThat(over.getAsBoolean()).isTrue();
    driver.get();
  }

  @Test
  void callThatAnotherOneServesWaitsForThatOne() {
    int index = srcu.readLock();
    Call<GracePeriod> driver = Call.asleep(srcu::synchronize);
    Call<GracePeriod> second = Call.asleep(srcu::synchronize);
    BooleanSupplier over = waits.get(second.thread());

    assertThat(over.getAsBoolean()).isFalse();
    srcu.readUnlock(index);
    driver.get();
    second.get();

    assertThat(over.getAsBoolean()).isTrue();
  }

  // ---- a caller that has something to give up while it waits

  private final AtomicInteger flips = new AtomicInteger();
  private final AtomicInteger sleeps = new AtomicInteger();

  private GracePeriod givingUp() {
    return srcu.synchronize(
        flips::incrementAndGet,
        wait -> {
          sleeps.incrementAndGet();
          wait.run();
        });
  }

  @Test
  void callerThatNeedNotWaitGivesNothingUp() {
    assertThat(givingUp().sequence()).isEqualTo(1);
    assertThat(givingUp().sequence()).isEqualTo(2);

    assertThat(flips).hasValue(2);
    assertThat(sleeps).hasValue(0);
  }

  @Test
  void callerThatWaitsForTheRankInUseGivesUpAfterTheFlip() {
    int index = srcu.readLock();
    Call<GracePeriod> caller = Call.asleep(this::givingUp);

    assertThat(flips).hasValue(1);
    assertThat(sleeps).hasValue(1);
    srcu.readUnlock(index);

    assertThat(caller.get()).extracting(GracePeriod::sequence).isEqualTo(1L);
    assertThat(caller.get().readersAtStart()).isEqualTo(1);
    assertThat(flips).hasValue(1);
    assertThat(sleeps).hasValue(1);
    srcu.close();
  }

  @Test
  void callerThatWaitsForTheOtherRankGivesUpBeforeTheFlip() {
    int old = srcu.rank();
    srcu.synchronize();
    srcu.enter(old, false);
    Call<GracePeriod> caller = Call.asleep(this::givingUp);

    assertThat(flips).hasValue(0);
    assertThat(sleeps).hasValue(1);
    srcu.readUnlock(old);

    assertThat(caller.get().sequence()).isEqualTo(2);
    assertThat(flips).hasValue(1);
    assertThat(sleeps).hasValue(1);
  }

  @Test
  void callerThatAnotherCallServesGivesUpUntilThatHasEnded() {
    int index = srcu.readLock();
    Call<GracePeriod> driver = Call.asleep(srcu::synchronize);
    Call<GracePeriod> caller = Call.asleep(this::givingUp);

    assertThat(sleeps).hasValue(1);
    srcu.readUnlock(index);
    driver.get();

    assertThat(caller.get().sequence()).isEqualTo(2);
    assertThat(flips).hasValue(1);
    assertThat(sleeps).hasValue(1);
  }
}
