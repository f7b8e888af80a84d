package dev.virq.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an old Java is told; that it can be read there, {@code JarIT} shows. */
class LauncherTest {

  @Test
  void releasesAreReadInBothForms() {
    assertThat(Launcher.feature("1.8")).isEqualTo(8);
    assertThat(Launcher.feature("17")).isEqualTo(17);
    assertThat(Launcher.feature("25")).isEqualTo(25);
  }

  @Test
  void refusalIsOneSentence() {
    assertThat(Launcher.refusal("17", "/opt/java"))
        .isEqualTo("virq needs Java 25 or newer; this is Java 17 in /opt/java.");
  }
}
