package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scripts become recordings of the kernel of this machine: those of the directory that {@code
 * virq.live.record} names, too.
 */
class RecorderTest {
  private static final String RECORD = System.getProperty("virq.live.record", "");

  private static final String SCRIPT =
      """
      # A counter of one
      eventfd_create e 1
      eventfd_read e
      eventfd_read e
      """;

  @Test
  void aScriptBecomesARecording(@TempDir Path directory) throws IOException {
    KvmAvailable.assume();
    Path _ = Files.writeString(directory.resolve("one.txt"), SCRIPT);
    Path _ = Files.writeString(directory.resolve("README.md"), "no script");

    try (LiveKernel kernel = new LiveKernel()) {
      assertThat(new Recorder(kernel::run).record(directory)).isEqualTo(1);
      if (!RECORD.isEmpty()) {
        System.out.printf("%d recordings%n", new Recorder(kernel::run).record(Path.of(RECORD)));
      }
    }

    assertThat(Recordings.object(Files.readString(directory.resolve("one.json"))))
        .isEqualTo(
            Recordings.object(
                """
                {"name":"one", "tier":1, "title":"A counter of one", "steps":[
                  {"op":"eventfd_create e 1","ok":true},
                  {"op":"eventfd_read e","ok":true,"value":1},
                  {"op":"eventfd_read e","ok":false,"errno":"EAGAIN"}]}
                """));
  }

  @Test
  void whatChangesFromRunToRunIsRefused() {
    AtomicLong time = new AtomicLong();
    Recorder recorder =
        new Recorder(script ->
            List.of(
                new Recording.Step(
                    "get", Answers.value(BigInteger.valueOf(time.incrementAndGet())))));

    assertThatThrownBy(() -> recorder.json("clock", SCRIPT))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("clock, step 1, get");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "eventfd_create e 1\n", "# \"Quoted\"\n"})
  void aScriptWithoutTitleIsRefused(String text) {
    assertThatThrownBy(() -> new Recorder(script -> List.of()).json("one", text))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("one: the first line");
  }
}
