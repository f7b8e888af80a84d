package dev.virq.attacks.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final String HISTOGRAM =
      """
       num     #instances         #bytes  class name (module)
      -------------------------------------------------------
         1:         70988        6706560  [B (java.base@25.0.3)
         2:           455         293312  [Ljdk.internal.vm.FillerElement; (java.base@25.0.3)
         3:             1             16  jdk.internal.vm.FillerObject (java.base@25.0.3)
         4:             2             32  example.Total
      Total         71446        6999920
      """;

  @Test
  void bytesOfAllClassesAreTheLastLinesButForFillers() {
    assertThat(Memory.total(HISTOGRAM)).isEqualTo(6_706_592);
  }

  @Test
  void whatIsNotUnderstoodIsNotTakenForNothing() {
    assertThatThrownBy(() -> Memory.total("Unknown diagnostic command"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Unknown diagnostic command");
  }

  @Test
  void aProcessIsMeasuredFromOutside() throws Exception {
    Memory own = new Memory(ProcessHandle.current().pid());

    assertThat(own.live()).isPositive();
    assertThat(own.resident()).isGreaterThan(1 << 20);
    assertThat(own.threads()).isPositive();
    assertThat(own.descriptors()).isPositive();
  }
}
