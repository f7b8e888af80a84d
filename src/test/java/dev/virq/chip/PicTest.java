package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.routing.Chip;
import org.junit.jupiter.api.Test;

/**
 * An 8259 is an interrupt controller with eight lines, a mask, and a fixed or rotating order of
 * priority. Its rules are section 6 of {@code src/docs/behaviour.md}.
 */
class PicTest {
  private static final int NONE = -1;
  private static final int END = 0x20;
  private static final int END_AND_ROTATE = 0xa0;
  private static final int END_OF_LINE = 0x60;
  private static final int LOWEST_PRIORITY = 0xc0;
  private static final int READ_REQUESTS = 0x0a;
  private static final int READ_SERVICE = 0x0b;

  private final SeenAcks acks = new SeenAcks();
  private final Pic pic = new Pic(Chip.MASTER, 0xf8, acks);

  // ---- requests

  @Test
  void anEdgeIsRememberedAfterTheLineHasFallen() {
    pulse(3);

    assertThat(pic.wanted()).isEqualTo(3);
  }

  @Test
  void aMaskedLineRemembersAnEdgeUntilItIsUnmasked() {
    mask(1 << 3);
    pulse(3);
    assertThat(pic.wanted()).isEqualTo(NONE);

    mask(0);

    assertThat(pic.wanted()).isEqualTo(3);
  }

  @Test
  void anEdgeLineThatStaysHighRequestsOnce() {
    pic.setLine(3, true);
    pic.acknowledge(3);
    command(END);

    pic.setLine(3, true);

    assertThat(pic.wanted()).isEqualTo(NONE);
  }

  @Test
  void aLevelLineRequestsForAsLongAsItIsHigh() {
    pic.writeTrigger(1 << 3);
    pic.setLine(3, true);
    pic.acknowledge(3);
    command(END);
    assertThat(pic.wanted()).as("still high").isEqualTo(3);

    pic.setLine(3, false);

    assertThat(pic.wanted()).isEqualTo(NONE);
  }

  @Test
  void onlySomeLinesCanBeLevelTriggered() {
    pic.writeTrigger(0xff);

    assertThat(pic.readTrigger()).isEqualTo(0xf8);
  }

  @Test
  void theAnswerTellsAnEdgeFromOneThatIsMergedAndOneThatIsMasked() {
    assertThat(pic.setLine(3, true)).as("latched").isEqualTo(1);
    assertThat(pic.setLine(3, true)).as("high already").isEqualTo(1);
    assertThat(pic.setLine(3, false)).as("lowered").isEqualTo(1);
    assertThat(pic.setLine(3, true)).as("merged with the request").isZero();

    mask(1 << 3);
    assertThat(pic.setLine(3, false)).isEqualTo(-1);
    assertThat(pic.setLine(3, true)).isEqualTo(-1);
  }

  // ---- priority

  @Test
  void theLowestLineHasTheHighestPriority() {
    pulse(6);
    pulse(1);
    pulse(4);

    assertThat(pic.wanted()).isEqualTo(1);
  }

  @Test
  void aLineInServiceHoldsBackItselfAndAllOfLowerPriority() {
    pulse(3);
    pic.acknowledge(3);

    pulse(3);
    pulse(5);
    assertThat(pic.wanted()).isEqualTo(NONE);

    pulse(2);
    assertThat(pic.wanted()).isEqualTo(2);
  }

  @Test
  void theLineAfterTheLowestPriorityHasTheHighest() {
    pulse(1);
    pulse(5);

    command(LOWEST_PRIORITY + 4);

    assertThat(pic.wanted()).isEqualTo(5);
  }

  @Test
  void anEndWithRotationMakesTheLineTheLowestPriority() {
    pulse(3);
    pic.acknowledge(3);

    command(END_AND_ROTATE);

    pulse(3);
    pulse(4);
    assertThat(pic.wanted()).isEqualTo(4);
  }

  // ---- the end of interrupt

  @Test
  void anEndWithoutANumberEndsTheHighestPriorityInService() {
    pulse(5);
    pic.acknowledge(5);
    pulse(3);
    pic.acknowledge(3);

    assertThat(command(END)).isTrue();

    assertThat(inService()).isEqualTo(1 << 5);
    assertThat(acks.seen()).containsExactly("MASTER 3 acknowledged");
  }

  @Test
  void anEndWithNothingInServiceDoesNothing() {
    assertThat(command(END)).isFalse();

    assertThat(acks.seen()).isEmpty();
  }

  @Test
  void anEndOfALineCountsAsItsAcknowledgementAlsoWhenItIsNotInService() {
    command(END_OF_LINE + 5);

    assertThat(acks.seen()).containsExactly("MASTER 5 acknowledged");
  }

  @Test
  void withAutomaticEndNothingStaysInService() {
    initialise(0x03);
    pulse(3);

    pic.acknowledge(3);

    assertThat(inService()).isZero();
    assertThat(acks.seen()).containsExactly("MASTER 3 acknowledged");
  }

  // ---- initialisation

  @Test
  void theSecondInitialisationWordIsTheVectorOfLineZero() {
    initialise(0x01);

    assertThat(pic.vector(3)).as("the low three bits are the line's").isEqualTo(0x40 + 3);
  }

  @Test
  void initialisationKeepsHighLevelLinesAndDropsEdges() {
    pic.writeTrigger(1 << 5);
    pic.setLine(5, true);
    pulse(3);

    initialise(0x01);

    assertThat(requests()).isEqualTo(1 << 5);
  }

  @Test
  void initialisationUnmasksAllLinesAndLeavesThemInService() {
    pulse(3);
    pic.acknowledge(3);
    mask(0xff);

    initialise(0x01);

    assertThat(pic.readData()).isZero();
    assertThat(inService()).isEqualTo(1 << 3);
  }

  @Test
  void aDroppedEdgeIsAcknowledgedOnlyIfSomeVcpuTakesInterruptsOfThe8259() {
    pulse(3);
    pic.command(0x11, false);
    assertThat(acks.seen()).isEmpty();

    pulse(3);
    pic.command(0x11, true);
    assertThat(acks.seen()).containsExactly("MASTER 3 acknowledged");
  }

  // ---- reads

  @Test
  void theCommandPortShowsRequestsOrServiceAsItWasLastAsked() {
    pulse(3);
    pic.acknowledge(3);
    pulse(5);

    command(READ_SERVICE);
    assertThat(pic.readCommand()).isEqualTo(1 << 3);

    command(READ_REQUESTS);
    assertThat(pic.readCommand()).isEqualTo(1 << 5);
  }

  private void pulse(int line) {
    pic.setLine(line, true);
    pic.setLine(line, false);
  }

  private void mask(int lines) {
    pic.data(lines);
  }

  private boolean command(int value) {
    return pic.command(value, true);
  }

  /** The four words: vectors from 0x40, and the given mode. */
  private void initialise(int mode) {
    pic.command(0x11, false);
    pic.data(0x47);
    pic.data(4);
    pic.data(mode);
  }

  private int requests() {
    return pic.state().irr();
  }

  private int inService() {
    return pic.state().isr();
  }
}
