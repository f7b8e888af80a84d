package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.litmus.LitmusRow;
import dev.virq.models.SpinModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * Every guarantee of the SRCU, row of the race matrix, row of the litmus table and mutant has a
 * test; which, stands in {@code target/coverage.md} after a build.
 */
class CoverageTest {
  private static final Path REPORT = Path.of("target/coverage.md");
  private static final Path SRCU = Path.of("src/test/java/dev/virq/srcu");

  /** Tests of a guarantee have its number in front: {@code s12InterruptDoesNotEndTheWait}. */
  private static final Pattern GUARANTEE = Pattern.compile("void (s(\\d+)[A-Z]\\w*)\\(");

  private static final int GUARANTEES = 14;
  private static final int SRCU_MUTANTS = 28;
  private static final int SYSTEM_MUTANTS = 30;

  private static final String MATRIX = "irqfd.RaceMatrixTest#";
  private static final String SIGNAL = "irqfd.SignalRaceTest#";
  private static final String ASSIGN = "irqfd.AssignRaceTest#";
  private static final String HANG_UP = "irqfd.EventfdCloseRaceTest#";
  private static final String VM_CLOSE = "irqfd.VmCloseRaceTest#";

  /** Rows of the race matrix by the letters of the design. */
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

  @Test
  void everyRowHasATestThatExists() throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add("# What holds what\n");
    section(lines, "Guarantees of the SRCU", guarantees());
    section(lines, "Race matrix", ROWS);
    Map<String, List<String>> litmus = new LinkedHashMap<>();
    for (LitmusRow row : LitmusRow.values()) {
      litmus.put(row + " " + row.verdict(), row.tests());
    }
    section(lines, "Litmus tests", litmus);
    section(lines, "Mutants of the SRCU", srcuMutants());
    section(lines, "Whole-system mutants", systemMutants());
    Path _ = Files.createDirectories(REPORT.getParent());
    Path _ = Files.write(REPORT, lines);

    for (List<String> tests : ROWS.values()) {
      for (String test : tests) {
        exists(test);
      }
    }
    for (List<String> tests : OVER_HTTP.values()) {
      for (String test : tests) {
        exists(test);
      }
    }
    for (Mutant mutant : Mutants.ALL) {
      exists(mutant.test());
    }
  }

  private static void row(String row, String... tests) {
    ROWS.put(row, List.of(tests));
  }

  private static void section(List<String> lines, String title, Map<String, List<String>> rows) {
    lines.add("## " + title + "\n");
    lines.add("| what | held by |");
    lines.add("|---|---|");
    rows.forEach((row, tests) -> {
      assertThat(tests).as("tests of %s", row).isNotEmpty();
      lines.add("| %s | %s |".formatted(row, String.join("<br>", tests)));
    });
    lines.add("");
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

  private static Map<String, List<String>> srcuMutants() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    IntStream.rangeClosed(1, SRCU_MUTANTS)
        .filter(number -> number != 10) // the design has no tenth
        .mapToObj(number -> "M" + number)
        .forEach(id -> {
          List<String> seen = new ArrayList<>();
          SrcuSights.table()
              .getOrDefault(id, Map.of())
              .forEach((tool, tests) -> seen.add(tool + ": " + String.join(", ", tests)));
          String reason = SrcuSights.EQUIVALENT_ON_X86.get(id);
          if (reason != null) {
            seen.add("equivalent on x86: " + reason);
          }
          all.put(id, seen);
        });
    return all;
  }

  private static Map<String, List<String>> systemMutants() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    IntStream.rangeClosed(1, SYSTEM_MUTANTS)
        .forEach(number -> {
          String id = "W" + number;
          Pattern own = Pattern.compile(id + "[a-z]?");
          all.put(
              id,
              Stream.concat(
                      Mutants.ALL.stream()
                          .filter(mutant -> own.matcher(mutant.id()).matches())
                          .map(Mutant::test),
                      OVER_HTTP.getOrDefault(id, List.of()).stream())
                  .distinct()
                  .toList());
        });
    Map<String, List<String>> defects = new TreeMap<>();
    Mutants.ALL.stream()
        .filter(mutant -> mutant.id().startsWith("D"))
        .forEach(mutant -> defects.put(mutant.id(), List.of(mutant.test())));
    all.putAll(defects);
    return all;
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
