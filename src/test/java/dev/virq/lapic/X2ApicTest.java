package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.message.Message;
import org.junit.jupiter.api.Test;

/**
 * The base of a local APIC, its modes, and what a guest finds in x2APIC mode. Its rules are section
 * 15 of {@code src/docs/behaviour.md}.
 */
class X2ApicTest {
  private static final long XAPIC = 0xfee0_0800L;
  private static final long X2APIC = 0xfee0_0c00L;
  private static final long DISABLED = 0xfee0_0000L;
  private static final int LARGE = 300;
  private static final int VECTOR = 0x41;

  private final ApicBus bus = new ApicBus();

  private Vcpu vcpu(int number) {
    bus.create(number, number == 0);
    Vcpu vcpu = bus.vcpus().getLast();
    bus.cpuid(vcpu, false, true);
    bus.write(vcpu, LocalApic.SVR, 0x1ff);
    return vcpu;
  }

  private Vcpu inX2Apic(int number) {
    Vcpu vcpu = vcpu(number);
    assertThat(bus.rebase(vcpu, X2APIC, false)).isNull();
    return vcpu;
  }

  @Test
  void whatNoBaseCanBeIsRefusedByName() {
    ApicBase base = vcpu(1).apic().base();

    assertThat(base.refusal(XAPIC | 1, false)).isEqualTo("has reserved bits 0x1");
    assertThat(base.refusal(XAPIC | 1L << 36, false)).isEqualTo("has reserved bits 0x1000000000");
    assertThat(base.refusal(DISABLED | 0x400, false)).contains("without enabling");
    base.allow(false);
    assertThat(base.refusal(X2APIC, false)).contains("CPUID");
  }

  @Test
  void aGuestGoesFromModeToModeByTheProcessorsWay() {
    ApicBase base = vcpu(1).apic().base();
    assertThat(base.refusal(X2APIC, true)).isNull();

    base.set(X2APIC);
    assertThat(base.refusal(XAPIC, true)).contains("disable");
    assertThat(base.refusal(XAPIC, false)).isNull();
    assertThat(base.refusal(DISABLED, true)).isNull();

    base.set(DISABLED);
    assertThat(base.refusal(X2APIC, true)).contains("xAPIC mode");
    assertThat(base.refusal(X2APIC, false)).isNull();
  }

  @Test
  void aModeSetsTheIdAndX2ApicModeTheLogicalIdToo() {
    Vcpu large = inX2Apic(LARGE);

    assertThat(bus.readX2Apic(large, 0x802)).isEqualTo(LARGE);
    assertThat(bus.readX2Apic(large, 0x80d)).isEqualTo(0x12_1000L);
    assertThat(large.apic().state().id()).isEqualTo(LARGE << 24);

    bus.api().add(X2ApicApi.WIDE_IDS);
    assertThat(large.apic().state().id()).isEqualTo(LARGE);

    assertThat(bus.rebase(large, XAPIC, false)).isNull();
    assertThat(large.apic().state().id()).isEqualTo(LARGE << 24);
  }

  @Test
  void aDisabledApicIsInNoMapAndAcceptsNothing() {
    Vcpu vcpu = vcpu(1);
    assertThat(bus.rebase(vcpu, DISABLED, true)).isNull();

    assertThat(bus.deliver(Message.msi(0xfee0_1000L, VECTOR))).isZero();
    assertThat(bus.deliver(Message.msi(0xfeef_f000L, VECTOR))).isEqualTo(-1);
    assertThat(vcpu.apic().acceptsPic()).isTrue();
  }

  @Test
  void broadcastsGoByTheModeOfTheSenderAndOfTheTarget() {
    Vcpu wide = inX2Apic(1);
    Vcpu narrow = vcpu(2);
    bus.rebuild();

    assertThat(bus.deliver(Message.msi(0xfeef_f000L, VECTOR))).isEqualTo(2);
    assertThat(bus.writeX2Apic(wide, 0x830, 0xff_0000_0042L)).isNull();
    assertThat(narrow.apic().state().irr()).containsExactly(VECTOR);
    assertThat(bus.writeX2Apic(wide, 0x830, 0xffff_ffff_0000_0043L)).isNull();
    assertThat(wide.apic().state().irr()).containsExactly(VECTOR, 0x43);

    bus.api().add(X2ApicApi.NO_BROADCAST_QUIRK);
    assertThat(bus.deliver(Message.msi(0xfeef_f000L, 0x44))).as("an id").isZero();
    bus.write(narrow, LocalApic.LDR, 1 << 24);
    assertThat(bus.deliver(Message.msi(0xfeef_f000L, 0x45))).as("xAPIC only").isEqualTo(1);
  }

  @Test
  void aLogicalDestinationIsAClusterAndAMask() {
    Vcpu first = inX2Apic(16);
    Vcpu second = inX2Apic(18);
    bus.rebuild();

    assertThat(bus.writeX2Apic(first, 0x830, 0x1_0005_0000_0841L)).isNull();

    assertThat(first.apic().state().irr()).containsExactly(VECTOR);
    assertThat(second.apic().state().irr()).containsExactly(VECTOR);
  }

  @Test
  void whatFaultsNamesTheBits() {
    Vcpu vcpu = inX2Apic(1);

    assertThat(bus.readX2Apic(vcpu, 0x80e)).isNull();
    assertThat(bus.writeX2Apic(vcpu, 0x80d, 1)).isEqualTo("cannot be written");
    assertThat(bus.writeX2Apic(vcpu, 0x808, 1L << 32)).isEqualTo("has no bits 0x100000000");
    assertThat(bus.writeX2Apic(vcpu, 0x830, 1 << 13)).isEqualTo("has no bits 0x2000");
    assertThat(bus.writeX2Apic(vcpu, 0x83f, 0x141)).isEqualTo("has no bits 0x100");
    assertThat(bus.writeX2Apic(vcpu, 0x828, 2)).isEqualTo("has no bits 0x2");
    assertThat(bus.writeX2Apic(vcpu(2), 0x808, 0)).contains("x2APIC mode only");
  }

  @Test
  void aRestoreWithAnotherIdIsRefusedOnlyWhereIdsHave32Bits() {
    Vcpu vcpu = inX2Apic(1);
    LapicState other = new LocalApic(5, false, () -> 0).state();

    assertThat(bus.restore(vcpu, other)).isNull();
    assertThat(bus.readX2Apic(vcpu, 0x802)).isEqualTo(1);

    bus.api().add(X2ApicApi.WIDE_IDS);
    assertThat(bus.restore(vcpu, other)).contains("has id 83886080");
  }
}
