package dev.virq.errno;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> NAMES = List.of("inject.locked", "vm", "irqfd", "SETTLED");

  @Test
  void aSlipIsSuggested() {
    assertThat(NearestName.hint("inject.lokced", NAMES)).isEqualTo("; did you mean inject.locked?");
    assertThat(NearestName.hint("irqdf", NAMES)).isEqualTo("; did you mean irqfd?");
    assertThat(NearestName.hint("vmm", NAMES)).isEqualTo("; did you mean vm?");
  }

  @Test
  void caseDoesNotCount() {
    assertThat(NearestName.hint("settled", NAMES)).isEqualTo("; did you mean SETTLED?");
  }

  @Test
  void aWrongPlaceInTheTreeIsOneSlip() {
    assertThat(NearestName.hint("locked", NAMES)).isEqualTo("; did you mean inject.locked?");
  }

  @Test
  void ofTwoThatAreAsNearItIsTheFirstInTheAlphabet() {
    for (List<String> names : List.of(List.of("pins", "pink"), List.of("pink", "pins"))) {
      assertThat(NearestName.hint("pind", names)).isEqualTo("; did you mean pink?");
    }
  }

  @Test
  void aLongNameHasRoomForASlipInEveryThirdLetter() {
    List<String> names = List.of("abcdefghijkl");

    assertThat(NearestName.hint("abcdefgh0000", names)).isEqualTo("; did you mean abcdefghijkl?");
    assertThat(NearestName.hint("abcdefg00000", names)).isEmpty();
  }

  @Test
  void whatIsFarFromAllIsNotSuggested() {
    assertThat(NearestName.hint("breakpoint", NAMES)).isEmpty();
    assertThat(NearestName.hint("gs", NAMES)).isEmpty();
    assertThat(NearestName.hint("i".repeat(100_000), NAMES)).isEmpty();
    // Not even compared.
    assertThat(NearestName.hint("i".repeat(81), List.of("i".repeat(80)))).isEmpty();
    assertThat(NearestName.hint("vm", List.of())).isEmpty();
  }
}
