package dev.virq.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.testing.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final long GUARANTEED = 1 << 16;
  private static final long SANDBOX = 1 << 20;
  private static final MemoryLimits LIMITS = new MemoryLimits(2 * SANDBOX, SANDBOX, GUARANTEED);
  private static final long OBJECTS = GUARANTEED / 4 * 3;

  private final Quota instance = Budget.instance(LIMITS);

  @Test
  void guaranteedBytesAreTakenFromTheInstanceAtOnceAndGivenBackAtTheEnd() {
    Budget budget = new Budget(LIMITS, instance);
    assertThat(instance.used()).isEqualTo(GUARANTEED);

    budget.acquire(OBJECTS, Cost.VM);
    assertThat(budget.tryRemember(GUARANTEED / 4)).isTrue();
    assertThat(instance.used()).isEqualTo(GUARANTEED);
    budget.acquire(1, Cost.VM);
    assertThat(instance.used()).isEqualTo(GUARANTEED + 1);

    budget.release(OBJECTS + 1);
    budget.forget(GUARANTEED / 4);
    budget.close();
    assertThat(instance.used()).isZero();
  }

  @Test
  void refusalNamesTheLimitTheSettingAndWhatWasAskedFor() {
    Budget budget = new Budget(LIMITS, instance);
    budget.acquire(SANDBOX - 10, Cost.VM);

    refused(budget, 11, Errno.EMFILE)
        .hasMessageContaining("limit of 1048576 bytes of a sandbox's memory reached")
        .hasMessageContaining("virq.memory.sandbox-share")
        .hasMessageContaining("a VM needs 11 more, and 1048566 are taken");
    budget.acquire(10, Cost.VM);

    Budget other = new Budget(LIMITS, instance);
    other.acquire(SANDBOX - GUARANTEED + OBJECTS - GUARANTEED / 4 * 3, Cost.VM);
    refused(other, GUARANTEED, Errno.ENFILE)
        .hasMessageContaining("limit of 2097152 bytes of the instance's memory reached")
        .hasMessageContaining("virq.memory.instance-share");
  }

  @Test
  void guaranteedObjectsWorkWhenTheInstanceIsFull() {
    Budget late = new Budget(LIMITS, instance);
    instance.acquire(2 * SANDBOX - instance.used());

    assertThatThrownBy(() -> new Budget(LIMITS, instance)).hasMessageContaining("a sandbox needs");
    late.acquire(OBJECTS, Cost.EVENTFD);
    refused(late, 1, Errno.ENFILE);
    assertThat(late.used()).isEqualTo(OBJECTS);
  }

  @Test
  void historyTakesNoMoreThanHalfAndIsNeverRefusedItsGuaranteedPart() {
    Budget budget = new Budget(LIMITS, instance);
    assertThat(budget.tryRemember(SANDBOX / 2)).isTrue();
    assertThat(budget.tryRemember(1)).isFalse();
    budget.acquire(SANDBOX / 2, Cost.VM);
    assertThat(budget.tryAcquire(1)).as("history counts").isFalse();

    Budget other = new Budget(LIMITS, instance);
    assertThat(instance.used()).isGreaterThan(SANDBOX);
    assertThat(other.tryRemember(GUARANTEED / 4)).isTrue();
    assertThat(other.tryRemember(1)).isFalse();
  }

  @Test
  void whatOutlivesItsSandboxIsGivenBackWhenItEnds() {
    Budget budget = new Budget(LIMITS, instance);
    budget.acquire(100, Cost.VM);
    budget.close();
    assertThat(instance.used()).isEqualTo(100);
    budget.release(100);
    assertThat(instance.used()).isZero();
  }

  @Test
  void moreThanWasTakenIsNotGivenBack() {
    Budget budget = new Budget(LIMITS, instance);
    Charge charge = new Charge(budget);
    charge.acquire(Cost.VM);

    assertThatThrownBy(() -> charge.release(Cost.VM.bytes() + 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> budget.release(Cost.VM.bytes() + 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> budget.forget(1)).isInstanceOf(IllegalStateException.class);
    charge.releaseAll();
    charge.releaseAll();
    assertThat(budget.used()).isZero();
    budget.close();
    assertThatThrownBy(budget::close).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void instanceIsChargedExactlyWhateverThreadsDo() {
    Budget budget = new Budget(LIMITS, instance);
    List<Call<Object>> calls = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      Random random = new Random(thread);
      calls.add(
          Call.start(() -> {
            for (int i = 0; i < 10_000; i++) {
              int bytes = random.nextInt((int) OBJECTS);
              if (budget.tryAcquire(bytes)) {
                budget.release(bytes);
              }
              if (budget.tryRemember(bytes)) {
                budget.forget(bytes);
              }
            }
            return "";
          }));
    }
    calls.forEach(Call::get);

    assertThat(instance.used()).isEqualTo(GUARANTEED);
    budget.close();
    assertThat(instance.used()).isZero();
  }

  @Test
  void limitsThatLeaveNoRoomAreRefusedByTheNameOfTheSetting() {
    assertThatThrownBy(() -> new MemoryLimits(1 << 20, 1 << 20, 1_000))
        .hasMessageContaining("memory.guaranteed is 1000 bytes");
    assertThatThrownBy(() -> new MemoryLimits(1 << 20, 1_000, 1 << 16))
        .hasMessageContaining("memory.sandbox-share comes to 1000 bytes");
    assertThatThrownBy(() -> new MemoryLimits(1 << 18, 1 << 20, 1 << 16))
        .hasMessageContaining("memory.instance-share comes to 262144 bytes");
    assertThat(MemoryLimits.shares(333 << 20, 45, 25, GUARANTEED).memoryBytesTotal())
        .isBetween(157_000_000L, 157_200_000L);
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ErrnoException> refused(
      Budget budget, long bytes, Errno errno) {
    long before = budget.used();
    assertThat(budget.tryAcquire(bytes)).isFalse();
    var refusal =
        assertThatThrownBy(() -> budget.acquire(bytes, Cost.VM))
            .asInstanceOf(type(ErrnoException.class))
            .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
            .actual();
    assertThat(budget.used()).isEqualTo(before);
    return org.assertj.core.api.Assertions.assertThat(refusal);
  }

  @Test
  void whatIsRestoredHasTheRoomThatRecordsWouldTake() {
    Budget budget = new Budget(LIMITS, Budget.instance(LIMITS));

    budget.restoring(true);
    assertThat(budget.tryRecord(1)).isFalse();
    // What was kept of the past is a part of what is restored.
    assertThat(budget.tryRemember(1)).isTrue();
    budget.restoring(false);

    assertThat(budget.tryRecord(1)).isTrue();
    assertThat(budget.remembered()).isEqualTo(2);
  }
}
