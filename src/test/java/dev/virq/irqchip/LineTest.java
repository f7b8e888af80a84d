package dev.virq.irqchip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.chip.IrqSource;
import dev.virq.routing.Chip;
import dev.virq.trace.LineStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A line (GSI) drives every pin that the routing table leads it to, and answers with one status for
 * all of them. Its rules are section 5 of {@code src/docs/behaviour.md}.
 */
class LineTest {
  private static final int MASTER_DATA = 0x21;

  private final Board board = Board.full();

  // ---- status

  @Test
  void theStatusIsTheSumOfWhatTheRoutesAnswer() {
    board.entry(5, Board.VECTOR, Board.EDGE);

    assertThat(board.raise(5)).as("the I/O APIC and the 8259").isEqualTo(2);
  }

  @Test
  void aRouteThatIsMaskedIsLeftOutOfTheSum() {
    assertThat(board.raise(5)).as("the 8259 alone").isEqualTo(1);
  }

  @Test
  void aLineWhoseRoutesAreAllMaskedIsIgnored() {
    board.chip().guest().out(0, MASTER_DATA, 1 << 5);

    assertThat(board.raise(5)).isEqualTo(-1);
  }

  @Test
  void aLineWithoutRoutesIsIgnored() {
    board.route();

    assertThat(board.raise(5)).isEqualTo(-1);
    assertThat(board.lower(5)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({"2, DELIVERED", "1, DELIVERED", "0, COALESCED", "-1, IGNORED"})
  void aStatusIsNamedByItsSign(int status, LineStatus name) {
    assertThat(LineStatus.of(status)).isEqualTo(name);
  }

  // ---- pins

  @Test
  void aPulseOnALineThatTheUserHoldsLeavesItLow() {
    board.raise(5);

    board.pulse(5);

    assertThat(board.chip().line(5).level()).isFalse();
  }

  @Test
  void aPulseOnALineThatAResampleIrqfdHoldsLeavesItHigh() {
    board.chip().setIrq(IrqSource.RESAMPLE, 5, true);

    board.pulse(5);

    assertThat(board.chip().line(5).level()).isTrue();
  }

  @Test
  void aPulseOnAMaskedLineStaysInThe8259ButNotInTheIoApic() {
    board.chip().guest().out(0, MASTER_DATA, 1 << 5);

    board.pulse(5);

    assertThat(board.chip().host().pic(Chip.MASTER).irr()).isEqualTo(1 << 5);
    assertThat(board.chip().host().ioapic().irr()).isZero();
  }

  @Test
  void aLineThatIsRoutedAwayLeavesItsPinHigh() {
    board.raise(16);

    board.route(Board.ioapicPin(16, 17), Board.ioapicPin(3, 16));
    board.lower(16);

    assertThat(board.chip().line(3).level()).as("pin 16").isTrue();
  }

  @Test
  void twoLinesOfOnePinOverwriteEachOther() {
    board.route(Board.ioapicPin(3, 16), Board.ioapicPin(4, 16));
    board.raise(3);

    board.lower(4);

    assertThat(board.chip().line(3).level()).isFalse();
  }

  // ---- messages

  @Test
  void aMessageIsSentWhenItsLineRises() {
    board.route(Board.message(3, Board.VECTOR, Board.EDGE));

    assertThat(board.raise(3)).isEqualTo(1);

    assertThat(board.lapic().irr()).containsExactly(Board.VECTOR);
  }

  @Test
  void aMessageIsNotSentWhenItsLineFalls() {
    board.route(Board.message(3, Board.VECTOR, Board.EDGE));

    assertThat(board.lower(3)).isEqualTo(-1);

    assertThat(board.lapic().irr()).isEmpty();
  }

  @Test
  void aMessageHasNoLevelSoEveryRaiseSendsIt() {
    board.route(Board.message(3, Board.VECTOR, Board.EDGE));
    board.raise(3);
    board.take(Board.VECTOR);

    board.raise(3);

    assertThat(board.lapic().irr()).containsExactly(Board.VECTOR);
  }
}
