package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A local APIC is the interrupt controller inside a processor: it collects vectors, 0 to 255, and
 * hands the processor the most urgent one when its priority allows. Its rules are section 8 of
 * {@code src/docs/behaviour.md}.
 */
class LocalApicTest {
  private static final int TPR = 0x80;
  private static final int LVT_LINT0 = 0x350;
  private static final int ENABLE = 0x1ff;
  private static final int DISABLE = 0xff;
  private static final boolean EDGE = false;
  private static final boolean LEVEL = true;
  private static final int NONE = -1;

  private final LocalApic apic = enabled(0);

  // ---- from pending to in service

  @Test
  void theHighestPendingVectorIsTakenFirst() {
    accept(0x41, 0x93, 0x72);

    assertThat(takeNext()).isEqualTo(0x93);
  }

  @Test
  void aVectorInServiceHoldsBackItsOwnClass() {
    accept(0x41);
    takeNext();

    accept(0x4f);

    assertThat(takeNext()).isEqualTo(NONE);
  }

  @Test
  void aHigherClassInterruptsTheVectorInService() {
    accept(0x4f);
    takeNext();

    accept(0x50);

    assertThat(takeNext()).isEqualTo(0x50);
    assertThat(apic.state().isr()).containsExactly(0x4f, 0x50);
  }

  @Test
  void theTaskPriorityHoldsBackItsOwnClass() {
    apic.write(TPR, 0x40);

    accept(0x4f);
    assertThat(takeNext()).isEqualTo(NONE);

    accept(0x50);
    assertThat(takeNext()).isEqualTo(0x50);
  }

  @Test
  void aVectorThatIsPendingAlreadyIsAcceptedAgainButTakenOnce() {
    assertThat(apic.accept(0x41, EDGE)).isTrue();
    assertThat(apic.accept(0x41, EDGE)).isTrue();

    assertThat(takeNext()).isEqualTo(0x41);
    apic.end();
    assertThat(takeNext()).isEqualTo(NONE);
  }

  @Test
  void aVectorInServiceCanBecomePendingAgain() {
    accept(0x41);
    takeNext();

    accept(0x41);
    assertThat(takeNext()).isEqualTo(NONE);
    apic.end();

    assertThat(takeNext()).isEqualTo(0x41);
  }

  @Test
  void aVectorBelowSixteenIsAcceptedAndNeverTaken() {
    assertThat(apic.accept(0x0f, EDGE)).isTrue();

    assertThat(takeNext()).isEqualTo(NONE);
    assertThat(apic.state().irr()).containsExactly(0x0f);
  }

  // ---- the end of interrupt

  @Test
  void theEndOfInterruptEndsTheHighestVectorInService() {
    accept(0x41);
    takeNext();
    accept(0x51);
    takeNext();

    assertThat(apic.end()).isEqualTo(0x51);

    assertThat(apic.state().isr()).containsExactly(0x41);
  }

  @Test
  void theEndOfInterruptWithNothingInServiceChangesNothing() {
    accept(0x41);
    LapicState before = apic.state();

    assertThat(apic.end()).isEqualTo(NONE);

    assertThat(apic.state()).isEqualTo(before);
  }

  @Test
  void theTriggerModeOfTheLastAcceptanceOutlivesTheEnd() {
    apic.accept(0x41, LEVEL);
    takeNext();
    apic.end();
    assertThat(apic.levelTriggered(0x41)).isTrue();

    apic.accept(0x41, EDGE);
    assertThat(apic.levelTriggered(0x41)).isFalse();
  }

  // ---- the processor priority

  @Test
  void theProcessorPriorityIsTheClassInServiceWhenThatIsAboveTheTaskPriority() {
    apic.write(TPR, 0x32);

    accept(0x4f);
    takeNext();

    assertThat(apic.state().ppr()).isEqualTo(0x40);
  }

  @Test
  void theProcessorPriorityIsTheTaskPriorityWhenNothingHigherIsInService() {
    accept(0x41);
    takeNext();

    apic.write(TPR, 0x4c);

    assertThat(apic.state().ppr()).isEqualTo(0x4c);
  }

  @Test
  void aRestoreComputesTheProcessorPriorityFromTheVectorsInService() {
    apic.restore(apic.state().withIsr(List.of(0x61)));

    assertThat(apic.state().ppr()).isEqualTo(0x60);
  }

  // ---- the enable bit

  @Test
  void aDisabledApicRefusesVectors() {
    apic.write(LocalApic.SVR, DISABLE);

    assertThat(apic.accept(0x41, EDGE)).isFalse();

    assertThat(apic.state().irr()).isEmpty();
  }

  @Test
  void aDisabledApicStillHandsOutWhatItHas() {
    accept(0x41);

    apic.write(LocalApic.SVR, DISABLE);

    assertThat(takeNext()).isEqualTo(0x41);
  }

  @Test
  void disablingMasksTheLineOfThe8259() {
    assertThat(apic.acceptsPic()).isTrue();

    apic.write(LocalApic.SVR, DISABLE);
    apic.write(LocalApic.SVR, ENABLE);

    assertThat(apic.acceptsPic()).isFalse();
  }

  @Test
  void aLocalVectorCannotBeUnmaskedWhileTheApicIsDisabled() {
    apic.write(LocalApic.SVR, DISABLE);
    apic.write(LVT_LINT0, 0x700);
    assertThat(apic.acceptsPic()).isFalse();

    apic.write(LocalApic.SVR, ENABLE);
    apic.write(LVT_LINT0, 0x700);
    assertThat(apic.acceptsPic()).isTrue();
  }

  // ---- reset

  @Test
  void onlyTheBootProcessorStartsConnectedToThe8259() {
    assertThat(new LocalApic(0, true, () -> 0).acceptsPic()).isTrue();
    assertThat(new LocalApic(1, false, () -> 0).acceptsPic()).isFalse();
  }

  @Test
  void resetKeepsNothingButTheId() {
    LocalApic used = enabled(3);
    used.write(LocalApic.ID, 9 << 24);
    used.write(LocalApic.LDR, 1 << 24);
    used.write(TPR, 0x20);
    used.accept(0x41, LEVEL);

    used.reset();

    LocalApic fresh = new LocalApic(3, false, () -> 0);
    fresh.write(LocalApic.ID, 9 << 24);
    assertThat(used.state()).isEqualTo(fresh.state());
  }

  // ---- destinations

  @Test
  void aPhysicalDestinationIsComparedWithTheId() {
    LocalApic third = enabled(3);

    assertThat(third.matches(3, false)).isTrue();
    assertThat(third.matches(1, false)).isFalse();
  }

  @Test
  void aFlatDestinationMatchesOnAnyCommonBit() {
    logical(0xffff_ffff, 0b0110);

    assertThat(apic.matches(0b0011, true)).isTrue();
    assertThat(apic.matches(0b1001, true)).isFalse();
  }

  @Test
  void aClusterDestinationNeedsTheClusterAndACommonBit() {
    logical(0x0fff_ffff, 0x21);

    assertThat(apic.matches(0x23, true)).isTrue();
    assertThat(apic.matches(0x33, true)).as("another cluster").isFalse();
    assertThat(apic.matches(0x22, true)).as("no common bit").isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBroadcastMatchesWhateverTheDestinationFormat(boolean logical) {
    // Neither flat nor cluster: no other logical destination matches.
    logical(0x7fff_ffff, 0xff);

    assertThat(apic.matches(0xff, logical)).isTrue();
    assertThat(apic.matches(0x7f, true)).isFalse();
  }

  private static LocalApic enabled(int vcpu) {
    LocalApic apic = new LocalApic(vcpu, vcpu == 0, () -> 0);
    apic.write(LocalApic.SVR, ENABLE);
    return apic;
  }

  private void accept(int... vectors) {
    for (int vector : vectors) {
      assertThat(apic.accept(vector, EDGE)).isTrue();
    }
  }

  /** The processor takes the next vector, if one may interrupt it: the vector, or NONE. */
  private int takeNext() {
    int vector = apic.deliverable();
    if (vector != NONE) {
      apic.take(vector);
      apic.restore(apic.state());
    }
    return vector;
  }

  private void logical(int format, int destination) {
    apic.write(LocalApic.DFR, format);
    apic.write(LocalApic.LDR, destination << 24);
  }
}
