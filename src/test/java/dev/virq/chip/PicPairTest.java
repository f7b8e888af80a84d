package dev.virq.chip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.routing.Chip;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A PC has two 8259s: the master asks the processor for attention, and the slave asks through line
 * 2 of the master. Their rules are section 6 of {@code src/docs/behaviour.md}.
 */
class PicPairTest {
  private static final int MASTER_COMMAND = 0x20;
  private static final int MASTER_DATA = 0x21;
  private static final int SLAVE_COMMAND = 0xa0;
  private static final int SLAVE_DATA = 0xa1;
  private static final int POLL = 0x0c;
  private static final int NOTHING_POLLED = 7;
  private static final int TAKEN = 0x80;

  private final SeenAcks acks = new SeenAcks();
  private final PicPair pair = new PicPair(acks);

  @BeforeEach
  void giveTheMasterVectorsFrom20AndTheSlaveFrom28() {
    initialise(0x01);
  }

  // ---- from a line to a vector

  @Test
  void theOutputIsHighWhileALineWantsService() {
    assertThat(pair.output()).isFalse();
    pulse(Chip.MASTER, 3);
    assertThat(pair.output()).isTrue();

    write(MASTER_DATA, 1 << 3);

    assertThat(pair.output()).isFalse();
  }

  @Test
  void theProcessorGetsTheVectorOfTheMastersLine() {
    pulse(Chip.MASTER, 3);

    assertThat(pair.acknowledge()).isEqualTo(0x23);

    assertThat(pair.output()).isFalse();
    assertThat(inService(Chip.MASTER)).isEqualTo(1 << 3);
  }

  @Test
  void aLineOfTheSlaveIsServedThroughLineTwoOfTheMaster() {
    pulse(Chip.SLAVE, 4);

    assertThat(pair.acknowledge()).isEqualTo(0x2c);

    assertThat(inService(Chip.MASTER)).isEqualTo(1 << 2);
    assertThat(inService(Chip.SLAVE)).isEqualTo(1 << 4);
  }

  @Test
  void anAcknowledgementThatFindsNothingIsSpuriousLineSeven() {
    assertThat(pair.acknowledge()).isEqualTo(0x27);

    assertThat(inService(Chip.MASTER)).isZero();
  }

  @Test
  void aSlaveThatWantsNothingAnyMoreAnswersItsSpuriousLineSeven() {
    pulse(Chip.SLAVE, 4);
    write(SLAVE_DATA, 0xff);

    assertThat(pair.acknowledge()).isEqualTo(0x2f);

    assertThat(inService(Chip.MASTER)).isEqualTo(1 << 2);
    assertThat(inService(Chip.SLAVE)).isZero();
  }

  @Test
  void aSlaveInServiceHoldsBackItsOtherLines() {
    pulse(Chip.SLAVE, 4);
    pair.acknowledge();

    pulse(Chip.SLAVE, 0);

    assertThat(pair.output()).isFalse();
  }

  @Test
  void specialFullyNestedModeLetsAHigherLineOfTheSlaveThrough() {
    initialise(0x11);
    pulse(Chip.SLAVE, 4);
    pair.acknowledge();

    pulse(Chip.SLAVE, 5);
    assertThat(pair.output()).as("lower priority than line 4").isFalse();

    pulse(Chip.SLAVE, 0);
    assertThat(pair.output()).isTrue();
    assertThat(pair.acknowledge()).isEqualTo(0x28);
  }

  // ---- polling

  @Test
  void aPollTakesTheLineAndLeavesNothingInService() {
    pulse(Chip.MASTER, 3);
    write(MASTER_COMMAND, POLL);

    assertThat(pair.read(MASTER_COMMAND)).isEqualTo(TAKEN | 3);

    assertThat(inService(Chip.MASTER)).isZero();
    assertThat(pair.output()).isFalse();
    assertThat(acks.seen()).containsExactly("MASTER 3 acknowledged");
  }

  @Test
  void aPollThatFindsNothingAnswersSeven() {
    write(MASTER_COMMAND, POLL);

    assertThat(pair.read(MASTER_COMMAND)).isEqualTo(NOTHING_POLLED);

    assertThat(acks.seen()).isEmpty();
  }

  @Test
  void aPollOfTheSlaveAlsoEndsItsRequestAtTheMaster() {
    pulse(Chip.SLAVE, 4);
    write(SLAVE_COMMAND, POLL);

    assertThat(pair.read(SLAVE_COMMAND)).isEqualTo(TAKEN | 4);

    assertThat(pair.state(Chip.MASTER).irr()).isZero();
    assertThat(pair.output()).isFalse();
  }

  @Test
  void onlyOneReadAnswersAPoll() {
    write(MASTER_DATA, 0x55);
    write(MASTER_COMMAND, POLL);
    assertThat(pair.read(MASTER_DATA)).isEqualTo(NOTHING_POLLED);

    assertThat(pair.read(MASTER_DATA)).isEqualTo(0x55);
  }

  // ---- ports

  @Test
  void theTriggerPortsTakeOnlyTheLinesThatCanBeLevelTriggered() {
    write(0x4d0, 0xff);
    write(0x4d1, 0xff);

    assertThat(pair.read(0x4d0)).isEqualTo(0xf8);
    assertThat(pair.read(0x4d1)).isEqualTo(0xde);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1f, 0x22, 0xa2, 0x4cf, 0x4d2})
  void otherPortsAreNotThePairs(int port) {
    assertThat(pair.write(port, 0, true)).isFalse();
    assertThat(pair.read(port)).isEqualTo(PicPair.NOT_HERE);
  }

  // ---- the host

  @Test
  void aRestoreLooksAgainAtWhatIsRequested() {
    pulse(Chip.MASTER, 3);
    PicState requested = pair.state(Chip.MASTER);
    pair.acknowledge();
    assertThat(pair.output()).isFalse();

    pair.restore(Chip.MASTER, requested);

    assertThat(pair.output()).isTrue();
  }

  private void initialise(int masterMode) {
    write(MASTER_COMMAND, 0x11);
    write(MASTER_DATA, 0x20);
    write(MASTER_DATA, 1 << 2);
    write(MASTER_DATA, masterMode);
    write(SLAVE_COMMAND, 0x11);
    write(SLAVE_DATA, 0x28);
    write(SLAVE_DATA, 2);
    write(SLAVE_DATA, 0x01);
  }

  private void write(int port, int value) {
    assertThat(pair.write(port, value, true)).as("a port of the pair").isTrue();
  }

  private void pulse(Chip half, int line) {
    pair.drive(half, line, IrqSource.USER, true);
    pair.drive(half, line, IrqSource.USER, false);
  }

  private int inService(Chip half) {
    return pair.state(half).isr();
  }
}
