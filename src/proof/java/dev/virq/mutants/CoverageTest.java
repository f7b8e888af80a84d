package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.docs.Page;
import dev.virq.litmus.LitmusRow;
import dev.virq.models.SpinModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * Every guarantee of the SRCU, row of the race matrix, row of the litmus table, mutant and defect
 * has a test, and {@code src/docs/guarantees.md} says which. When it does not, the page as it
 * should be is in {@code target/docs}.
 */
class CoverageTest {
  private static final Path SRCU = Path.of("src/test/java/dev/virq/srcu");

  /** Tests of a guarantee have its number in front: {@code s12InterruptDoesNotEndTheWait}. */
  private static final Pattern GUARANTEE = Pattern.compile("void (s(\\d+)[A-Z]\\w*)\\(");

  private static final int GUARANTEES = 14;
  private static final int SRCU_MUTANTS = 28;
  private static final int SYSTEM_MUTANTS = 54;
  private static final int DEFECTS = 17;

  private static final String MATRIX = "irqfd.RaceMatrixTest#";
  private static final String SIGNAL = "irqfd.SignalRaceTest#";
  private static final String ASSIGN = "irqfd.AssignRaceTest#";
  private static final String HANG_UP = "irqfd.EventfdCloseRaceTest#";
  private static final String VM_CLOSE = "irqfd.VmCloseRaceTest#";

  /** Rows of the race matrix; guarantees.md explains the letters. */
  private static final Map<String, List<String>> ROWS = new LinkedHashMap<>();

  static {
    row("S × S", MATRIX + "signalAgainstSignal");
    row("S × Q", SIGNAL + "writesWhileAnInjectionIsQueuedAreMergedWithIt");
    row("S × J", SIGNAL + "signalThatComesWhileTheInjectionRunsLeadsToAnother");
    row(
        "S × A",
        MATRIX + "signalAgainstAssign",
        SIGNAL + "valueWrittenBeforeAssignIsInjectedOnce",
        SIGNAL + "writeWhileAssignIsNotDoneIsInjectedOnce");
    row(
        "S × H",
        MATRIX + "signalAgainstEventfdClose",
        MATRIX + "signalAgainstDeassign",
        SIGNAL + "writeUnderWayKeepsTheEventfdItWritesTo",
        SIGNAL + "writeAfterCloseIsRefusedAndChangesNothing");
    row(
        "S × V",
        MATRIX + "signalAgainstVmClose",
        SIGNAL + "writeAfterTheSwapIsAcceptedAndFindsTheVmGone");
    row("S × P", SIGNAL + "eventfdOutlivesTheVmAndJustCounts");
    row("Q × H", HANG_UP + "queuedInjectionRunsToItsEndBeforeTheIrqfdIsSevered");
    row("Q × V", VM_CLOSE + "readerThatComesAfterTheSwapBailsOut");
    row("J × J of one irqfd", SIGNAL + "injectionsOfOneIrqfdNeverRunAtOnce");
    row("J × J of one VM", SIGNAL + "pairsOfOneLineNeverInterleave");
    row(
        "J × H",
        MATRIX + "signalAgainstEventfdClose",
        HANG_UP + "closeWaitsForTheInjectionWhereverItStands");
    row(
        "J × V",
        MATRIX + "signalAgainstVmClose",
        VM_CLOSE + "readerInsideItsSectionKeepsTheVm",
        "host.FiveStepsTest#vmLivesUntilTheReaderInsideItsSectionIsDone");
    row("J × P", VM_CLOSE + "readerInsideItsSectionKeepsTheVm");
    row(
        "J blocks for ever",
        VM_CLOSE + "readerThatStaysHoldsUpOnlyItsOwnSevering",
        VM_CLOSE + "readerThatComesWhileTheVmClosesHoldsUpOnlyItsOwnSevering");
    row(
        "A × S, H",
        MATRIX + "assignAgainstEventfdClose",
        MATRIX + "assignAgainstDeassign",
        ASSIGN + "eventfdClosedDuringAssignIsSeenWhenAssignIsDone");
    row(
        "A × V",
        MATRIX + "assignAgainstVmClose",
        ASSIGN + "vmClosedDuringAssignIsReleasedWhenAssignIsDone");
    row("A × A", MATRIX + "assignAgainstAssign", ASSIGN + "oneOfManyAssignsOfOneEventfdWins");
    row("A fails at each step", "irqfd.AssignUndoTest#assignThatFailsAtAnyStepIsUndone");
    row("H × H", MATRIX + "sameCloseTwice", MATRIX + "eventfdCloseAgainstDeassign");
    row(
        "H × V",
        MATRIX + "eventfdCloseAgainstVmClose",
        MATRIX + "deassignAgainstVmClose",
        VM_CLOSE + "hangUpThatLosesToTheVmsCloseWaitsForIt",
        VM_CLOSE + "vmCloseThatLosesToAHangUpWaitsForIt");
    row(
        "H × other eventfds of the VM",
        VM_CLOSE + "hangUpOfASiblingWhileTheVmsCloseWorksThroughItsList");
    row("V × V", MATRIX + "sameCloseTwice", VM_CLOSE + "secondCloseOfAVmIsRefused");
    row("V × P", VM_CLOSE + "whoeverDropsTheLastReferenceDestroysTheVmOnce");
    row(
        "P × tryGet",
        "vm.VmTest#destroyedVmIsNotBroughtBack",
        "vm.VmTest#racingPutsAndGetsDestroyItOnceAndGetsFailFromThenOn");
    row("H inside J", HANG_UP + "injectionThatClosesItsOwnEventfdDoesNotWaitForItself");
    row("V inside J", VM_CLOSE + "injectionThatClosesItsOwnVmDoesNotWaitForItself");
    row("shutdown × all", "sandbox.SandboxesTest#drainUnderLoadLosesNoAcceptedSignal");
    row("S×H×V", "spin S×H×V");
    row("J×H×V", "spin J×H×V");
    row("A×H×V", "spin A×H×V");
    row("A×V×P", "spin A×V×P");
    row("J×V×P", "spin J×V×P");
    row("H×V×H", "spin H×V×H");
  }

  /** Whole-system mutants that no copy of the domain can show, with the test over HTTP. */
  private static final Map<String, List<String>> OVER_HTTP =
      Map.of(
          "W28", List.of("api.ErrnoIT#unknownObjects"),
          "W29", List.of("system.HostileIT#chunkedBodyPastTheLimitIsRefusedWhileItIsRead"),
          "W30",
              List.of(
                  "metrics.MetersTest#"
                      + "everyDeclaredMeterIsRegisteredWithEveryValueOfItsTagAndNoOther"));

  /** Tests of defects that no broken copy brings back. */
  private static final Map<String, List<String>> WITHOUT_COPY =
      Map.of(
          "D7", List.of("irqfd.AssignUndoTest#assignThatFailsAtAnyStepIsUndone"),
          "D14", List.of("workqueue.WorkTest#flushOfAnIdleItemReturnsAtOnce"),
          "D16", List.of(VM_CLOSE + "readerThatStaysHoldsUpOnlyItsOwnSevering"),
          "D17",
              List.of(
                  "lockorder.LockOrderTest#productIsRecorded",
                  "lockorder.LockOrderTest#twoLocksTakenInBothOrders"));

  /**
   * A line of the page.
   *
   * @param code its first column
   * @param meaning what the code says it means, or null when the page says it
   * @param tests what holds it
   */
  private record Line(String code, @Nullable String meaning, List<String> tests) {}

  @Test
  void pageSaysWhatTheCodeSays() throws IOException {
    Page page = Page.read("guarantees.md");

    page.requireEqual(expected(page));
  }

  @Test
  void everyTestExists() throws Exception {
    for (Map<String, List<String>> tests : List.of(ROWS, OVER_HTTP, WITHOUT_COPY)) {
      for (String test : tests.values().stream().flatMap(List::stream).toList()) {
        exists(test);
      }
    }
    for (Mutant mutant : Mutants.ALL) {
      exists(mutant.test());
    }
  }

  @Test
  void everyDifferenceIsFound() throws IOException {
    Page page = Page.read("guarantees.md");
    String line = line(page, "| W5 |");

    assertThat(differences(page, line + "\n", "")).containsExactly("+ " + line);
    assertThat(differences(page, line, line.replace("lock", "latch"))).hasSize(2);
    assertThat(differences(page, line, line.replace("Test#", "Test#no"))).hasSize(2);
    assertThat(differences(page, line, line + "\n| W99 | nothing | nobody |")).hasSize(1);
    String guarantee = line(page, "| S5 |");
    assertThat(differences(page, guarantee, guarantee.replaceFirst("\\| S5 \\|[^|]*", "| S5 | ")))
        .contains("+ | S5 | ? | " + guarantee.split(" \\| ", -1)[2]);
  }

  private static String line(Page page, String beginning) {
    return page.text().lines().filter(one -> one.startsWith(beginning)).findFirst().orElseThrow();
  }

  private static List<String> differences(Page page, String from, String to) throws IOException {
    Page changed = new Page(page.path(), page.text().replace(from, to));
    return changed.differences(expected(changed));
  }

  /** The page with the tables that follow from the code; what the page itself says is kept. */
  private static Page expected(Page page) throws IOException {
    Page next = page;
    for (Map.Entry<String, List<Line>> part : parts().entrySet()) {
      next = next.with(part.getKey(), table(part.getValue(), page.part(part.getKey())));
    }
    return next;
  }

  private static List<String> table(List<Line> lines, List<String> before) {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (String line : before) {
      String[] cells = line.split(" *\\| *", -1);
      meanings.put(first(cells[1]), cells[2].isEmpty() ? "?" : cells[2]);
    }
    List<String> table = new ArrayList<>(List.of("| code | meaning | held by |", "|---|---|---|"));
    for (Line line : lines) {
      assertThat(line.tests()).as("tests of %s", line.code()).isNotEmpty();
      String meaning =
          line.meaning() == null ? meanings.getOrDefault(first(line.code()), "?") : line.meaning();
      table.add(
          "| %s | %s | %s |".formatted(line.code(), meaning, String.join("<br>", line.tests())));
    }
    return table;
  }

  /** The first of several codes. */
  private static String first(String codes) {
    return codes.split(", ", -1)[0];
  }

  private static Map<String, List<Line>> parts() throws IOException {
    Map<String, List<Line>> parts = new LinkedHashMap<>();
    parts.put("guarantees", lines(guarantees()));
    parts.put("races", lines(ROWS));
    Map<String, List<String>> litmus = new LinkedHashMap<>();
    for (LitmusRow row : LitmusRow.values()) {
      litmus.put(row + " " + named(row.verdict()), row.tests());
    }
    parts.put("litmus", lines(litmus));
    parts.put("srcu mutants", srcuMutants());
    parts.put("system mutants", systemMutants());
    parts.put("chip mutants", mutants("C", _ -> List.of()));
    parts.put("defects", lines(defects()));
    return parts;
  }

  private static List<Line> lines(Map<String, List<String>> tests) {
    List<Line> lines = new ArrayList<>();
    tests.forEach((code, held) -> lines.add(new Line(code, null, held)));
    return lines;
  }

  private static void row(String row, String... tests) {
    ROWS.put(row, List.of(tests));
  }

  private static Map<String, List<String>> guarantees() throws IOException {
    Map<String, List<String>> all = new LinkedHashMap<>();
    IntStream.rangeClosed(1, GUARANTEES).forEach(n -> all.put("S" + n, new ArrayList<>()));
    try (Stream<Path> files = Files.list(SRCU)) {
      for (Path file : files.sorted().toList()) {
        Matcher test = GUARANTEE.matcher(Files.readString(file));
        while (test.find()) {
          String type = file.getFileName().toString().replace(".java", "#");
          all.get("S" + test.group(2)).add("srcu." + type + test.group(1));
        }
      }
    }
    return all;
  }

  private static List<Line> srcuMutants() {
    Map<String, Map<SrcuSights.Tool, List<String>>> sights = SrcuSights.table();
    List<Line> lines =
        mutants(
            "M",
            code -> {
              List<String> seen = new ArrayList<>();
              sights
                  .getOrDefault(code, Map.of())
                  .forEach(
                      (tool, tests) -> seen.add(named(tool) + ": " + String.join(", ", tests)));
              String reason = SrcuSights.EQUIVALENT_ON_X86.get(code);
              if (reason != null) {
                seen.add("equivalent on x86: " + reason);
              }
              return seen;
            });
    assertThat(lines).as("M1 to M28 without M10").hasSize(SRCU_MUTANTS - 1);
    return lines;
  }

  private static String named(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static List<Line> systemMutants() {
    List<Line> lines =
        mutants(
            "W",
            code -> {
              List<String> tests = new ArrayList<>(OVER_HTTP.getOrDefault(code, List.of()));
              SpinModel.all().stream()
                  .filter(model -> !model.violation().isEmpty() && model.name().equals(code))
                  .forEach(model -> tests.add("spin " + code));
              return tests;
            });
    assertThat(lines).as("W1 to W54").hasSize(SYSTEM_MUTANTS);
    return lines;
  }

  /** Mutants by number; those with a letter behind it share its line. */
  private static List<Line> mutants(String family, Function<String, List<String>> further) {
    Map<String, List<Mutant>> all = new TreeMap<>(CoverageTest::byNumber);
    Pattern own = Pattern.compile("(" + family + "\\d+)[a-z]?");
    for (Mutant mutant : Mutants.ALL) {
      Matcher id = own.matcher(mutant.id());
      if (id.matches()) {
        all.computeIfAbsent(id.group(1), _ -> new ArrayList<>()).add(mutant);
      }
    }
    SrcuMutants.ELSEWHERE.stream()
        .filter(one -> own.matcher(one.id()).matches())
        .forEach(one -> all.put(one.id(), List.of(new Mutant(one.id(), one.sentence(), ""))));
    if (family.equals("W")) {
      OVER_HTTP.keySet().forEach(code -> all.put(code, List.of()));
    }
    List<Line> lines = new ArrayList<>();
    all.forEach((code, mutants) -> lines.add(line(code, mutants, further.apply(code))));
    return lines;
  }

  private static Line line(String code, List<Mutant> mutants, List<String> further) {
    if (mutants.isEmpty()) {
      return new Line(code, null, further);
    }
    String codes = mutants.stream().map(Mutant::id).collect(Collectors.joining(", "));
    String meaning =
        mutants.stream().map(Mutant::sentence).distinct().collect(Collectors.joining("; "));
    // What the tools see of a mutant of the SRCU contains the tests of its copies.
    Stream<String> copies = code.startsWith("M") ? Stream.of() : mutants.stream().map(Mutant::test);
    return new Line(codes, meaning, Stream.concat(copies, further.stream()).distinct().toList());
  }

  private static Map<String, List<String>> defects() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (int number = 1; number <= DEFECTS; number++) {
      String code = "D" + number;
      List<String> codes = new ArrayList<>(List.of(code));
      List<String> tests = new ArrayList<>();
      for (Mutant mutant : Mutants.ALL) {
        boolean own = mutant.id().matches(code + "[a-z]?");
        if (own && !mutant.id().equals(code)) {
          codes.add(mutant.id());
        }
        if (own || mutant.sentence().contains("(" + code + ")")) {
          tests.add(mutant.test() + " (" + mutant.id() + ")");
        }
      }
      tests.addAll(WITHOUT_COPY.getOrDefault(code, List.of()));
      all.put(String.join(", ", codes), tests);
    }
    return all;
  }

  private static int byNumber(String a, String b) {
    return Integer.compare(Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1)));
  }

  private static void exists(String test) throws ClassNotFoundException {
    if (test.startsWith("spin ")) {
      assertThat(SpinModel.all()).extracting(SpinModel::name).contains(test.substring(5));
      return;
    }
    int hash = test.indexOf('#');
    Class<?> type = Class.forName("dev.virq." + (hash < 0 ? test : test.substring(0, hash)));
    if (hash >= 0) {
      assertThat(type.getDeclaredMethods())
          .as(test)
          .anyMatch(method ->
              method.getName().equals(test.substring(hash + 1))
                  && Stream.of(Test.class, TestFactory.class, ParameterizedTest.class)
                      .anyMatch(method::isAnnotationPresent));
    }
  }
}
