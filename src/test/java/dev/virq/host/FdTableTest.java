package dev.virq.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FdTableTest {
  private final FdTable<String> table = new FdTable<>();

  @Test
  void numbersBeginAfterTheStandardStreams() {
    assertThat(table.install("a")).isEqualTo(3);
    assertThat(table.install("b")).isEqualTo(4);
    assertThat(table.get(3)).isEqualTo("a");
    assertThat(table.get(4)).isEqualTo("b");
  }

  @Test
  void lowestFreeNumberIsUsedAgain() {
    for (int i = 0; i < 6; i++) {
      table.install("old" + i);
    }
    table.remove(7);
    table.remove(4);
    table.remove(5);

    assertThat(table.install("a")).isEqualTo(4);
    assertThat(table.install("b")).isEqualTo(5);
    assertThat(table.install("c")).isEqualTo(7);
    assertThat(table.install("d")).isEqualTo(9);
    assertThat(table.get(5)).isEqualTo("b");
  }

  @Test
  void removalTellsWhatItWasOnce() {
    int fd = table.install("a");

    assertThat(table.remove(fd)).isEqualTo("a");
    assertThat(table.remove(fd)).isNull();

    assertThat(table.get(fd)).isNull();
    assertThat(table.size()).isZero();
    assertThat(table.install("b")).isEqualTo(fd);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 2, 4, (1L << 32) + 3, Long.MAX_VALUE, Long.MIN_VALUE + 3})
  void numbersThatAreNotOpenFindNothing(long fd) {
    assertThat(table.install("a")).isEqualTo(3);

    assertThat(table.get(fd)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3 4 5 7", "7 5 4 3", "5 3 7 4", "4 7 3 5"})
  void numbersThatAreAskedForLeaveTheLowestFree(String numbers) {
    for (String fd : numbers.split(" ", -1)) {
      table.installAt(Integer.parseInt(fd), "fd" + fd);
    }

    assertThat(table.install("a")).isEqualTo(6);
    assertThat(table.install("b")).isEqualTo(8);
    assertThat(table.remove(4)).isEqualTo("fd4");
    assertThat(table.install("c")).isEqualTo(4);
    assertThat(table.install("d")).isEqualTo(9);
    assertThat(table.size()).isEqualTo(7);
    assertThatThrownBy(() -> table.installAt(5, "e")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void objectWithSeveralNumbersIsListedOnce() {
    table.install("a");
    table.install("b");
    table.install("a");

    assertThat(table.distinct()).containsExactlyInAnyOrder("a", "b");
    assertThat(table.size()).isEqualTo(3);
  }
}
