package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.ErrnoException;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ScriptAnswerTest {
  private final JsonMapper json = JsonMapper.builder().build();

  private String line(Result result) {
    return json.writeValueAsString(result.members()) + "\n";
  }

  private static Result result(int length) {
    Operation operation = Script.parse("vm_create v0", 1).operations().getFirst();
    return new Result(operation, null, Map.of("value", "x".repeat(length)));
  }

  @Test
  void linesAreWholeAcrossTheBlocksThatHoldThem() throws IOException {
    ScriptAnswer answer = new ScriptAnswer(json, 1 << 20);
    StringBuilder expected = new StringBuilder();
    int[] lengths = {1, 16_000, 400, 16_384, 50_000, 3};
    for (int length : lengths) {
      answer.add(result(length));
      expected.append(line(result(length)));
    }

    assertThat(answer.read().readAllBytes()).asString(UTF_8).isEqualTo(expected.toString());
    assertThat(answer.length()).isEqualTo(expected.length());
  }

  @Test
  void endsWithABlockThatIsFull() throws IOException {
    ScriptAnswer answer = new ScriptAnswer(json, 1 << 20);
    Result full = result(16_384 - line(result(0)).length());
    answer.add(full);

    assertThat(answer.length()).isEqualTo(16_384);
    assertThat(answer.read().readAllBytes()).asString(UTF_8).isEqualTo(line(full));
  }

  @Test
  void emptyOneHasNothing() throws IOException {
    assertThat(new ScriptAnswer(json, 10).read().readAllBytes()).isEmpty();
  }

  @Test
  void isNoLongerThanItMayBe() {
    long length = line(result(3)).length();
    new ScriptAnswer(json, length).add(result(3));

    ScriptAnswer tooShort = new ScriptAnswer(json, length - 1);
    assertThatThrownBy(() -> tooShort.add(result(3)))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining(String.valueOf(length - 1));
  }
}
