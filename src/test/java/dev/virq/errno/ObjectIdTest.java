package dev.virq.errno;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectIdTest {

  @ParameterizedTest
  @EnumSource(ObjectId.class)
  void anIdIsReadAsItIsWritten(ObjectId kind) {
    assertThat(kind.number(kind.of(1))).isEqualTo(1);
    assertThat(kind.number(kind.of(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
    assertThat(kind.form()).isEqualTo(kind.of(1).replace('1', 'N'));
  }

  @Test
  void kindsHaveThePrefixesThatCallersKnow() {
    assertThat(ObjectId.values())
        .extracting(kind -> kind.of(3))
        .containsExactly("vm-3", "efd-3", "irqfd-3", "sig-3", "bp-3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "vm",
        "vm-",
        "vm-0",
        "vm-01",
        "vm--1",
        "vm-+1",
        "vm-1 ",
        " vm-1",
        "VM-1",
        "efd-1",
        "1",
        "vm-9223372036854775808",
        "vm-10000000000000000000",
        "vm-\u0661"
      })
  void otherTextsAreNoIdsOfAVm(String text) {
    assertThat(ObjectId.VM.number(text)).isNull();
  }
}
