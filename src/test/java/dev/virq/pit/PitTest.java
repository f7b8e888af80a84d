package dev.virq.pit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.clock.SandboxClock;
import org.junit.jupiter.api.Test;

/** The interval timer, by a clock that the test moves: section 15 of {@code behaviour.md}. */
class PitTest {
  private static final int CONTROL = 0x43;
  private static final int SPEAKER = 0x61;

  /** Of a count of 11932, which is 10 ms and a little more. */
  private static final long PERIOD = 10_000_150;

  private final SandboxClock clock = SandboxClock.standing();
  private final Pit pit = new Pit(clock, true);

  private void program(int channel, int mode, int count) {
    write(CONTROL, channel << 6 | 0x30 | mode << 1);
    write(0x40 + channel, count & 0xff);
    write(0x40 + channel, count >> 8);
  }

  private void write(int port, int value) {
    assertThat(pit.write(port, 1, value)).as("port %x", port).isTrue();
  }

  private int read(int port) {
    return pit.read(port, 1);
  }

  private int count(int channel) {
    write(CONTROL, channel << 6);
    return read(0x40 + channel) | read(0x40 + channel) << 8;
  }

  private int status(int channel) {
    write(CONTROL, 0xe0 | 2 << channel);
    return read(0x40 + channel);
  }

  // ---- ticks

  @Test
  void aPeriodTicksAgainAndAgain() {
    program(0, 2, 11_932);

    clock.advance(PERIOD - 1);
    assertThat(pit.pulses()).isZero();
    clock.advance(1);
    assertThat(pit.pulses()).isEqualTo(1);
    pit.acknowledged();
    clock.advance(PERIOD);
    assertThat(pit.pulses()).isEqualTo(1);
  }

  @Test
  void aOneShotTicksOnce() {
    program(0, 0, 11_932);

    clock.advance(10 * PERIOD);
    assertThat(pit.pulses()).isEqualTo(1);
    pit.acknowledged();
    clock.advance(10 * PERIOD);
    assertThat(pit.pulses()).isZero();
  }

  @Test
  void aModeWithoutATimerDoesNotTick() {
    program(0, 2, 11_932);
    program(0, 5, 11_932);

    clock.advance(10 * PERIOD);

    assertThat(pit.pulses()).isZero();
  }

  @Test
  void aControlWordAloneLeavesTheTimerRunning() {
    program(0, 2, 11_932);
    write(CONTROL, 0x3a);

    clock.advance(PERIOD);

    assertThat(pit.pulses()).isEqualTo(1);
  }

  @Test
  void missedTicksAreMadeUpForOneByOne() {
    program(0, 2, 11_932);
    clock.advance(3 * PERIOD);

    assertThat(pit.pulses()).isEqualTo(1);
    assertThat(pit.pulses()).as("not before it is acknowledged").isZero();
    for (int more = 0; more < 2; more++) {
      pit.acknowledged();
      assertThat(pit.pulses()).isEqualTo(1);
    }
    pit.acknowledged();
    assertThat(pit.pulses()).isZero();
  }

  @Test
  void unmaskingOrLoadingForgetsMissedTicks() {
    program(0, 2, 11_932);
    clock.advance(3 * PERIOD);
    assertThat(pit.pulses()).isEqualTo(1);

    pit.unmasked();
    pit.acknowledged();
    assertThat(pit.pulses()).isZero();

    clock.advance(3 * PERIOD);
    program(0, 2, 11_932);
    assertThat(pit.pulses()).isZero();
  }

  @Test
  void withoutReinjectionNothingIsMadeUpForAndNothingWaits() {
    pit.reinject(false);
    program(0, 2, 11_932);

    clock.advance(2 * PERIOD);
    assertThat(pit.pulses()).isEqualTo(2);
    pit.acknowledged();
    assertThat(pit.pulses()).isZero();
    clock.advance(1_000_000 * PERIOD);
    assertThat(pit.pulses()).as("bounded").isEqualTo(PitTicks.MOST_PULSES);
  }

  @Test
  void aShortPeriodIsLengthenedAfterTheFirstTick() {
    pit.reinject(false);
    program(0, 2, 2);

    clock.advance(1_676);
    assertThat(pit.pulses()).isEqualTo(1);
    clock.advance(199_999);
    assertThat(pit.pulses()).isZero();
    clock.advance(1);
    assertThat(pit.pulses()).isEqualTo(1);
  }

  @Test
  void underAnHpetNothingTicks() {
    program(0, 2, 11_932);
    pit.restore(new PitState(pit.state().channels(), PitState.HPET_LEGACY));
    program(0, 2, 11_932);
    clock.advance(PERIOD);
    assertThat(pit.pulses()).isZero();

    pit.restore(new PitState(pit.state().channels(), 0));

    clock.advance(PERIOD);
    assertThat(pit.pulses()).isEqualTo(1);
  }

  // ---- counts

  @Test
  void countsGoDownAtTheirRate() {
    program(1, 2, 11_932);
    program(2, 0, 11_932);
    clock.advance(5_000_080);

    assertThat(count(1)).isEqualTo(11_932 - 5_966);
    assertThat(count(2)).isEqualTo(11_932 - 5_966);
    assertThat(status(2) >> 7).isZero();

    clock.advance(PERIOD);
    assertThat(count(1)).as("begins again").isEqualTo(11_932 - 5_966);
    assertThat(count(2)).as("wraps").isEqualTo(0x10000 - 5_966);
    assertThat(status(2) >> 7).isEqualTo(1);
  }

  @Test
  void aSquareWaveCountsTwiceAsFast() {
    program(1, 3, 10_000);
    clock.advance(1_000_000);

    assertThat(count(1)).isEqualTo(10_000 - 2 * 1_193);
    assertThat(status(1) >> 7).isEqualTo(1);

    clock.advance(4_000_000);
    assertThat(status(1) >> 7).isZero();
  }

  @Test
  void aLatchStaysUntilItIsRead() {
    program(1, 2, 60_000);
    write(CONTROL, 0x40);
    int latched = pit.state().channels().get(1).latchedCount();
    clock.advance(1_000_000);
    write(CONTROL, 0x40);

    assertThat(read(0x41) | read(0x41) << 8).isEqualTo(latched);
    assertThat(count(1)).isEqualTo(latched - 1_193);
  }

  @Test
  void onlyTheGateOfTheThirdCounterIsGuestsAndItsRiseStartsSomeModesAgain() {
    program(2, 2, 60_000);
    write(SPEAKER, 0);
    clock.advance(1_000_000);
    assertThat(count(2)).as("a gate stops nothing").isEqualTo(60_000 - 1_193);

    write(SPEAKER, 1);

    assertThat(count(2)).isEqualTo(60_000);
    clock.advance(1_000_000);
    write(SPEAKER, 3);
    assertThat(count(2)).as("it was high").isEqualTo(60_000 - 1_193);
    assertThat(read(SPEAKER) & 3).isEqualTo(3);
  }

  // ---- ports

  @Test
  void accessesHaveToLieWithinThePorts() {
    assertThat(pit.read(0x40, 4)).isNotEqualTo(Pit.NOT_HERE);
    assertThat(pit.read(0x41, 4)).isEqualTo(Pit.NOT_HERE);
    assertThat(pit.read(0x43, 1)).isZero();
    assertThat(pit.read(0x44, 1)).isEqualTo(Pit.NOT_HERE);
    assertThat(pit.read(0x3f, 2)).isEqualTo(Pit.NOT_HERE);
    assertThat(pit.read(0x62, 1)).isEqualTo(Pit.NOT_HERE);
    assertThat(new Pit(clock, false).read(SPEAKER, 1)).isEqualTo(Pit.NOT_HERE);
  }

  // ---- all of it

  @Test
  void whatItBecomesGoesOnFromThere() {
    program(0, 3, 11_932);
    program(1, 2, 60_000);
    clock.advance(2 * PERIOD + 4_000_000);
    assertThat(pit.pulses()).isEqualTo(1);
    SandboxClock other = SandboxClock.standing();
    other.advance(77);

    Pit copy = new Pit(other, pit.whole(clock.now()), other.now());

    assertThat(copy.whole(other.now())).isEqualTo(pit.whole(clock.now()));
    copy.acknowledged();
    assertThat(copy.pulses()).as("the one that was missed").isEqualTo(1);
    copy.acknowledged();
    other.advance(PERIOD - 4_000_001);
    assertThat(copy.pulses()).isZero();
    other.advance(1);
    assertThat(copy.pulses()).isEqualTo(1);
  }
}
