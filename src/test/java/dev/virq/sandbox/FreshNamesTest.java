package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FreshNamesTest {
  @Test
  void nameThatIsTakenIsDrawnAgain() {
    Iterator<Long> drawn = List.of(0L, 0L, 31L).iterator();
    FreshNames names = new FreshNames((RandomGenerator) drawn::next);

    assertThat(names.next("sb-", "sb-aaaaaaaaaa"::equals)).isEqualTo("sb-7aaaaaaaaa");
  }

  @Test
  void everyCharacterIsDrawnFromFiveBitsOfItsOwn() {
    FreshNames names = new FreshNames((RandomGenerator) () -> -1L >>> 14);

    assertThat(names.next("", name -> false)).isEqualTo("7777777777");
  }

  @Test
  void nameIsALabelHoweverLongThePrefix() {
    FreshNames names = new FreshNames((RandomGenerator) () -> 0L);

    assertThat(names.next("p".repeat(53), name -> false)).hasSize(63);
    assertThatThrownBy(() -> names.next("p".repeat(54), name -> false))
        .hasMessageContaining("leaves no room");
  }
}
