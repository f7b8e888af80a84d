package dev.virq.irqchip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.chip.Redirection;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.message.Message;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The way back: a vCPU takes a vector and ends it, the chip that sent it hears of the end, and so
 * does a resample irqfd that waits for it. Its rules are sections 6, 8 and 10 of {@code
 * src/docs/behaviour.md}.
 */
class EndOfInterruptTest {
  private static final int GSI = 16;
  private static final int PIC_LINE = 5;
  private static final int PIC_VECTOR = 0x25;
  private static final int LVT_LINT0 = 0x350;
  private static final int NMI = 4 << 8;
  private static final int INIT = 5 << 8;

  private final Board board = Board.full();

  @BeforeEach
  void giveThe8259VectorsFrom20() {
    out(0x20, 0x11);
    out(0x21, 0x20);
    out(0x21, 4);
    out(0x21, 1);
  }

  // ---- at the I/O APIC

  @Test
  void theEndOfALevelInterruptTellsTheListenerOfItsLine() {
    board.listen(GSI);
    deliver(Board.LEVEL);

    assertThat(board.end().told()).containsExactly((long) GSI);

    assertThat(board.told()).containsExactly("16 acknowledged");
  }

  @Test
  void theEndOfAnEdgeInterruptTellsTheListenerToo() {
    board.listen(GSI);
    deliver(Board.EDGE);

    board.end();

    assertThat(board.told()).containsExactly("16 acknowledged");
  }

  @Test
  void aSecondEndTellsNobody() {
    board.listen(GSI);
    deliver(Board.LEVEL);
    board.end();

    assertThat(board.end().ended()).isNull();

    assertThat(board.told()).hasSize(1);
  }

  @Test
  void theEndFindsTheListenerOfTheLineThatThePinHasNow() {
    board.listen(GSI);
    deliver(Board.LEVEL);
    board.route(Board.ioapicPin(3, GSI));

    board.end();

    assertThat(board.told()).isEmpty();
    assertThat(board.entry(GSI).remoteIrr()).isFalse();
  }

  @Test
  void theEndIsForwardedAlsoWhenTheEntryLeadsElsewhereByNow() {
    deliver(Board.LEVEL);
    Redirection before = board.entry(GSI);
    board.entry(GSI, new Redirection(before.bits() | 9L << 56));

    board.end();

    assertThat(board.entry(GSI).remoteIrr()).isFalse();
  }

  @Test
  void theEndOfAVectorThatNoEntryHasChangesNoPin() {
    board.listen(GSI);
    deliver(Board.LEVEL);
    board.chip().send(Message.msi(0xfee0_0000L, 0x91));
    board.take(0x91);

    assertThat(board.end().ended()).isEqualTo(0x91);

    assertThat(board.told()).isEmpty();
    assertThat(board.entry(GSI).remoteIrr()).isTrue();
  }

  @Test
  void unmaskingAPendingLevelTellsTheListenerThatItWasUnmasked() {
    board.listen(GSI);
    board.raise(GSI);

    board.chip().guest().ioapicWrite(0, 0x10 + 2 * GSI, 1 << 15 | Board.VECTOR);

    assertThat(board.told()).containsExactly("16 unmasked");
    assertThat(board.lapic().irr()).isEmpty();
  }

  // ---- at the 8259

  @Test
  void theEndCommandOfThe8259TellsTheListenerOfItsLine() {
    board.listen(PIC_LINE);
    board.raise(PIC_LINE);
    assertThat(board.chip().guest().picAck(0).value()).isEqualTo(PIC_VECTOR);
    assertThat(board.told()).isEmpty();

    assertThat(out(0x20, 0x20).told()).containsExactly((long) PIC_LINE);

    assertThat(board.told()).containsExactly("5 acknowledged");
  }

  @Test
  void aVcpuTakesA8259InterruptOnlyThroughAnUnmaskedLint0() {
    board.raise(PIC_LINE);
    board.chip().guest().lapicWrite(0, LVT_LINT0, 0x1_0700);
    assertThat(board.chip().guest().picAck(0).value()).isNull();

    board.chip().guest().lapicWrite(0, LVT_LINT0, 0x700);

    assertThat(board.chip().guest().picAck(0).value()).isEqualTo(PIC_VECTOR);
  }

  @Test
  void aVcpuTakesNothingFromThe8259WhileNothingIsRequested() {
    assertThat(board.chip().guest().picAck(0).value()).isNull();
  }

  // ---- in user space

  @Test
  void aSplitControllerReportsTheEndOfALevelMessage() {
    assertThat(endOfMessage(3, Board.LEVEL)).isEqualTo(Board.VECTOR);
  }

  @Test
  void aSplitControllerDoesNotReportTheEndOfAnEdgeMessage() {
    assertThat(endOfMessage(3, Board.EDGE)).isNull();
  }

  @Test
  void aSplitControllerReportsOnlyLinesBelowItsReservedPins() {
    assertThat(endOfMessage(23, Board.LEVEL)).isEqualTo(Board.VECTOR);
    assertThat(endOfMessage(24, Board.LEVEL)).isNull();
  }

  /** What a split controller with 24 reserved pins reports of the end of a message of a line. */
  private static Integer endOfMessage(long gsi, boolean level) {
    Board split = Board.split(24);
    split.route(Board.message(gsi, Board.VECTOR, level));
    split.raise(gsi);
    split.take(Board.VECTOR);
    return split.end().eoiExit();
  }

  // ---- a vCPU that runs, and one that does not

  @Test
  void pendingNmisAreTakenBeforeAnAccess() {
    board.chip().send(Message.msi(0xfee0_0000L, NMI));
    board.chip().send(Message.msi(0xfee0_0000L, NMI));

    assertThat(board.end().nmis()).isEqualTo(2);
    assertThat(board.end().nmis()).isZero();
  }

  @Test
  void aParkedVcpuReachesNoChip() {
    board.chip().createVcpu(1);
    board.chip().send(Message.msi(0xfeef_f000L, INIT));

    assertThatThrownBy(() -> board.chip().guest().eoi(1))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
    assertThat(board.end().handled()).as("vCPU 0 still runs").isTrue();
  }

  /** A pulse of the line is delivered and taken. */
  private void deliver(boolean level) {
    board.entry(GSI, Board.VECTOR, level);
    board.pulse(GSI);
    board.take(Board.VECTOR);
  }

  private Access out(int port, int value) {
    return board.chip().guest().out(0, port, value);
  }
}
