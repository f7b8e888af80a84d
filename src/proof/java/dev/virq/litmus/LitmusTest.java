package dev.virq.litmus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.litmus.Litmus.Verdict;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Forbidden outcomes are never seen on the product, and on a broken domain every one of them that
 * this machine can show is; of the allowed ones, those that it can show are seen. {@code
 * -Dlitmus.rounds=} sets the rounds of 1,000 states for each row, {@code -Dlitmus.millis=} the time
 * after which a row begins no further one, {@code -Dlitmus.seed=} the random pauses.
 */
class LitmusTest {
  private static final long ROUNDS = Long.getLong("litmus.rounds", 20);
  private static final Duration TIME = Duration.ofMillis(Long.getLong("litmus.millis", 250));
  private static final long SEED = Long.getLong("litmus.seed", 1);

  /** How long a broken domain may hide; a row ends with the first hit. */
  private static final long CONTROL_ROUNDS = 5_000;

  @TestFactory
  Stream<DynamicTest> forbiddenOutcomesAreNeverSeen() {
    return LitmusRows.all().stream()
        .map(litmus ->
            dynamicTest(
                litmus.name(),
                () -> {
                  LitmusRun.Result result =
                      new LitmusRun(litmus, Domain::product, SEED).run(ROUNDS, false, TIME);
                  assertThat(result.states()).isPositive();
                  if (litmus.verdict() == Verdict.FORBIDDEN) {
                    assertThat(result.hits())
                        .as("%s in %d states, seed %d", litmus.name(), result.states(), SEED)
                        .isZero();
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> brokenGracePeriodsShowTheOutcome() {
    return LitmusRows.all().stream()
        .filter(litmus -> litmus.teeth() && litmus.verdict() == Verdict.FORBIDDEN)
        .map(litmus -> shows(litmus, Domain::busted));
  }

  @TestFactory
  Stream<DynamicTest> allowedOutcomesOfThisMachineAreSeen() {
    return LitmusRows.all().stream()
        .filter(litmus -> litmus.teeth() && litmus.verdict() == Verdict.ALLOWED)
        .map(litmus -> shows(litmus, Domain::product));
  }

  private static DynamicTest shows(Litmus litmus, Supplier<Domain> domains) {
    return dynamicTest(
        litmus.name(),
        () ->
            assertThat(new LitmusRun(litmus, domains, SEED).run(CONTROL_ROUNDS, true).hits())
                .isPositive());
  }
}
