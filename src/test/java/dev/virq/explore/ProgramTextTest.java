package dev.virq.explore;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTextTest {
  private static final String PROGRAM =
      """
      setup:        # alone
        vm_create v0
      actor writer:
        eventfd_write e0 1
        eventfd_write e0 2

      actor vmm:
        vm_close v0
      finally:
        eventfd_poll e0
      expect: never use_after_free, deadlock
      expect: always vm_state v0 == RELEASED|NONE
      observe: outcome(writer.2), teardown(irqfd.1).cause, counter e0
      observe: outcome(finally.1), injections(irqfd.2)
      """;

  @Test
  void aProgramIsReadSectionBySection() {
    Program program = ProgramText.parse(PROGRAM);

    assertThat(program.setup().operations()).hasToString("[vm_create v0]");
    assertThat(program.actors()).extracting(Program.Actor::name).containsExactly("writer", "vmm");
    assertThat(program.actors().getFirst().script().operations()).hasSize(2);
    assertThat(program.end().operations()).hasToString("[eventfd_poll e0]");
    assertThat(program.expectations())
        .extracting(Expectation::toString)
        .containsExactly("always vm_state v0 == RELEASED|NONE");
    assertThat(program.observed())
        .extracting(Look::toString)
        .containsExactly(
            "outcome(writer.2)",
            "teardown(irqfd.1).cause",
            "counter e0",
            "outcome(finally.1)",
            "injections(irqfd.2)");
  }

  @Test
  void operationsKnowTheirLines() {
    assertThat(ProgramText.parse(PROGRAM).actors().getFirst().script().operations())
        .extracting(operation -> operation.line())
        .containsExactly(4, 5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "actor a:;nonsense here|line 2",
        "vm_create v0|line 1",
        "actor a:;actor a:|line 2",
        "actor setup:|line 1",
        "actor a b:|line 1",
        "actor a:;vm_close v;expect: sometimes x|line 3",
        "actor a:;vm_close v;expect: never mind|line 3",
        "actor a:;vm_close v;observe: the sea|line 3",
        "actor a:;vm_close v;observe: outcome(a.2)|has 1 operations",
        "actor a:;vm_close v;expect: always outcome(b.1) == OK|has 0 operations",
        "setup:;vm_create v0|no actor",
      })
  void whatIsNotUnderstoodIsRefusedWithItsPlace(String text, String place) {
    assertThatThrownBy(() -> ProgramText.parse(text.replace(";", "\n")))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining(place);
  }

  @Test
  void aProgramIsBounded() {
    assertThatThrownBy(() -> ProgramText.parse("#".repeat(ProgramText.LONGEST + 1)))
        .hasMessageContaining("65536 characters");
    assertThatThrownBy(() -> ProgramText.parse("actor a:\n" + "vm_close v\n".repeat(51)))
        .hasMessageContaining("51 operations");
    StringBuilder actors = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      actors.append("actor a").append(i).append(":\nvm_close v\n");
    }
    assertThatThrownBy(() -> ProgramText.parse(actors.toString())).hasMessageContaining("9 actors");
    assertThatThrownBy(
            () -> ProgramText.parse("actor a:\nvm_close v\n" + "observe: counter e\n".repeat(17)))
        .hasMessageContaining("more than 16");
  }

  @Test
  void theChecksumIsOfWhatAScheduleDependsOn() {
    Program program = ProgramText.parse(PROGRAM);
    String checksum = program.checksum("1", List.of());

    assertThat(checksum).hasSize(16);
    assertThat(
            ProgramText.parse(
                    PROGRAM.replace("observe: outcome(finally.1), injections(irqfd.2)\n", ""))
                .checksum("1", List.of()))
        .isEqualTo(checksum);
    assertThat(program.checksum("2", List.of())).isNotEqualTo(checksum);
    assertThat(program.checksum("1", List.of("no-flush"))).isNotEqualTo(checksum);
    assertThat(ProgramText.parse(PROGRAM.replace("e0 2", "e0 3")).checksum("1", List.of()))
        .isNotEqualTo(checksum);
  }

  @Test
  void longLineThatIsNothingIsGivenUpAtOnce() {
    String blanks = " ".repeat(60_000);
    for (String line :
        List.of(
            "expect: always" + blanks + "x",
            "expect: always a" + blanks + "\u2028x",
            "expect: never" + blanks + "\u2028x",
            "actor" + blanks + "x",
            "actor a" + blanks + "x",
            "expect" + blanks + "x")) {
      assertErrno(Errno.EINVAL, () -> ProgramText.parse(line));
    }
  }

  @Test
  void actorsPastTheBoundAreRefusedBeforeTheyAreMade() {
    String text =
        "\n".repeat(33_000)
            + IntStream.range(0, 2_000)
                .mapToObj(i -> "actor a%d:\nx\n".formatted(i))
                .collect(Collectors.joining());

    assertThatThrownBy(() -> ProgramText.parse(text))
        .hasMessageContaining("9 actors are more than 8");
  }
}
