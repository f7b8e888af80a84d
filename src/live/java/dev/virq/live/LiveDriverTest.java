package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import dev.virq.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The driver of the real kernel does what the recordings were made by: carried out once more on the
 * kernel of this machine, every recorded script answers as it did then.
 */
class LiveDriverTest {
  /**
   * Real time passes in a recording that waits for a timer. Where this machine stalls for longer
   * than that leaves room for, the timer has expired when it is looked at, and nothing is wrong.
   */
  private static final int ATTEMPTS_WITH_TIMERS = 5;

  private static LiveKernel kernel;

  @BeforeAll
  static void open() {
    KvmAvailable.assume();
    kernel = new LiveKernel();
  }

  @AfterAll
  static void close() {
    if (kernel != null) {
      kernel.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> theKernelAnswersAsItDidThen() {
    return Recordings.all().stream()
        .map(recording ->
            DynamicTest.dynamicTest(recording.name(), () -> requireSameAnswers(recording)));
  }

  private static void requireSameAnswers(Recording recording) {
    boolean waits = recording.steps().stream().anyMatch(step -> step.op().startsWith("advance "));
    for (int left = waits ? ATTEMPTS_WITH_TIMERS : 1; ; left--) {
      try {
        recording.require(run(recording));
        return;
      } catch (AssertionError e) {
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  @Test
  void aWrongAnswerIsSeen() {
    Recording right = Recordings.all().getFirst();
    List<Recording.Step> steps = new ArrayList<>(right.steps());
    steps.set(0, new Recording.Step(steps.getFirst().op(), Answers.of(-9)));

    assertThatThrownBy(() -> new Recording("altered", 1, steps).require(run(right)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("altered, step 1");
  }

  @Test
  void aScriptThatLeavesEverythingOpenLeavesNoDescriptor() throws IOException {
    Script script =
        Script.parse(
            """
            vm_create v
            irqchip_create v
            vcpu_create v c 0
            eventfd_create e 0
            eventfd_dup e f
            pipe_create p
            irqfd_assign_resample v e 5 f
            guest_in v c 0x21
            """,
            Integer.MAX_VALUE);
    var _ = kernel.run(script);
    long before = descriptors();

    for (int i = 0; i < 10; i++) {
      assertThat(kernel.run(script))
          .allSatisfy(step -> assertThat(step.answer()).containsEntry("ok", true));
    }

    assertThat(descriptors()).isEqualTo(before);
  }

  private static List<Recording.Step> run(Recording recording) {
    return kernel.run(Script.parse(recording.text(), Integer.MAX_VALUE));
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }
}
