package dev.virq.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.SplittableRandom;
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
