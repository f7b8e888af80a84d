package dev.virq.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.sandbox.Fill;
import dev.virq.testing.Jvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full heap is enough to hand over everything that is in it. */
@Tag("thorough")
class FullHandoverIT {
  private static final String HEAP = System.getProperty("virq.fill.heap", "160m");

  @Test
  void fullInstanceIsHandedOver(@TempDir Path directory) throws Exception {
    String output = Jvm.run("-Xmx" + HEAP, FullHandover.class, directory.toString());

    System.out.println(output.indent(2));
    assertThat(output.lines().filter(line -> line.contains("bytes again")))
        .hasSize(Fill.Kind.values().length);
  }
}
