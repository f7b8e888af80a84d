package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SrcuRefTest {
  @Test
  void readersFindWhatWasAssignedLast() {
    SrcuRef<String> ref = new SrcuRef<>("first");
    assertThat(ref.dereference()).isEqualTo("first");

    ref.assign("second");

    assertThat(ref.dereference()).isEqualTo("second");
  }

  @Test
  void oneCallerGetsTheOldValue() {
    SrcuRef<String> ref = new SrcuRef<>("vm");

    assertThat(ref.getAndSet(null)).isEqualTo("vm");
    assertThat(ref.getAndSet(null)).isNull();
    assertThat(ref.dereference()).isNull();
  }
}
