package dev.virq.litmus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.litmus.LitmusRow.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The litmus table is whole, and every test that it names exists. */
class LitmusRowTest {
  private static final Path STRESS = Path.of("src/jcstress/java/dev/virq/litmus/stress");
  private static final Path MODELS = Path.of("src/proof/java/dev/virq/models/SpinModel.java");
  private static final Pattern ROW = Pattern.compile("[LK]\\d+");
  private static final Pattern STATE = Pattern.compile("public static class (\\w+)");

  @Test
  void everyRowIsThereOnce() {
    List<String> rows = new ArrayList<>();
    IntStream.rangeClosed(1, 35).forEach(n -> rows.add("L" + n));
    IntStream.rangeClosed(1, 6).forEach(n -> rows.add("K" + n));

    assertThat(Arrays.stream(LitmusRow.values()).map(Enum::name)).containsExactlyElementsOf(rows);
  }

  @ParameterizedTest
  @EnumSource
  void itsTestsExist(LitmusRow row) throws Exception {
    assertThat(row.tests()).isNotEmpty();
    for (String test : row.tests()) {
      String place = test.substring(test.indexOf(' ') + 1);
      switch (test.substring(0, test.indexOf(' '))) {
        case "jcstress" -> assertThat(stressTests()).contains(place);
        case "harness" -> assertThat(programs(row)).isNotEmpty();
        case "spin" -> assertThat(Files.readString(MODELS)).containsPattern("\"" + place + "[\" ]");
        case "junit", "lincheck" -> assertThat(isTest(place)).as(place).isTrue();
        default -> throw new AssertionError(test);
      }
    }
  }

  @Test
  void everyStressTestIsInTheTable() throws IOException {
    Set<String> named = new HashSet<>();
    for (LitmusRow row : LitmusRow.values()) {
      row.tests().stream()
          .filter(t -> t.startsWith("jcstress"))
          .forEach(t -> named.add(row.name()));
    }

    assertThat(stressTests())
        .filteredOn(test -> ROW.matcher(test.substring(test.indexOf('.') + 1)).lookingAt())
        .allSatisfy(
            test -> assertThat(named).contains(rowOf(test.substring(test.indexOf('.') + 1))));
  }

  @Test
  void programsHaveTheVerdictOfTheirRow() {
    // One row has a form of the other verdict.
    assertThat(LitmusRows.all())
        .filteredOn(litmus -> !litmus.name().equals("L26 release"))
        .allSatisfy(litmus -> {
          boolean forbidden =
              LitmusRow.valueOf(rowOf(litmus.name())).verdict() == Verdict.FORBIDDEN;
          assertThat(litmus.verdict())
              .isEqualTo(forbidden ? Litmus.Verdict.FORBIDDEN : Litmus.Verdict.ALLOWED);
        });
  }

  private static List<Litmus> programs(LitmusRow row) {
    return LitmusRows.all().stream().filter(l -> rowOf(l.name()).equals(row.name())).toList();
  }

  private static String rowOf(String name) {
    Matcher row = ROW.matcher(name);
    assertThat(row.lookingAt()).as(name).isTrue();
    return row.group();
  }

  /** File and class of every test of jcstress. */
  private static List<String> stressTests() throws IOException {
    List<String> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(STRESS)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString().replace(".java", ".");
        Matcher state = STATE.matcher(Files.readString(file));
        while (state.find()) {
          tests.add(name + state.group(1));
        }
      }
    }
    return tests;
  }

  /** Whether a class below dev.virq has that method; its own package alone need know the class. */
  private static boolean isTest(String place) throws ClassNotFoundException {
    int hash = place.indexOf('#');
    Class<?> type = Class.forName("dev.virq." + place.substring(0, hash));
    return Arrays.stream(type.getDeclaredMethods())
        .anyMatch(method -> method.getName().equals(place.substring(hash + 1)));
  }
}
