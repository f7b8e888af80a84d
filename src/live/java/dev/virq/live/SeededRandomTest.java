package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeededRandomTest {
  private static final int CHOICES = 50;

  /** By which the seeds of two runs lie apart. */
  private static final long APART = 0x9e3779b97f4a7c15L;

  @Test
  void seedsOfTwoRunsShareNoSequence() {
    List<Integer> one = choices(APART);
    List<Integer> other = choices(APART << 1);

    assertThat(one).doesNotContainAnyElementsOf(other);
  }

  private static List<Integer> choices(long seed) {
    SeededRandom random = new SeededRandom(seed);
    return IntStream.range(0, CHOICES).mapToObj(i -> random.below(1 << 30)).toList();
  }
}
