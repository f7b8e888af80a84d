package dev.virq.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerbsTest {

  @Test
  void everyVerbHasAWordOfItsOwnAndOneLineOfHelp() {
    assertThat(Verbs.all()).hasSizeGreaterThan(35).extracting(Verb::word).doesNotHaveDuplicates();
    assertThat(Verbs.all())
        .allSatisfy(verb -> {
          assertThat(Verbs.find(verb.word())).isSameAs(verb);
          assertThat(verb.help()).isNotBlank().doesNotContain("\n").doesNotEndWith(".");
        });
  }

  @Test
  void aSynopsisShowsWhatMayBeLeftOut() {
    assertThat(Verbs.all())
        .extracting(Verb::synopsis)
        .contains(
            "vm_create NAME",
            "eventfd_create NAME U32 [SEMAPHORE]",
            "signal_msi NAME U32 U32 [U32] [U32]",
            "routing_set NAME [ROUTE]...");
  }

  @Test
  void anUnknownWordHasNoVerb() {
    assertThat(Verbs.find("vm_creat")).isNull();
  }
}
