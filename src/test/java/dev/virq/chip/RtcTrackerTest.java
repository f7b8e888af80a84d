package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.lapic.ApicBus;
import dev.virq.lapic.LapicState;
import dev.virq.lapic.Vcpu;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Pin 8 of the I/O APIC is the real-time clock: a tick that asks for its status is refused until
 * every vCPU that took the last one has ended it, so that a guest can count ticks. Its rules are
 * section 11 of {@code src/docs/behaviour.md}.
 */
class RtcTrackerTest {
  private static final int VECTOR = 0x41;
  private static final int OTHER_VECTOR = 0x51;
  private static final int EVERYBODY = 0xff;
  private static final int FIXED = 0;
  private static final int NMI = 4;

  private final ApicBus bus = new ApicBus();
  private final IoApic ioapic = new IoApic(bus, new SeenAcks(), () -> 0);
  private final Vcpu one = enabledVcpu(0);
  private final Vcpu two = enabledVcpu(1);

  @Test
  void aTickIsRefusedUntilTheLastOneHasEnded() {
    entry(FIXED, 0);
    assertThat(tick()).isEqualTo(1);
    assertThat(tick()).isZero();

    end(one, VECTOR);

    assertThat(tick()).isEqualTo(1);
  }

  @Test
  void everyVcpuThatTookATickHasToEndIt() {
    entry(FIXED, EVERYBODY);
    assertThat(tick()).isEqualTo(2);

    end(one, VECTOR);
    assertThat(tick()).isZero();

    end(two, VECTOR);
    assertThat(tick()).isEqualTo(2);
  }

  @Test
  void aVcpuPaysOnce() {
    entry(FIXED, EVERYBODY);
    tick();

    end(one, VECTOR);
    end(one, VECTOR);

    assertThat(tick()).isZero();
  }

  @Test
  void theEndOfAnotherVectorPaysNothing() {
    entry(FIXED, 0);
    tick();

    end(one, OTHER_VECTOR);

    assertThat(tick()).isZero();
  }

  @Test
  void aTickThatDoesNotAskForItsStatusIgnoresWhatIsOwed() {
    entry(FIXED, 0);
    tick();

    assertThat(raise(false)).isEqualTo(1);
  }

  @Test
  void aTickThatDoesNotAskForItsStatusIsNotOwed() {
    entry(FIXED, 0);
    raise(false);

    assertThat(tick()).isEqualTo(1);
  }

  @Test
  void aTickThatNobodyAcceptsIsNotOwed() {
    entry(FIXED, 9);

    assertThat(tick()).isZero();
    entry(FIXED, 0);

    assertThat(tick()).isEqualTo(1);
  }

  @Test
  void aTickDeliveredAsAnNmiIsOwedAndNoEndPaysIt() {
    entry(NMI, 0);
    assertThat(tick()).isEqualTo(1);

    end(one, VECTOR);

    assertThat(tick()).isZero();
  }

  @Test
  void aRestoredLocalApicWithoutTheVectorOwesNothing() {
    entry(FIXED, 0);
    tick();

    restoreWith(one, List.of());

    assertThat(tick()).isEqualTo(1);
  }

  @Test
  void aRestoredLocalApicWithTheVectorInServiceOwesIt() {
    entry(FIXED, 0);

    restoreWith(one, List.of(VECTOR));
    assertThat(tick()).isZero();

    end(one, VECTOR);
    assertThat(tick()).isEqualTo(1);
  }

  @Test
  void aRestoredIoApicFindsWhatIsOwedAgain() {
    entry(FIXED, 0);
    tick();

    ioapic.restore(ioapic.state());
    assertThat(tick()).isZero();

    end(one, VECTOR);
    assertThat(tick()).isEqualTo(1);
  }

  private Vcpu enabledVcpu(int number) {
    bus.create(number, number == 0);
    Vcpu created = bus.vcpus().getLast();
    bus.write(created, 0xf0, 0x1ff);
    return created;
  }

  /** The entry of pin 8: edge-triggered, not masked. */
  private void entry(int mode, int destination) {
    ioapic.restore(
        ioapic
            .state()
            .withPin(
                RtcTracker.PIN,
                Redirection.of(VECTOR, mode, false, destination, false, false, false, false)));
  }

  /** A tick that asks for its status. */
  private int tick() {
    return raise(true);
  }

  private int raise(boolean tracked) {
    int answer = ioapic.drive(RtcTracker.PIN, IrqSource.USER, true, tracked);
    int _ = ioapic.drive(RtcTracker.PIN, IrqSource.USER, false, tracked);
    return answer;
  }

  private void end(Vcpu vcpu, int vector) {
    ioapic.ended(vcpu, vector, false);
  }

  private void restoreWith(Vcpu vcpu, List<Integer> inService) {
    LapicState state = bus.state(vcpu);
    bus.restore(
        vcpu,
        new LapicState(
            state.id(),
            state.svr(),
            state.tpr(),
            state.ppr(),
            state.ldr(),
            state.dfr(),
            state.esr(),
            state.lvtt(),
            state.lvt0(),
            state.lvt1(),
            List.of(),
            inService,
            state.tmr()));
    ioapic.restored(vcpu);
  }
}
