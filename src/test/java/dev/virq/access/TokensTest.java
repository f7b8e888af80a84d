package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tokens there are, what they reach, and what is refused without showing any. */
class TokensTest {
  private static final String ALL = "everything-0123456789abcdef";
  private static final String ONE = "team-1-token-0123456789abcdef";
  private static final String TWO = "team-2-token-0123456789abcdef";

  @TempDir private Path directory;

  @Test
  void linesAreTokensForEverythingOrForAPrefix() {
    Tokens tokens =
        Tokens.parse(
            "# tokens of the lab\r\n\r\n%s\r\nteam-1-: %s\n  team-2-:%s  "
                .formatted(ALL, ONE, TWO));

    assertThat(tokens.size()).isEqualTo(3);
    assertThat(tokens.reachOf(ALL)).isEqualTo(Reach.EVERYTHING);
    assertThat(tokens.reachOf(ONE)).isEqualTo(new Reach("team-1-"));
    assertThat(tokens.reachOf(TWO)).isEqualTo(new Reach("team-2-"));
    assertThat(tokens.reachOf(ALL + "x")).isNull();
    assertThat(tokens.reachOf(ALL.substring(1))).isNull();
    assertThat(tokens.reachOf("")).isNull();
    assertThat(tokens.reachOf("team-1-: " + ONE)).isNull();
  }

  @Test
  void prefixReachesNamesThatBeginWithIt() {
    Reach reach = new Reach("team-1-");

    assertThat(reach.includes("team-1-a")).isTrue();
    assertThat(reach.includes("team-10-a")).isFalse();
    assertThat(reach.includes("team-1")).isFalse();
    assertThat(reach.includes("default")).isFalse();
    assertThat(Reach.EVERYTHING.includes("default")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          short-secret                           | line 2: the token has 12 characters; expected 24 to 256
          team-1-: short-secret                  | line 2: the token has 12 characters; expected 24 to 256
          team-1-:                               | line 2: the token has 0 characters; expected 24 to 256
          team-1: a-secret-0123456789abcdef      | line 2: what stands before the colon is no prefix
          Team-1-: a-secret-0123456789abcdef     | line 2: what stands before the colon is no prefix
          a-secret-0123456789abcdef: team-1-     | line 2: what stands before the colon is no prefix
          -: a-secret-0123456789abcdef           | line 2: what stands before the colon is no prefix
          : a-secret-0123456789abcdef            | line 2: what stands before the colon is no prefix
          a secret with blanks 0123456789        | line 2: the token has characters other than letters, digits
          Bearer a-secret-0123456789abcdef       | line 2: the token has characters other than letters, digits
          a-secret-with-ünicode-0123456789       | line 2: the token has characters other than letters, digits
          everything-0123456789abcdef            | line 2: the token is that of line 1 again
          team-1-: everything-0123456789abcdef   | line 2: the token is that of line 1 again
          """)
  void wrongLineIsRefusedByItsNumberAndNotShown(String line, String message) {
    assertThatThrownBy(() -> Tokens.parse(ALL + "\n" + line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret", ALL));
  }

  @Test
  void emptyFileAndTooManyTokensAreRefused() {
    assertThatThrownBy(() -> Tokens.parse("# none yet\n")).hasMessage("there is no token in it");

    String many =
        IntStream.rangeClosed(1, 1001)
            .mapToObj("token-number-%012d"::formatted)
            .collect(Collectors.joining("\n"));
    assertThatThrownBy(() -> Tokens.parse(many)).hasMessage("line 1001: more than 1000 tokens");
  }

  // ---- the file

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("tokens"), text);
  }

  @Test
  void replacedFileIsReadAgainWhenItsTimeHasCome() throws IOException {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    TokensFile tokens = new TokensFile(file(ONE), now::get);

    var _ = file(TWO);
    now.addAndGet(TokensFile.LOOK_NANOS - 1);
    assertThat(tokens.reachOf(ONE)).isEqualTo(Reach.EVERYTHING);
    now.incrementAndGet();
    assertThat(tokens.reachOf(ONE)).isNull();
    assertThat(tokens.reachOf(TWO)).isEqualTo(Reach.EVERYTHING);

    var _ = file(ALL);
    now.addAndGet(TokensFile.LOOK_NANOS - 1);
    assertThat(tokens.reachOf(TWO)).as("not looked at again yet").isEqualTo(Reach.EVERYTHING);
    now.incrementAndGet();
    assertThat(tokens.reachOf(TWO)).isNull();
  }

  @Test
  void fileThatHasBecomeWrongOrIsGoneChangesNothing() throws IOException {
    AtomicLong now = new AtomicLong();
    TokensFile tokens = new TokensFile(file(ONE), now::get);

    var _ = file("short");
    now.addAndGet(TokensFile.LOOK_NANOS);
    assertThat(tokens.reachOf(ONE)).isEqualTo(Reach.EVERYTHING);
    Files.delete(directory.resolve("tokens"));
    now.addAndGet(TokensFile.LOOK_NANOS);
    assertThat(tokens.reachOf(ONE)).isEqualTo(Reach.EVERYTHING);

    var _ = file("team-2-: " + TWO);
    now.addAndGet(TokensFile.LOOK_NANOS);
    assertThat(tokens.reachOf(ONE)).isNull();
    assertThat(tokens.reachOf(TWO)).isEqualTo(new Reach("team-2-"));
  }

  @Test
  void fileThatCannotBeReadOrIsTooLongIsRefused() throws IOException {
    assertThatThrownBy(() -> new TokensFile(directory.resolve("nowhere"), () -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be read: NoSuchFileException");
    assertThatThrownBy(() -> new TokensFile(directory, () -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be read");
    Path tooLong = file("# " + "x".repeat(64 * 1024) + "\n" + ONE);
    assertThatThrownBy(() -> new TokensFile(tooLong, () -> 0))
        .hasMessage("it has more than 65536 bytes");
  }

  @Test
  void settingsDoNotShowTheToken() {
    assertThat(new AccessSettings(List.of(), ALL, "")).asString().doesNotContain(ALL);
  }
}
