package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.limits.Cost;
import dev.virq.testing.Jvm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What each kind is charged, against what it takes of a heap. */
@Tag("thorough")
class CostIT {
  private static final Pattern FOUND =
      Pattern.compile("(?m)^([A-Z_]+)(.*): (-?\\d+) taken, (-?\\d+) charged$");

  /** They are measured as part of another. */
  private static final List<String> WITHIN =
      List.of("CHARACTER", "ROUTING_TABLE", "KEPT_GRACE_PERIOD");

  @Test
  void eachKindTakesWhatItIsChargedAndNotMuchLess() throws Exception {
    String output = Jvm.run("-Xmx512m", Costs.class);

    System.out.println(output.indent(2));
    List<String> kinds = new ArrayList<>(WITHIN);
    Matcher found = FOUND.matcher(output);
    while (found.find()) {
      kinds.add(found.group(1));
      long taken = Long.parseLong(found.group(3));
      long charged = Long.parseLong(found.group(4));
      assertThat(taken).as(found.group()).isPositive().isLessThanOrEqualTo(charged);
      // What is said to be "idle" is charged for more than it takes so far.
      if (!found.group(2).contains("idle")) {
        assertThat(charged).as(found.group()).isLessThanOrEqualTo(taken * 5 / 2);
      }
    }
    assertThat(kinds).containsAll(Arrays.stream(Cost.values()).map(Enum::name).toList());
  }
}
