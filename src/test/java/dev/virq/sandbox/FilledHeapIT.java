package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Jvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A heap filled until everything is refused, and emptied again. It is half of the image's unless
 * told, for the shares are the same, and it takes half the time.
 */
@Tag("thorough")
class FilledHeapIT {
  private static final String HEAP = System.getProperty("virq.fill.heap", "160m");

  /** Each kind once, and some mixes. */
  private static final int SEEDS =
      Integer.getInteger("virq.fill.seeds", 0) + Fill.Kind.values().length + 2;

  @Test
  void filledToItsLimitsTheInstanceStaysUpAndGivesEverythingBack() throws Exception {
    String output = Jvm.run("-Xmx" + HEAP, Fill.class, "1", Integer.toString(SEEDS));

    System.out.println(output.indent(2));
    assertThat(output.lines().filter(line -> line.startsWith("seed "))).hasSize(SEEDS);
  }
}
