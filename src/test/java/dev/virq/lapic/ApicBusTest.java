package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The bus brings a message to the local APICs that its destination means, and answers how many
 * accepted it. Its rules are section 9 of {@code src/docs/behaviour.md}.
 */
class ApicBusTest {
  private static final int VECTOR = 0x41;
  private static final int FLAT = 0xffff_ffff;
  private static final int CLUSTER = 0x0fff_ffff;
  private static final int BROADCAST = 0xff;
  private static final int SELF = 1 << 18;
  private static final int ALL = 2 << 18;
  private static final int OTHERS = 3 << 18;
  private static final int LVT_TIMER = 0x320;
  private static final int TIMER_INITIAL = 0x380;

  private final ApicBus bus = new ApicBus();

  // ---- timers

  /** One vCPU, whose timer has run out once and is at rest. */
  private Vcpu withTimer(ApicBus timers, AtomicLong clock) {
    timers.create(0, true);
    Vcpu vcpu = timers.vcpus().getFirst();
    timers.write(vcpu, LocalApic.SVR, 0x1ff);
    timers.write(vcpu, LVT_TIMER, VECTOR);
    timers.write(vcpu, TIMER_INITIAL, 500);
    assertThat(timers.timers().any()).isTrue();
    clock.addAndGet(1_000);
    timers.timers().expire(true);
    return vcpu;
  }

  @Test
  void anExpiryBecomesAnInterruptAndATimerAtRestIsNotWatched() {
    AtomicLong clock = new AtomicLong();
    ApicBus timers = new ApicBus(clock::get);

    Vcpu vcpu = withTimer(timers, clock);

    assertThat(timers.state(vcpu).irr()).containsExactly(VECTOR);
    assertThat(timers.timers().any()).isFalse();
  }

  @Test
  void aOneShotThatIsRestoredAfterItsEndExpiresAgain() {
    AtomicLong clock = new AtomicLong();
    ApicBus timers = new ApicBus(clock::get);
    Vcpu vcpu = withTimer(timers, clock);
    timers.take(vcpu, VECTOR);

    timers.restore(vcpu, timers.state(vcpu));
    timers.timers().expire(true);

    assertThat(timers.state(vcpu).irr()).containsExactly(VECTOR);
    assertThat(timers.timers().any()).isFalse();
  }

  @Test
  void anExpiryWaitsForAVcpuThatDoesNotRun() {
    AtomicLong clock = new AtomicLong();
    ApicBus timers = new ApicBus(clock::get);
    Vcpu vcpu = withTimer(timers, clock);
    timers.take(vcpu, VECTOR);
    timers.write(vcpu, TIMER_INITIAL, 500);
    clock.addAndGet(1_000);

    timers.timers().expire(false);
    assertThat(timers.state(vcpu).irr()).isEmpty();
    assertThat(timers.timers().any()).isTrue();
    timers.timers().takeExpiry(vcpu, false);

    assertThat(timers.state(vcpu).irr()).containsExactly(VECTOR);
  }

  @Test
  void withoutVcpusThereAreNoTimers() {
    ApicBus timers = new ApicBus();
    timers.create(0, true);
    Vcpu vcpu = timers.vcpus().getFirst();
    timers.write(vcpu, TIMER_INITIAL, 500);
    assertThat(timers.timers().any()).isTrue();

    timers.clear();

    assertThat(timers.timers().any()).isFalse();
  }

  // ---- physical destinations

  @Test
  void aPhysicalMessageReachesTheOneWithThatId() {
    enabled(3);

    assertThat(bus.deliver(physical(1))).isEqualTo(1);

    assertThat(reached()).containsExactly(1);
  }

  @Test
  void aPhysicalMessageToAnIdThatIsNotThereReachesNobody() {
    enabled(2);

    assertThat(bus.deliver(physical(9))).isZero();
  }

  @Test
  void aDisabledTargetDoesNotCount() {
    bus.create(0, true);
    bus.rebuild();

    assertThat(bus.deliver(physical(0))).isZero();
  }

  @Test
  void allWhoShareAnIdAreReached() {
    enabled(2);
    bus.write(vcpu(1), LocalApic.ID, 0);

    assertThat(bus.deliver(physical(0))).isEqualTo(2);
  }

  // ---- logical destinations

  @Test
  void aFlatMessageReachesEveryBitThatItNames() {
    enabled(3);
    logical(FLAT, 0b001, 0b010, 0b100);

    assertThat(bus.deliver(logical(0b101, DeliveryMode.FIXED, VECTOR))).isEqualTo(2);

    assertThat(reached()).containsExactly(0, 2);
  }

  @Test
  void aClusterMessageStaysInItsCluster() {
    enabled(3);
    logical(CLUSTER, 0x11, 0x12, 0x21);

    assertThat(bus.deliver(logical(0x1f, DeliveryMode.FIXED, VECTOR))).isEqualTo(2);

    assertThat(reached()).containsExactly(0, 1);
  }

  @Test
  void lowestPriorityPicksABitOfTheMessageByTheVector() {
    enabled(3);
    logical(FLAT, 0b001, 0b010, 0b100);

    assertThat(bus.deliver(logical(0b101, DeliveryMode.LOWEST, 0x40))).isEqualTo(1);
    assertThat(reached()).as("an even vector takes the first of two bits").containsExactly(0);

    assertThat(bus.deliver(logical(0b101, DeliveryMode.LOWEST, 0x41))).isEqualTo(1);
    assertThat(reached()).as("an odd vector takes the second").containsExactly(0, 2);
  }

  @Test
  void lowestPriorityIsLostWhenThePickedBitBelongsToNobody() {
    enabled(1);
    logical(FLAT, 0b001);

    assertThat(bus.deliver(logical(0b011, DeliveryMode.LOWEST, 0x41))).isZero();

    assertThat(reached()).isEmpty();
  }

  @Test
  void aLogicalMessageFindsEverybodyAlsoWhenTheModelsDiffer() {
    enabled(2);
    logical(FLAT, 0b001, 0b010);
    bus.write(vcpu(1), LocalApic.DFR, CLUSTER);

    assertThat(bus.deliver(logical(0b011, DeliveryMode.FIXED, VECTOR))).isEqualTo(2);
  }

  // ---- broadcasts and shorthands

  @Test
  void aBroadcastReachesEverybodyThatIsEnabled() {
    enabled(2);
    bus.create(2, false);

    assertThat(bus.deliver(physical(BROADCAST))).isEqualTo(2);

    assertThat(reached()).containsExactly(0, 1);
  }

  @Test
  void aBroadcastWithNobodyThereIsAnsweredMinusOne() {
    assertThat(bus.deliver(physical(BROADCAST))).isEqualTo(-1);
  }

  @Test
  void aPhysicalBroadcastIgnoresLowestPriority() {
    enabled(3);

    int answer = bus.deliver(Message.pin(BROADCAST, false, DeliveryMode.LOWEST, VECTOR, false));

    assertThat(answer).isEqualTo(3);
  }

  @Test
  void aLogicalBroadcastWithLowestPriorityPicksAmongTheEnabledByTheVector() {
    bus.create(7, false);
    enabled(2);

    assertThat(bus.deliver(logical(BROADCAST, DeliveryMode.LOWEST, 0x42))).isEqualTo(1);
    assertThat(reached()).as("an even vector takes the first of two").containsExactly(0);

    assertThat(bus.deliver(logical(BROADCAST, DeliveryMode.LOWEST, 0x43))).isEqualTo(1);
    assertThat(reached()).as("an odd vector takes the second").containsExactly(0, 1);
  }

  @Test
  void theShorthandsAreRelativeToTheSender() {
    enabled(3);

    command(vcpu(1), SELF | 0x51);
    command(vcpu(1), OTHERS | 0x61);
    command(vcpu(1), ALL | 0x71);

    assertThat(pending(0)).containsExactly(0x61, 0x71);
    assertThat(pending(1)).containsExactly(0x51, 0x71);
    assertThat(pending(2)).containsExactly(0x61, 0x71);
  }

  // ---- the map, a snapshot

  @Test
  void aNewVcpuIsReachedByBroadcastsOnly() {
    enabled(1);
    bus.create(1, false);
    assertThat(bus.deliver(nmi(1))).isZero();
    assertThat(bus.deliver(nmi(BROADCAST))).isEqualTo(2);

    bus.rebuild();

    assertThat(bus.deliver(nmi(1))).isEqualTo(1);
  }

  @Test
  void aChangeOfTheIdIsInTheMapAtOnce() {
    enabled(2);

    bus.write(vcpu(1), LocalApic.ID, 7 << 24);

    assertThat(bus.deliver(physical(7))).isEqualTo(1);
    assertThat(bus.deliver(physical(1))).isZero();
  }

  @Test
  void whatTheMapCannotAnswerTakesAWalk() {
    enabled(1);

    assertThat(bus.deliverByMap(physical(0), ApicBus.Acceptance.UNTOLD)).isEqualTo(1);
    assertThat(bus.deliverByMap(physical(BROADCAST), ApicBus.Acceptance.UNTOLD))
        .isEqualTo(ApicBus.TAKES_A_WALK);
  }

  // ---- words of these tests

  /** So many vCPUs, numbered from 0, each enabled and in the map. */
  private void enabled(int vcpus) {
    for (int number = 0; number < vcpus; number++) {
      bus.create(number, number == 0);
      bus.write(vcpu(number), LocalApic.SVR, 0x1ff);
    }
  }

  /** Gives the vCPUs, from 0, their logical destinations. */
  private void logical(int format, int... destinations) {
    for (int number = 0; number < destinations.length; number++) {
      bus.write(vcpu(number), LocalApic.DFR, format);
      bus.write(vcpu(number), LocalApic.LDR, destinations[number] << 24);
    }
  }

  private Vcpu vcpu(int number) {
    Vcpu found = bus.find(number);
    assertThat(found).isNotNull();
    return found;
  }

  private void command(Vcpu sender, int low) {
    bus.write(sender, LocalApic.ICR_LOW, low);
  }

  private static Message physical(int destination) {
    return Message.pin(destination, false, DeliveryMode.FIXED, VECTOR, false);
  }

  private static Message logical(int destination, DeliveryMode mode, int vector) {
    return Message.pin(destination, true, mode, vector, false);
  }

  private static Message nmi(int destination) {
    return Message.pin(destination, false, DeliveryMode.NMI, 0, false);
  }

  private List<Integer> pending(int number) {
    return bus.state(vcpu(number)).irr();
  }

  /** Numbers of the vCPUs with a vector pending. */
  private List<Integer> reached() {
    List<Integer> numbers = new ArrayList<>();
    for (Vcpu vcpu : bus.vcpus()) {
      if (!bus.state(vcpu).irr().isEmpty()) {
        numbers.add(vcpu.number());
      }
    }
    return numbers;
  }
}
