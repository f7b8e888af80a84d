package dev.virq.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final String SUM = "0123456789abcdef";

  @Test
  void repeatedChoicesAreWrittenOnce() {
    Schedule schedule = new Schedule(SUM, new int[] {0, 0, 0, 2, 2, 35, 36});

    assertThat(schedule).hasToString("s1:" + SUM + ":0*3.2*2.z.10");
  }

  @Test
  void zerosAtTheEndAreLeftOut() {
    assertThat(new Schedule(SUM, new int[] {1, 0, 0})).hasToString("s1:" + SUM + ":1");
    assertThat(new Schedule(SUM, new int[] {0, 0})).hasToString("s1:" + SUM + ":");
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 200; round++) {
      int[] choices = random.ints(random.nextInt(60), 0, 3 + round).toArray();
      Schedule schedule = new Schedule(SUM, choices);

      assertThat(Schedule.parse(schedule.toString())).isEqualTo(schedule);
    }
  }

  private static Moment moment(int players) {
    Moment moment = new Moment();
    moment.begin();
    for (int i = 0; i < players; i++) {
      moment.add(new Player(i, "player", null, () -> {}), i == 0);
    }
    return moment;
  }

  @Test
  void aLongOneIsReadWithoutALongStack() {
    int[] choices = IntStream.range(0, 30_000).map(n -> (n + 1) % 2).toArray();
    Schedule schedule = new Schedule(SUM, choices);

    assertThat(schedule.toString()).hasSizeLessThan(Schedule.LONGEST);
    assertThat(Schedule.parse(schedule.toString())).isEqualTo(schedule);
  }

  @Test
  void aReplayFitsWhenEachChoiceIsMadeAndNoneIsLeft() {
    Replay replay = new Replay(new int[] {1, 0, 1});
    assertThat(replay.begin(0)).isTrue();
    assertThat(replay.fits()).isFalse();

    for (int i = 0; i < 3; i++) {
      assertThat(replay.choose(moment(2))).isEqualTo(i == 1 ? 0 : 1);
    }
    assertThat(replay.fits()).isTrue();
    assertThat(replay.choose(moment(2))).isZero();
    assertThat(replay.fits()).isTrue();

    assertThat(replay.begin(1)).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(replay.choose(moment(1))).isZero();
    }
    assertThat(replay.fits()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s1",
        "s2:0123456789abcdef:0",
        "s1:0123456789ABCDEF:0",
        "s1:0123:0",
        "s1:0123456789abcdef:0..1",
        "s1:0123456789abcdef:0.",
        "s1:0123456789abcdef:0*",
        "s1:0123456789abcdef:-1",
        "s1:0123456789abcdef:0*999999",
        "s1:0123456789abcdef:0 "
      })
  void whatIsNoScheduleIsRefused(String text) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }
}
