package dev.virq.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineRangesTest {
  @Test
  void rangesAreAsFewAsTheyCanBe() {
    BitSet lines = new BitSet();
    lines.set(0, 24);
    lines.set(40);
    lines.set(4_094, 4_096);

    assertThat(LineRanges.text(lines)).isEqualTo("0-23,40,4094-4095");
    assertThat(LineRanges.text(new BitSet())).isEmpty();
  }

  @Test
  void anyLinesComeBack() {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      BitSet lines = new BitSet();
      int density = random.nextInt(100);
      for (int gsi = random.nextInt(4_096); gsi < RoutingTable.MAX_ENTRIES; gsi++) {
        lines.set(gsi, random.nextInt(100) < density);
      }

      assertThat(LineRanges.lines(LineRanges.text(lines))).isEqualTo(lines);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",",
        "1,",
        ",1",
        "1-1",
        "2-1",
        "1-2,3",
        "3,1",
        "1,1",
        "01",
        "1 ",
        "-1",
        "1-",
        "a",
        "4096",
        "4095-4096",
        "0-99999",
        "0-4,2-8",
        "１"
      })
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> LineRanges.lines(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0..4095");
  }

  @Test
  void aLongTextIsOnlyRefused() {
    assertThatThrownBy(() -> LineRanges.lines("1,".repeat(500_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
