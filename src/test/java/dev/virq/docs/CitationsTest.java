package dev.virq.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comments and documents cite is there. */
class CitationsTest {
  /** Kinds of file with nothing to read for people, or nothing but data. */
  private static final Set<String> DATA = Set.of("png", "json", "gz", "jar", "properties");

  @Test
  void everythingThatIsCitedExists() throws IOException {
    Citations citations = new Citations();
    List<String> wrong = new ArrayList<>();
    int files = 0;

    for (Path file :
        Documents.files("README.md", "pom.xml", "Dockerfile", ".ci", ".github", "src", "helm")) {
      String name = file.toString();
      if (!DATA.contains(name.substring(name.lastIndexOf('.') + 1))) {
        files++;
        for (String one : citations.wrong(file, Files.readString(file))) {
          wrong.add(file + ": " + one);
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(files).as("files read").isGreaterThan(300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/** Conformance rules, section 10. */",
        "/** See the conformance\n * rules, sections 6 and 7. */",
        "// behaviour.md §31",
        "/** Chips: behaviour.md §6 to §18. */",
        "/** Chips: behaviour.md\n * §99. */",
        "// behaviour.md §7.42",
        "// behaviour.md#14-timers",
        "/* from the lists of races.md */",
        "// {@code BEHAVIOUR.md} names them",
        "// src/docs/litmus.md has the table",
        "// §3 says why",
        "// decision 99",
        "/** See decision\n * 98. */",
        "/** Stopped at mark [5]. */",
        "/** At the thread's mark [4]. */",
        "/** As the 2009 thread has it. */",
        "/** The five steps of the\n * thread. */",
        "// irqfd/Injector.java injects",
        "// W99: not held by anything",
        "// contract, section 5",
      })
  void whatLeadsNowhereIsFound(String comment) throws IOException {
    String code = "class Planted {\n  " + comment + "\n  int field;\n}\n";

    assertThat(new Citations().wrong(Path.of("src/main/java/Planted.java"), code)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/** See behaviour.md §6 to §8 and §12. */",
        "/** See behaviour.md\n * §7.3, and {@code src/docs/proof.md}. */",
        "// decision 2, at mark [4] of the 2009 patch",
        "/** D2, as W1b and M19 have it; S3. The thread's name. */",
        "// irqfd/Injection.java injects",
        "// written to target/docs/guarantees.md",
        "String text = \"behaviour.md §99 // races.md\";",
        "String text = \"\"\"\n  decision 99 \\\"\"\" W31\n  \"\"\";",
        "// https://example.org/races.md",
      })
  void whatLeadsSomewherePasses(String comment) throws IOException {
    String code = "class Planted {\n  " + comment + "\n  int field;\n}\n";

    assertThat(new Citations().wrong(Path.of("src/main/java/Planted.java"), code)).isEmpty();
  }

  @Test
  void documentsAreReadAsAWhole() throws IOException {
    Path page = Path.of("src/docs/proof.md");

    assertThat(new Citations().wrong(page, "See [races.md](../races.md) and\ndecision 77."))
        .containsExactlyInAnyOrder("races.md", "../races.md", "decision 77");
  }
}
