package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RoomTest {
  private static final long NOW = 1_000_000;

  private static List<Long> closed(int most, long... silentMillis) {
    return Room.toMake(
        LongStream.of(silentMillis)
            .mapToObj(millis -> new Room.Silent<>(millis, NOW - millis))
            .toList(),
        most,
        NOW);
  }

  @Test
  void longestSilentAreClosedFirstAndOnlyAPart() {
    assertThat(closed(16, 2_000, 9_000, 3_000, 8_000)).containsExactly(9_000L, 8_000L);
  }

  @Test
  void oneIsClosedOfFew() {
    assertThat(closed(3, 2_000, 9_000)).containsExactly(9_000L);
  }

  @Test
  void clientBetweenTwoRequestsKeepsIts() {
    assertThat(closed(8, 999, 10)).isEmpty();
    assertThat(closed(8, 1_000)).containsExactly(1_000L);
  }
}
