package dev.virq.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.TestLimits;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {

  static Stream<RecordComponent> components() {
    return Arrays.stream(Limits.class.getRecordComponents());
  }

  private static String setting(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @MethodSource("components")
  void everyLimitRefusesNothingAndNamesItself(RecordComponent component) {
    // 0 is no limit of this one, but asks for one that fits the heap.
    int least = component.getName().equals("waitersTotal") ? -1 : 0;
    Object nothing = component.getType() == Duration.class ? "PT0S" : least;

    assertThatThrownBy(() -> TestLimits.with(Map.of(setting(component), nothing)))
        .rootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "limits.%s is %s but must be".formatted(setting(component), nothing));
  }

  @ParameterizedTest
  @MethodSource("components")
  void everyLimitCanBeSet(RecordComponent component) throws ReflectiveOperationException {
    Object value = component.getType() == Duration.class ? "PT7S" : 77;

    Limits limits = TestLimits.with(Map.of(setting(component), value));

    assertThat(component.getAccessor().invoke(limits)).hasToString(value.toString());
  }

  @ParameterizedTest
  @CsvSource({"signals-kept, 15, 16", "events, 15, 16", "vms, -1, 1"})
  void aLimitHasALeastValue(String setting, int value, int least) {
    assertThatThrownBy(() -> TestLimits.with(Map.of(setting, value)))
        .rootCause()
        .hasMessage("limits.%s is %d but must be at least %d".formatted(setting, value, least));
  }

  @ParameterizedTest
  @ValueSource(longs = {14 << 20, 64 << 20, 307 << 20, 1L << 30, 4L << 30, 64L << 30, 1L << 42})
  void connectionsAndTheirWaitingCallsFitIntoAQuarterOfAHeap(long heap) {
    long connections = Limits.connectionsThatFit(heap);
    long waiting = WaitersTotal.mostWith(Limits.waitersOf((int) connections));

    assertThat(connections * 64_000 + waiting * 56_000).isLessThanOrEqualTo(heap / 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 14 << 20, 64 << 20, 307 << 20, 1L << 30, 4L << 30, 64L << 30, 1L << 42})
  void aQuarterOfTheConnectionsNeverWaits(long heap) {
    long connections = Limits.connectionsThatFit(heap);

    assertThat(WaitersTotal.mostWith(Limits.waitersOf((int) connections)))
        .isGreaterThan(Waiters.OWN)
        .isLessThanOrEqualTo(connections * 3 / 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {14 << 20, 64 << 20, 307 << 20, 512 << 20})
  void hardlyAnyOfThatQuarterIsLeft(long heap) {
    long connections = Limits.connectionsThatFit(heap);
    long waiting = WaitersTotal.mostWith(Limits.waitersOf((int) connections));

    assertThat(connections * 64_000 + waiting * 56_000).isGreaterThan(heap / 4 * 9 / 10);
  }

  @Test
  void aHugeHeapHasNoMoreConnectionsThanALargeOne() {
    assertThat(Limits.connectionsThatFit(1L << 42))
        .isEqualTo(Limits.connectionsThatFit(4L << 30))
        .isGreaterThan(Limits.connectionsThatFit(512 << 20));
  }

  @Test
  void howeverFewMayWaitThoseOfOneSandboxMayToo() {
    assertThat(WaitersTotal.mostWith(1)).isEqualTo(1 + Waiters.OWN);
  }

  @Test
  void waitingCallsAreThoseOfTheConnectionsThatFit() {
    assertThat(TestLimits.with(Map.of("waiters-total", 0)).waitersTotal())
        .isEqualTo(Limits.waitersOf(Limits.connectionsThatFit()));
  }
}
