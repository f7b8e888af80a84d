package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import dev.virq.routing.Chip;
import org.junit.jupiter.api.Test;

/**
 * The I/O APIC turns each of its 24 pins into a message to local APICs, as the entry of the pin in
 * its redirection table says. Its rules are section 7 of {@code src/docs/behaviour.md}.
 */
class IoApicTest {
  private static final int PIN = 16;
  private static final int VECTOR = 0x41;
  private static final int SVR = 0xf0;
  private static final int FIXED = 0;
  private static final int MASKED_BIT = 1 << 16;

  private final ApicBus bus = new ApicBus();
  private final SeenAcks acks = new SeenAcks();
  private final IoApic ioapic = new IoApic(bus, acks, () -> 0);
  private final Vcpu vcpu = enabledVcpu();

  // ---- an edge pin

  @Test
  void anEdgeIsDeliveredOnceUntilTheLineFalls() {
    entry(edge());
    assertThat(raise()).as("one target accepts").isEqualTo(1);
    assertThat(raise()).as("merged").isZero();

    lower();

    assertThat(raise()).isEqualTo(1);
  }

  @Test
  void anEdgePinIsNotHeldBackByTheEndThatIsMissing() {
    entry(edge());
    raise();
    lower();

    assertThat(raise()).isEqualTo(1);

    assertThat(ioapic.entry(PIN).remoteIrr()).isFalse();
  }

  // ---- a level pin

  @Test
  void aLevelPinWaitsForTheEndOfItsLastInterrupt() {
    entry(level());
    assertThat(raise()).isEqualTo(1);
    assertThat(ioapic.entry(PIN).remoteIrr()).isTrue();

    lower();

    assertThat(raise()).isEqualTo(-1);
  }

  @Test
  void theEndDeliversALevelThatIsStillHigh() {
    entry(level());
    raise();
    take();

    end();

    assertThat(pending()).isTrue();
    assertThat(ioapic.entry(PIN).remoteIrr()).isTrue();
  }

  @Test
  void theEndOfALevelThatHasFallenLeavesThePinReady() {
    entry(level());
    raise();
    lower();
    take();

    end();

    assertThat(pending()).isFalse();
    assertThat(ioapic.entry(PIN).remoteIrr()).isFalse();
  }

  @Test
  void aLevelThatADisabledTargetRefusesIsNotWaitedFor() {
    bus.write(vcpu, SVR, 0xff);
    entry(level());

    assertThat(raise()).isZero();

    assertThat(ioapic.entry(PIN).remoteIrr()).isFalse();
  }

  @Test
  void aLevelThatNobodyIsThereForIsWaitedForAllTheSame() {
    IoApic lonely = new IoApic(new ApicBus(), acks, () -> 0);
    lonely.restore(lonely.state().withPin(PIN, level()));

    assertThat(lonely.drive(PIN, IrqSource.USER, true, false)).isEqualTo(-1);

    assertThat(lonely.entry(PIN).remoteIrr()).isTrue();
  }

  // ---- masks

  @Test
  void allPinsStartMasked() {
    assertThat(ioapic.state().pins()).hasSize(24).allMatch(Redirection::masked);

    assertThat(raise()).isEqualTo(-1);
  }

  @Test
  void aMaskedPinForgetsItsRequestWhenTheLineFalls() {
    entry(masked(level()));
    raise();
    assertThat(ioapic.state().irr()).isEqualTo(1 << PIN);
    lower();
    assertThat(ioapic.state().irr()).isZero();

    guestWritesLowHalf(level());

    assertThat(pending()).isFalse();
  }

  @Test
  void unmaskingDeliversALevelThatIsHigh() {
    entry(masked(level()));
    raise();

    guestWritesLowHalf(level());

    assertThat(pending()).isTrue();
  }

  @Test
  void unmaskingDoesNotDeliverAnEdgeThatIsHeld() {
    entry(masked(edge()));
    raise();

    guestWritesLowHalf(edge());

    assertThat(pending()).isFalse();
  }

  @Test
  void unmaskingAPinWithAResamplerTellsItInsteadOfDelivering() {
    acks.notifierOf(Chip.IOAPIC, PIN);
    entry(masked(level()));
    raise();

    guestWritesLowHalf(level());

    assertThat(acks.seen()).containsExactly("IOAPIC 16 unmasked");
    assertThat(pending()).isFalse();
    assertThat(ioapic.pin(PIN).level()).as("still high").isTrue();
  }

  // ---- acknowledgements

  @Test
  void theEndAcknowledgesEveryPinWithThatVectorWhateverItsTrigger() {
    entry(edge());
    ioapic.restore(ioapic.state().withPin(3, level()).withPin(20, edge()));

    ioapic.ended(vcpu, VECTOR, false);

    assertThat(acks.seen())
        .containsExactly(
            "IOAPIC 3 acknowledged", "IOAPIC 16 acknowledged", "IOAPIC 20 acknowledged");
  }

  @Test
  void theEndOfAVectorAcceptedAsAnEdgeLeavesALevelPinWaiting() {
    entry(level());
    raise();
    lower();

    ioapic.ended(vcpu, VECTOR, false);

    assertThat(ioapic.entry(PIN).remoteIrr()).isTrue();
  }

  // ---- the guest's registers

  @Test
  void aGuestCannotClearTheMarkOfALevelThatWaitsForItsEnd() {
    entry(level());
    raise();
    lower();

    guestWritesLowHalf(level());

    assertThat(ioapic.entry(PIN).remoteIrr()).isTrue();
  }

  @Test
  void makingAPinEdgeTriggeredClearsThatMark() {
    entry(level());
    raise();

    guestWritesLowHalf(edge());

    assertThat(ioapic.entry(PIN).remoteIrr()).isFalse();
  }

  @Test
  void anEntryIsTwoRegistersFromIndex10() {
    entry(Redirection.of(VECTOR, FIXED, false, 0x5a, true, false, false, false));

    assertThat(register(0x10 + 2 * PIN)).isEqualTo(MASKED_BIT | VECTOR);
    assertThat(register(0x11 + 2 * PIN)).isEqualTo(0x5a00_0000);
  }

  @Test
  void theFirstRegistersAreTheIdTheVersionAndTheIdAgain() {
    ioapic.store(0, 0);
    ioapic.store(IoApic.WINDOW, 0xff00_0000);

    assertThat(register(0)).isEqualTo(0x0f00_0000);
    assertThat(register(1)).as("24 pins, version 0x11").isEqualTo(0x0017_0011);
    assertThat(register(2)).isEqualTo(0x0f00_0000);
  }

  @Test
  void otherRegistersReadAsAllOnes() {
    assertThat(register(3)).isEqualTo(-1);
    assertThat(register(0x40)).isEqualTo(-1);
  }

  // ---- the host

  @Test
  void aRestoreRaisesThePinsThatAreRequestedAgain() {
    entry(masked(edge()));
    raise();

    ioapic.restore(ioapic.state().withPin(PIN, edge()));

    assertThat(pending()).isTrue();
  }

  @Test
  void theStateShowsNoEdgeThatIsDeliveredAlready() {
    entry(edge());

    raise();

    assertThat(ioapic.state().irr()).isZero();
  }

  // ---- words of these tests

  private Vcpu enabledVcpu() {
    bus.create(0, true);
    Vcpu created = bus.vcpus().getFirst();
    bus.write(created, SVR, 0x1ff);
    return created;
  }

  private static Redirection edge() {
    return Redirection.of(VECTOR, FIXED, false, 0, false, false, false, false);
  }

  private static Redirection level() {
    return Redirection.of(VECTOR, FIXED, false, 0, false, true, false, false);
  }

  private static Redirection masked(Redirection entry) {
    return new Redirection(entry.bits() | MASKED_BIT);
  }

  private void entry(Redirection entry) {
    ioapic.restore(ioapic.state().withPin(PIN, entry));
  }

  private int raise() {
    return ioapic.drive(PIN, IrqSource.USER, true, false);
  }

  private void lower() {
    assertThat(ioapic.drive(PIN, IrqSource.USER, false, false)).isEqualTo(1);
  }

  private void guestWritesLowHalf(Redirection entry) {
    ioapic.store(0, 0x10 + 2 * PIN);
    ioapic.store(IoApic.WINDOW, (int) entry.bits());
  }

  private int register(int index) {
    ioapic.store(0, index);
    return (int) ioapic.load(IoApic.WINDOW);
  }

  /** The vCPU takes the vector into service. */
  private void take() {
    assertThat(pending()).isTrue();
    bus.take(vcpu, VECTOR);
  }

  /** The vCPU ends it, and the I/O APIC hears of the end. */
  private void end() {
    assertThat(bus.end(vcpu).vector()).isEqualTo(VECTOR);
    ioapic.ended(vcpu, VECTOR, vcpu.apic().levelTriggered(VECTOR));
  }

  private boolean pending() {
    return bus.state(vcpu).irr().contains(VECTOR);
  }
}
