package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.deploy.PromQl.Condition;
import dev.virq.deploy.PromQl.Sample;
import dev.virq.deploy.PromQl.Selector;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reading of expressions, on which the check against the live scrape rests. */
class PromQlTest {
  @Test
  void functionsGroupingsRangesAndWordsAreNoSeries() {
    assertThat(
            PromQl.selectors(
                "histogram_quantile(0.99, sum by (le) (rate(a_bucket{pod=~\"$pod\"}[$__rate_interval])))"
                    + " and on (pod) b_total offset 5m > 1e3 / c{x=\"1\",y!~\"2|3\"}"))
        .containsExactlyInAnyOrder(
            new Selector("a_bucket", List.of()),
            new Selector("b_total", List.of()),
            new Selector(
                "c", List.of(new Condition("x", "=", "1"), new Condition("y", "!~", "2|3"))));
  }

  @Test
  void samplesAreReadWithTheirLabels() {
    assertThat(Sample.all("# HELP a x\na{b=\"c\",d=\"e\\\"f\",} 1.0\ng 2\nh_sum 3 # {x=\"y\"} 1\n"))
        .containsExactly(
            new Sample("a", Map.of("b", "c", "d", "e\\\"f")),
            new Sample("g", Map.of()),
            new Sample("h_sum", Map.of()));
  }

  @Test
  void selectorMatchesItsSeriesOnly() {
    Selector dropped = PromQl.selectors("s{outcome=~\"dropped_.*\"}").iterator().next();

    assertThat(dropped.matches(new Sample("s", Map.of("outcome", "dropped_vm_gone")))).isTrue();
    assertThat(dropped.matches(new Sample("s", Map.of("outcome", "injected")))).isFalse();
    assertThat(dropped.matches(new Sample("t", Map.of("outcome", "dropped_vm_gone")))).isFalse();
  }
}
