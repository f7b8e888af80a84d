package dev.virq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A command of the documents that names a test runs that test: it is there, and not left out. */
class DocumentedCommandsTest {
  private static final Pattern NAMED = Pattern.compile("-D(?:it\\.)?test='?([\\w,]+)");

  /** Test classes by their names. */
  private static Map<String, Path> tests = Map.of();

  @BeforeAll
  static void findTests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      tests =
          files
              .filter(file -> file.toString().matches(".*(Test|IT)\\.java"))
              .collect(
                  Collectors.toMap(
                      file -> file.getFileName().toString().replace(".java", ""),
                      Function.identity(),
                      (one, other) -> one));
    }
  }

  private static List<String> faults(String line) throws IOException {
    List<String> faults = new ArrayList<>();
    Matcher named = NAMED.matcher(line);
    while (named.find()) {
      for (String test : named.group(1).split(",", -1)) {
        Path file = tests.get(test);
        if (test.equals("NONE")) {
          continue;
        }
        if (file == null) {
          faults.add("no test " + test + ": " + line);
        } else if (Files.readString(file).contains("@Tag(\"thorough\")")
            && !line.matches(".*-P(thorough|attacks)\\b.*")) {
          faults.add(test + " is left out without -Pthorough: " + line);
        }
      }
    }
    return faults;
  }

  @Test
  void testsThatCommandsNameAreRunByThem() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(Path.of("src/docs"))) {
      for (Path page :
          Stream.concat(Stream.of(Path.of("README.md")), pages)
              .filter(file -> file.toString().endsWith(".md"))
              .toList()) {
        Files.readString(page).lines().filter(line -> line.contains("mvnw")).forEach(lines::add);
      }
    }

    assertThat(lines).anyMatch(line -> NAMED.matcher(line).find());
    for (String line : lines) {
      assertThat(faults(line)).isEmpty();
    }
  }

  @Test
  void commandThatRunsNothingIsFound() throws IOException {
    assertThat(faults("./mvnw verify -Dit.test=BulkRateIT")).hasSize(1);
    assertThat(faults("./mvnw verify -Dtest=LimitsTest,NobodysTest")).hasSize(1);
    assertThat(faults("./mvnw -Pthorough verify -Dit.test=BulkRateIT")).isEmpty();
  }
}
