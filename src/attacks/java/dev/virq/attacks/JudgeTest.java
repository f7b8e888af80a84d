package dev.virq.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.attacks.rig.Latencies;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each thing that can be wrong is planted once, and is found. */
class JudgeTest {
  private static final List<String> NONE = List.of();
  private static final long HEAP = 30L << 20;
  private static final Evidence GOOD =
      new Evidence(
          "planted", "", all(5), all(20), NONE, all(2), NONE, NONE, NONE, HEAP, HEAP, HEAP, "");

  private record Planted(String what, Evidence evidence, boolean atAnyLoad) {}

  private static Latencies all(double... millis) {
    Latencies latencies = new Latencies();
    for (double one : millis) {
      latencies.add((long) (one * 1e6));
    }
    return latencies;
  }

  private static Evidence withEnd(String end) {
    return new Evidence(
        "planted", end, all(5), all(20), NONE, all(2), NONE, NONE, NONE, HEAP, HEAP, HEAP, "");
  }

  private static Evidence withVictim(Latencies quiet, Latencies victim, List<String> failures) {
    return new Evidence(
        "planted", "", quiet, victim, failures, all(2), NONE, NONE, NONE, HEAP, HEAP, HEAP, "");
  }

  private static Evidence withLiveness(Latencies liveness, List<String> failures) {
    return new Evidence(
        "planted", "", all(5), all(20), NONE, liveness, failures, NONE, NONE, HEAP, HEAP, HEAP, "");
  }

  private static Evidence withWords(List<String> log, List<String> faults) {
    return new Evidence(
        "planted", "", all(5), all(20), NONE, all(2), NONE, log, faults, HEAP, HEAP, HEAP, "");
  }

  private static Evidence withMemory(long heapAfter, long resident) {
    return new Evidence(
        "planted", "", all(5), all(20), NONE, all(2), NONE, NONE, NONE, HEAP, heapAfter, resident,
        "");
  }

  @Test
  void whatIsAsItShouldBeIsNoComplaint() {
    assertThat(new Judge(true).complaints(GOOD)).isEmpty();
    // Three times as long as quiet is allowed, however long that is, and so are 50 ms.
    assertThat(new Judge(true).complaints(withVictim(all(40), all(120), NONE))).isEmpty();
    assertThat(new Judge(true).complaints(withVictim(all(1), all(50), NONE))).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> whatIsWrongIsFound() {
    return Stream.of(
            new Planted("an end", withEnd("exit code 3"), true),
            new Planted("a refusal", withVictim(all(5), all(20), List.of("429")), true),
            new Planted("silence", withVictim(all(5), all(), NONE), true),
            new Planted("late liveness", withLiveness(all(2), List.of("timed out")), true),
            new Planted("an error", withWords(List.of(" ERROR "), NONE), true),
            new Planted("a 500", withWords(NONE, List.of("500")), true),
            new Planted("heap left", withMemory(HEAP + (32 << 20), HEAP), true),
            new Planted("a slow victim", withVictim(all(5), all(51), NONE), false),
            new Planted("three times as slow", withVictim(all(40), all(121), NONE), false),
            new Planted("slow liveness", withLiveness(all(100), NONE), false),
            new Planted("too much memory", withMemory(HEAP, 513L << 20), false))
        .map(planted -> DynamicTest.dynamicTest(planted.what(), () -> isFound(planted)));
  }

  private static void isFound(Planted planted) {
    assertThat(new Judge(true).complaints(planted.evidence())).hasSize(1);
    assertThat(new Judge(false).complaints(planted.evidence()))
        .hasSize(planted.atAnyLoad() ? 1 : 0);
  }
}
