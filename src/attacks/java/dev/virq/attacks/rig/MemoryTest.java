package dev.virq.attacks.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final String SERIAL =
      """
      4711:
       def new generation   total 102400K, used 20480K [0x00, 0x01, 0x02)
        eden space 91072K,  22% used [0x00, 0x01, 0x02)
        from space 11328K,   0% used [0x00, 0x01, 0x02)
       tenured generation   total 227264K, used 10240K [0x00, 0x01, 0x02)
        the space 227264K,   4% used [0x00, 0x01, 0x02)
       Metaspace       used 60000K, committed 61000K, reserved 1114112K
      """;

  private static final String REGIONS =
      """
       garbage-first heap   total reserved 524288K, committed 90112K, used 30720K [0x00, 0x01)
        region size 1024K, 3 young (3072K), 1 survivors (1024K)
      """;

  @Test
  void generationsAreAddedAndNothingElseIs() {
    assertThat(Memory.used(SERIAL)).isEqualTo((20_480 + 10_240) * 1024L);
    assertThat(Memory.used(SERIAL.replace("def new generation", "DefNew")))
        .isEqualTo((20_480 + 10_240) * 1024L);
  }

  @Test
  void theHeapInRegionsIsUnderstood() {
    assertThat(Memory.used(REGIONS)).isEqualTo(30_720 * 1024L);
  }

  @Test
  void whatIsNotUnderstoodIsNotTakenForNothing() {
    assertThatThrownBy(() -> Memory.used("ZHeap used 30M"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ZHeap");
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
