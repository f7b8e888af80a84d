package dev.virq.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The vectors of a local APIC's 256-bit registers: those pending, in service, or accepted as
 * level-triggered. The rules that use them are section 8 of {@code src/docs/behaviour.md}.
 */
class VectorsTest {
  private final PendingVectors.Vectors vectors = new PendingVectors.Vectors();

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 32, 63, 64, 255})
  void aVectorIsInTheSetFromAddToRemove(int vector) {
    vectors.add(vector);
    assertThat(vectors.has(vector)).isTrue();
    assertThat(vectors.highest()).isEqualTo(vector);

    vectors.remove(vector);
    assertThat(vectors.has(vector)).isFalse();
    assertThat(vectors.list()).isEmpty();
  }

  @Test
  void theHighestVectorIsTheOneOfTheHighestNumber() {
    vectors.set(List.of(0x93, 0x41, 0x72));

    assertThat(vectors.highest()).isEqualTo(0x93);
  }

  @Test
  void anEmptySetHasNoHighestVector() {
    assertThat(vectors.highest()).isEqualTo(-1);
  }

  @Test
  void theListIsInAscendingOrder() {
    vectors.set(List.of(0xff, 0x40, 0));

    assertThat(vectors.list()).containsExactly(0, 0x40, 0xff);
  }

  @Test
  void settingReplacesWhatWasThere() {
    vectors.add(0x41);

    vectors.set(List.of(0x51));

    assertThat(vectors.list()).containsExactly(0x51);
  }

  @Test
  void aRegisterShowsThirtyTwoOfTheVectors() {
    vectors.set(List.of(31, 32, 95));

    assertThat(vectors.word(0)).isEqualTo(1 << 31);
    assertThat(vectors.word(1)).isEqualTo(1);
    assertThat(vectors.word(2)).isEqualTo(1 << 31);
    assertThat(vectors.word(3)).isZero();
  }
}
