package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Call;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
}
