package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The APIC map is a snapshot of who answers to which destination, so that most messages need no
 * look at every vCPU. When it can be used is in section 9 of {@code src/docs/behaviour.md}.
 */
class ApicMapTest {
  private static final int CLUSTER = 0x0fff_ffff;

  private final Vcpu one = enabled(1);
  private final Vcpu two = enabled(2);

  @Test
  void thereIsNoMapWhenTwoVcpusShareAnId() {
    two.apic().write(LocalApic.ID, 1 << 24);

    assertThat(ApicMap.of(List.of(one, two), new X2ApicApi(), false)).isNull();
  }

  @Test
  void aLogicalDestinationThatNobodyOwnsMeansNobody() {
    assertThat(targets(logical(1))).isEmpty();
  }

  @Test
  void aMixOfFlatAndClusterTakesAWalk() {
    one.apic().write(LocalApic.LDR, 0x01 << 24);
    two.apic().write(LocalApic.LDR, 0x12 << 24);
    two.apic().write(LocalApic.DFR, CLUSTER);

    assertThat(targets(logical(1))).isNull();
  }

  @Test
  void aBitWithTwoOwnersTakesAWalk() {
    one.apic().write(LocalApic.LDR, 1 << 24);
    two.apic().write(LocalApic.LDR, 1 << 24);

    assertThat(targets(logical(1))).isNull();
  }

  @Test
  void anOwnerOfTwoBitsTakesAWalk() {
    one.apic().write(LocalApic.LDR, 3 << 24);

    assertThat(targets(logical(1))).isNull();
  }

  @Test
  void physicalDestinationsNeedNoWalkWhateverTheLogicalOnesAre() {
    one.apic().write(LocalApic.LDR, 3 << 24);

    assertThat(targets(physical(2))).containsExactly(two);
  }

  @Test
  void aDisabledApicHasNoLogicalDestination() {
    one.apic().write(LocalApic.LDR, 1 << 24);
    one.apic().write(LocalApic.SVR, 0xff);

    assertThat(targets(logical(1))).isEmpty();
    assertThat(targets(physical(1))).containsExactly(one);
  }

  @Test
  void anApicWithoutLogicalDestinationDoesNotMixTheModels() {
    one.apic().write(LocalApic.LDR, 1 << 24);
    two.apic().write(LocalApic.DFR, CLUSTER);

    assertThat(targets(logical(1))).containsExactly(one);
  }

  @Test
  void theMapDoesNotFollowLaterChanges() {
    ApicMap map = ApicMap.of(List.of(one), new X2ApicApi(), false);
    assertThat(map).isNotNull();

    one.apic().write(LocalApic.ID, 9 << 24);

    assertThat(map.targets(physical(1), false)).containsExactly(one);
    assertThat(map.targets(physical(9), false)).isEmpty();
  }

  @Test
  void broadcastsTakeAWalk() {
    assertThat(targets(physical(0xff))).isNull();
    assertThat(targets(logical(0xff))).isNull();
  }

  private static Vcpu enabled(int number) {
    Vcpu vcpu = new Vcpu(number, number == 0, () -> 0);
    vcpu.apic().write(LocalApic.SVR, 0x1ff);
    return vcpu;
  }

  /** Whom the map of both names; null for a walk. */
  private List<Vcpu> targets(Message message) {
    ApicMap map = ApicMap.of(List.of(one, two), new X2ApicApi(), false);
    assertThat(map).isNotNull();
    return map.targets(message, false);
  }

  private static Message physical(int destination) {
    return Message.pin(destination, false, DeliveryMode.FIXED, 0x41, false);
  }

  private static Message logical(int destination) {
    return Message.pin(destination, true, DeliveryMode.FIXED, 0x41, false);
  }
}
