package dev.virq.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.conformance.Recording;
import dev.virq.live.Comparison.Difference;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random scripts, on the kernel of this machine and on virq: no answer differs.
 *
 * <p>For 15 s, or as the properties say: {@code virq.live.seed}, {@code virq.live.seconds}, {@code
 * virq.live.operations} (then there is no limit of time), {@code virq.live.first} (number of the
 * first script), {@code virq.live.theme} (one theme of {@link ScriptGenerator}, such as PIT).
 */
class LiveComparisonTest {
  private static final long SEED = Long.getLong("virq.live.seed", 1);
  private static final long SECONDS = Long.getLong("virq.live.seconds", 15);
  private static final long OPERATIONS = Long.getLong("virq.live.operations", 0);
  private static final long FIRST = Long.getLong("virq.live.first", 0);
  private static final String THEME = System.getProperty("virq.live.theme");

  private static LiveKernel live;

  @BeforeAll
  static void open() {
    KvmAvailable.assume();
    live = new LiveKernel();
  }

  @AfterAll
  static void close() {
    if (live != null) {
      live.close();
    }
  }

  @Test
  void noAnswerDiffers() {
    Comparison comparison = new Comparison(live);
    long deadline = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    long number = FIRST;
    while (OPERATIONS > 0
        ? comparison.operations() < OPERATIONS
        : System.nanoTime() - deadline < 0) {
      String script = ScriptGenerator.script(SEED, number, THEME);
      Optional<Difference> found = comparison.compare(script);
      if (found.isPresent()) {
        throw new AssertionError(report(comparison, number, found.get()));
      }
      number++;
    }
    System.out.printf(
        "live comparison: seed %d, scripts %d to %d, %,d operations, 0 differences%n",
        SEED, FIRST, number - 1, comparison.operations());
    assertThat(comparison.operations()).isPositive();
  }

  @Test
  void aWrongRuleIsFoundAndShrunk() {
    // As if a line that leads nowhere answered 0.
    Comparison comparison =
        new Comparison(
            live,
            step ->
                BigInteger.valueOf(-1).equals(step.answer().get("value"))
                    ? new Recording.Step(step.op(), Answers.value(BigInteger.ZERO))
                    : step);
    long number = 0;
    Optional<Difference> found = Optional.empty();
    while (found.isEmpty()) {
      found = comparison.compare(ScriptGenerator.script(SEED, number++));
    }

    List<String> shortest = shrink(comparison, found.get());

    assertThat(shortest).hasSizeLessThan(6).last().asString().startsWith("irq_line ");
  }

  @Test
  void aSeedGivesTheSameScriptsAgain() {
    for (long number = 0; number < 20; number++) {
      assertThat(ScriptGenerator.script(7, number))
          .isEqualTo(ScriptGenerator.script(7, number))
          .isNotEqualTo(ScriptGenerator.script(7, number + 1))
          .isNotEqualTo(ScriptGenerator.script(8, number));
    }
  }

  private static List<String> shrink(Comparison comparison, Difference found) {
    List<String> lines = found.script().lines().limit(found.step() + 1L).toList();
    return new Shrinker(script -> differs(comparison, script)).shrink(lines);
  }

  /** Whether it differs, and not because the kernel's own answer is another each time. */
  private static boolean differs(Comparison comparison, String script) {
    Optional<Difference> one = comparison.compare(script);
    Optional<Difference> other = one.flatMap(_ -> comparison.compare(script));
    return other.isPresent() && one.get().kernel().equals(other.get().kernel());
  }

  private static String report(Comparison comparison, long number, Difference found) {
    if (comparison.compare(found.script()).isEmpty()) {
      return "seed %d, script %d differed once, and not again: %s%n%s"
          .formatted(SEED, number, found, found.script());
    }
    String shortest = Shrinker.text(shrink(comparison, found));
    Difference minimal = comparison.compare(shortest).orElse(found);
    return "seed %d, script %d, after %,d operations; shrunk, %s%n%s"
        .formatted(
            SEED,
            number,
            comparison.operations(),
            minimal,
            Scenario.json("found-" + SEED + "-" + number, "", minimal.kernel()));
  }
}
