package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.message.DeliveryMode;
import dev.virq.message.Message;
import org.junit.jupiter.api.Test;

/**
 * A vCPU, as interrupts see it: a local APIC, pending NMIs, and whether it runs or waits for a
 * start-up message. Its rules are section 8 of {@code src/docs/behaviour.md}.
 */
class VcpuTest {
  private final Vcpu boot = new Vcpu(0, true, () -> 0);
  private final Vcpu other = new Vcpu(1, false, () -> 0);

  @Test
  void aNewVcpuRuns() {
    assertThat(other.parked()).isFalse();
  }

  @Test
  void initParksAVcpuUntilAStartUpMessage() {
    send(other, DeliveryMode.INIT);
    assertThat(other.events().runState()).isEqualTo(RunState.PARKED);

    send(other, DeliveryMode.STARTUP);
    assertThat(other.events().runState()).isEqualTo(RunState.RUNNABLE);
  }

  @Test
  void initLeavesTheBootProcessorRunning() {
    send(boot, DeliveryMode.INIT);

    assertThat(boot.parked()).isFalse();
  }

  @Test
  void anyNumberCanBeTheBootProcessors() {
    Vcpu chosen = new Vcpu(1, true, () -> 0);
    Vcpu first = new Vcpu(0, false, () -> 0);
    assertThat(chosen.apic().acceptsPic()).isTrue();
    assertThat(first.apic().acceptsPic()).isFalse();

    send(chosen, DeliveryMode.INIT);
    send(first, DeliveryMode.INIT);

    assertThat(chosen.parked()).isFalse();
    assertThat(chosen.apic().acceptsPic()).isTrue();
    assertThat(first.parked()).isTrue();
  }

  @Test
  void initResetsTheLocalApic() {
    boot.apic().write(LocalApic.SVR, 0x1ff);
    send(boot, DeliveryMode.FIXED);

    send(boot, DeliveryMode.INIT);

    assertThat(boot.apic().state()).isEqualTo(new LocalApic(0, true, () -> 0).state());
  }

  @Test
  void initDropsPendingNmis() {
    send(boot, DeliveryMode.NMI);

    send(boot, DeliveryMode.INIT);

    assertThat(boot.takeNmis()).isZero();
  }

  @Test
  void aStartUpMessageForAVcpuThatRunsIsLost() {
    send(other, DeliveryMode.STARTUP);

    send(other, DeliveryMode.INIT);

    assertThat(other.parked()).isTrue();
  }

  @Test
  void noMoreThanTwoNmisArePending() {
    for (int i = 0; i < 3; i++) {
      send(boot, DeliveryMode.NMI);
    }

    assertThat(boot.takeNmis()).isEqualTo(2);
    assertThat(boot.takeNmis()).isZero();
  }

  @Test
  void aDisabledOrParkedVcpuStillAcceptsNmis() {
    send(other, DeliveryMode.INIT);
    assertThat(other.parked()).isTrue();
    assertThat(other.apic().enabled()).isFalse();

    send(other, DeliveryMode.NMI);

    assertThat(other.events().nmiPending()).isEqualTo(1);
  }

  @Test
  void systemManagementAnd8259MessagesAreNotAccepted() {
    assertThat(boot.accept(message(DeliveryMode.SMI))).isFalse();
    assertThat(boot.accept(message(DeliveryMode.EXTINT))).isFalse();
  }

  @Test
  void theReservedModeIsAcceptedWithoutEffect() {
    LapicState before = boot.apic().state();

    assertThat(boot.accept(message(DeliveryMode.RESERVED))).isTrue();

    assertThat(boot.apic().state()).isEqualTo(before);
    assertThat(boot.takeNmis()).isZero();
  }

  @Test
  void theHostsRunStateHoldsUntilAMessageEndsIt() {
    other.setRunState(RunState.UNINITIALIZED);
    send(other, DeliveryMode.STARTUP);
    assertThat(other.runState()).isEqualTo(RunState.UNINITIALIZED);

    send(other, DeliveryMode.INIT);
    assertThat(other.runState()).isEqualTo(RunState.PARKED);

    other.setRunState(RunState.HALTED);
    send(other, DeliveryMode.STARTUP);
    assertThat(other.runState()).isEqualTo(RunState.HALTED);
  }

  @Test
  void aStartUpMessageThatTheHostSaysHasComeIsTaken() {
    send(other, DeliveryMode.INIT);

    other.setRunState(RunState.SIPI_RECEIVED);

    assertThat(other.runState()).isEqualTo(RunState.RUNNABLE);
  }

  @Test
  void aHaltedVcpuWakesByAnInterruptOrAnNmi() {
    other.setRunState(RunState.HALTED);
    other.wake(false);
    assertThat(other.runState()).isEqualTo(RunState.HALTED);
    other.wake(true);
    assertThat(other.runState()).isEqualTo(RunState.RUNNABLE);

    other.setRunState(RunState.AP_RESET_HOLD);
    other.raiseNmi();
    other.wake(false);
    assertThat(other.runState()).isEqualTo(RunState.RUNNABLE);
  }

  @Test
  void anInterruptWakesNoVcpuThatIsNotHalted() {
    send(other, DeliveryMode.INIT);

    other.wake(true);

    assertThat(other.runState()).isEqualTo(RunState.PARKED);
  }

  @Test
  void aMaskedNmiWakesOnceThoughItIsNotTaken() {
    other.setNmis(null, true);
    other.setRunState(RunState.HALTED);
    other.raiseNmi();
    other.wake(false);
    assertThat(other.runState()).isEqualTo(RunState.RUNNABLE);
    assertThat(other.takeNmis()).isZero();

    other.setRunState(RunState.HALTED);
    other.wake(false);

    assertThat(other.runState()).isEqualTo(RunState.HALTED);
    assertThat(other.events().nmiPending()).isEqualTo(1);
  }

  @Test
  void oneNmiIsPendingWhileTheyAreMasked() {
    other.setNmis(255, null);
    assertThat(other.events()).isEqualTo(new Vcpu.Events(RunState.RUNNABLE, 2, false));

    other.setNmis(null, true);
    other.raiseNmi();

    assertThat(other.events()).isEqualTo(new Vcpu.Events(RunState.RUNNABLE, 1, true));
    assertThat(other.takeNmis()).isZero();
    other.setNmis(null, false);
    assertThat(other.takeNmis()).isEqualTo(1);
  }

  @Test
  void initUnmasksNmis() {
    other.setNmis(1, true);

    send(other, DeliveryMode.INIT);

    assertThat(other.events()).isEqualTo(new Vcpu.Events(RunState.PARKED, 0, false));
  }

  @Test
  void aKickEndsAHaltAndAlsoALaterOne() {
    send(other, DeliveryMode.RESERVED);
    other.setRunState(RunState.HALTED);
    assertThat(other.runState()).isEqualTo(RunState.RUNNABLE);

    other.wake(false);
    other.setRunState(RunState.HALTED);

    assertThat(other.runState()).isEqualTo(RunState.HALTED);
  }

  private static Message message(DeliveryMode mode) {
    return Message.pin(0, false, mode, 0x41, false);
  }

  /** Accepts a message, and takes what it asks of the processor. */
  private static void send(Vcpu vcpu, DeliveryMode mode) {
    assertThat(vcpu.accept(message(mode))).isTrue();
    boolean _ = vcpu.takeEvents();
  }
}
