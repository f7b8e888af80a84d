package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.virq.defect.Defect;
import dev.virq.lockorder.LockOrder;
import dev.virq.schedule.Schedule;
import dev.virq.schedule.Strategy;
import dev.virq.workqueue.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The project's own programs, on the product and with each defect. */
class ExplorationTest {
  private static final Path PROGRAMS = Path.of("src/docs/programs");
  private static final String VERSION = "test";

  /** Within so many runs each defect is found; explore.md has the medians. */
  private static final long RUNS = 2_000;

  /** Runs of each program on the product. */
  private static final long CORRECT = 60;

  /** Of two irqfds there are more schedules with a preemption than a build can try. */
  private static final String MANY = "two-irqfds.virq";

  /** What each defect violates, of which object a report says so, and the preemptions it takes. */
  private record Finding(String expectation, @Nullable String object, int preemptions) {}

  private static final Map<Defect, Finding> FOUND = new EnumMap<>(Defect.class);

  static {
    FOUND.put(Defect.NO_GRACE_PERIOD, new Finding("never use_after_free", "vm-1", 1));
    FOUND.put(Defect.PUT_BEFORE_GRACE_PERIOD, new Finding("never put_under_reader", "vm-1", 1));
    FOUND.put(
        Defect.LOSER_DOES_NOT_WAIT, new Finding("never use_after_free", "srcu of irqfd-1", 1));
    FOUND.put(Defect.UNLOCKED_LIST_WALK, new Finding("never use_after_free", "irqfd-2", 1));
    FOUND.put(Defect.DOUBLE_TEARDOWN, new Finding("never double_free", "irqfd-1", 0));
    FOUND.put(
        Defect.PENDING_COUNT_IGNORED, new Finding("always injections(irqfd.1) == 1", null, 0));
    FOUND.put(Defect.EXACT_WAKEUP_KEY, new Finding("always injections(irqfd.1) == 1", null, 0));
    FOUND.put(Defect.REFERENCE_AFTER_HOOK, new Finding("never use_after_free", "vm-1", 1));
    FOUND.put(
        Defect.COUNTER_NOT_DRAINED, new Finding("always injections(irqfd.2) == 0|NONE", null, 0));
    FOUND.put(
        Defect.TWO_IRQFDS_ONE_EVENTFD,
        new Finding("always teardown(irqfd.2).cause == NONE", null, 0));
    FOUND.put(Defect.PUBLISH_BEFORE_READY, new Finding("never use_after_free", "irqfd-1", 1));
    FOUND.put(Defect.FLUSH_ON_OWN_QUEUE, new Finding("never deadlock", "", 0));
    FOUND.put(Defect.NO_FLUSH, new Finding("never use_after_free", "irqfd-1", 0));
    FOUND.put(Defect.PENDING_CLEARED_AFTER_RUN, new Finding("never lost_signal", "irqfd-1", 1));
    FOUND.put(Defect.GRACE_PERIOD_UNDER_LOCK, new Finding("never deadlock", "", 1));
  }

  @TestFactory
  Stream<DynamicTest> everyDefectIsFoundByItsProgram() {
    return Stream.of(Defect.values())
        .map(defect ->
            dynamicTest(
                defect.word(),
                () -> {
                  if (defect == Defect.GRACE_PERIOD_UNDER_LOCK) {
                    LockOrder.overlook(() -> assertFound(defect));
                  } else {
                    assertFound(defect);
                  }
                }));
  }

  private static void assertFound(Defect defect) throws Exception {
    Finding finding = FOUND.get(defect);
    Exploration exploration = new Exploration(program(defect.program()), defect, VERSION);

    Exploration.Verdict verdict = explore(exploration, Search.PCT.strategy(0, 3, 0), RUNS, false);

    Exploration.Failure failure =
        verdict.failures().stream()
            .filter(one -> one.expectation().equals(finding.expectation()))
            .findFirst()
            .orElseThrow();
    assertThat(failure.minimal().preemptions()).isEqualTo(finding.preemptions());
    if (finding.object() == null) {
      assertThat(failure.reports()).isEmpty();
    } else {
      Report report = failure.reports().getFirst();
      assertThat(report.object()).isEqualTo(finding.object());
      assertThat(report.used()).isNotNull();
      if (finding.expectation().endsWith("_free") || finding.expectation().endsWith("_reader")) {
        assertThat(report.used().stack()).isNotEmpty();
        assertThat(report.freed().stack()).isNotEmpty();
      }
    }
    // The schedules that it hands out bring it back.
    for (Schedule schedule : List.of(failure.schedule(), failure.minimal().schedule())) {
      assertThat(replay(exploration, schedule).violated()).contains(finding.expectation());
    }
  }

  /** And both end with the eventfd, so that the VM goes as well. */
  @Test
  void oneWriteToAnEventfdWithTwoIrqfdsIsTwoInterrupts() throws Exception {
    Program program =
        ProgramText.parse(
            text("one-binding.virq").replace("finally:", "finally:\n  eventfd_write e0 1")
                + "observe: injections(irqfd.1), injections(irqfd.2), vm_state v0\n");

    for (Defect defect : Arrays.asList(null, Defect.TWO_IRQFDS_ONE_EVENTFD)) {
      Exploration exploration = new Exploration(program, defect, VERSION);
      assertThat(aside(exploration::unpreempted).outcome())
          .endsWith(
              "injections(irqfd.1)=1, injections(irqfd.2)=%s, vm_state v0=RELEASED"
                  .formatted(defect == null ? "NONE" : "1"));
    }
  }

  @TestFactory
  Stream<DynamicTest> theProductViolatesNothing() {
    return programs()
        .flatMap(file ->
            Stream.of(Search.RANDOM, Search.PCT, Search.POS)
                .map(search ->
                    dynamicTest(
                        file + " " + search,
                        () -> {
                          Exploration exploration = new Exploration(program(file), null, VERSION);
                          Exploration.Verdict verdict =
                              explore(exploration, search.strategy(1, 3, 0), CORRECT, false);
                          assertThat(verdict.failures()).isEmpty();
                          assertThat(verdict.progress().runs()).isEqualTo(CORRECT);
                        })));
  }

  @TestFactory
  Stream<DynamicTest> theProductViolatesNothingWithFewPreemptions() {
    return programs()
        .map(file ->
            dynamicTest(
                file,
                () -> {
                  Program program = program(file);
                  Exploration exploration = new Exploration(program, null, VERSION);
                  int preemptions = program.actors().size() > 2 || file.equals(MANY) ? 0 : 1;
                  Exploration.Verdict verdict =
                      explore(
                          exploration,
                          Search.EXHAUSTIVE.strategy(0, 1, preemptions),
                          10_000,
                          false);
                  assertThat(verdict.failures()).isEmpty();
                  assertThat(verdict.exhausted()).isTrue();
                }));
  }

  /**
   * With this defect a turn is given away under the VM's lock. Whoever wants the lock meanwhile,
   * for whatever call, is left out until it is free; it does not take the lock behind the
   * scheduler's back. An injection is not in the list: the flush of a de-assign keeps it away from
   * this lock, and {@code vm-close.virq} plays it.
   */
  @TestFactory
  Stream<DynamicTest> whoWantsTheLockOfAVmIsLeftOutUntilItIsFree() {
    return Stream.of(
            "get_vcpu_events v0 c0",
            "vcpu_cpuid v0 c0",
            "vcpu_create v0 c1 1",
            "boot_vcpu v0 1",
            "nmi v0 c0",
            "get_lapic v0 c0",
            "lapic_ack v0 c0",
            "guest_lapic_read v0 c0 32",
            "guest_rdmsr v0 c0 0x6e0",
            "guest_in v0 c0 0x20",
            "guest_eoi v0 c0",
            "irq_line v0 5 1",
            "irqfd_assign v0 e1 5",
            "irqfd_assign_resample v0 e1 5 e2",
            "routing_set v0",
            "vm_close v0")
        .map(call ->
            dynamicTest(call, () -> LockOrder.overlook(() -> assertNeverStuck(contended(call)))));
  }

  private static Program contended(String call) {
    return ProgramText.parse(
        """
        setup:
          vm_create v0
          irqchip_create v0
          vcpu_create v0 c0 0
          eventfd_create e0 0
          eventfd_create e1 0
          eventfd_create e2 0
          irqfd_assign v0 e0 5
        actor a:
          irqfd_deassign v0 e0 5
        actor b:
          %s
        """
            .formatted(call));
  }

  private static void assertNeverStuck(Program program) throws Exception {
    Exploration exploration = new Exploration(program, Defect.GRACE_PERIOD_UNDER_LOCK, VERSION);
    Exploration.Verdict verdict =
        explore(exploration, Search.EXHAUSTIVE.strategy(0, 1, 1), RUNS, true);
    assertThat(verdict.failures())
        .extracting(Exploration.Failure::expectation)
        .doesNotContain("never stuck", "never bug");
    assertThat(verdict.exhausted() || !verdict.failures().isEmpty()).isTrue();
  }

  /** Byte for byte: who passed what with what, and what calls answered. */
  @Test
  void oneScheduleIsOneRun() throws Exception {
    Exploration exploration = new Exploration(program("two-irqfds.virq"), null, VERSION);
    for (int seed = 0; seed < 20; seed++) {
      Schedule schedule =
          explore(exploration, Search.RANDOM.strategy(seed, 1, 0), 1, false)
              .rows()
              .getFirst()
              .schedule();

      Exploration.Replayed once = replay(exploration, schedule);

      assertThat(once.schedule()).isEqualTo(schedule);
      assertThat(once.story())
          .hasSizeGreaterThan(30)
          .isEqualTo(replay(exploration, schedule).story());
    }
  }

  @Test
  void oneSeedIsOneExploration() throws Exception {
    for (Search search : Search.values()) {
      assertThat(rows(search)).as("%s", search).isEqualTo(rows(search));
    }
  }

  private static List<Exploration.Row> rows(Search search) throws Exception {
    Exploration exploration = new Exploration(program("all-three.virq"), null, VERSION);
    return explore(exploration, search.strategy(3, 3, 9), 100, false).rows();
  }

  /** The seed of a row brings its outcome back as the first run. */
  @Test
  void aSeedBringsItsOutcomeBack() throws Exception {
    Exploration exploration = new Exploration(program("all-three.virq"), null, VERSION);
    for (Search search : List.of(Search.RANDOM, Search.PCT, Search.POS)) {
      for (Exploration.Row row :
          explore(exploration, search.strategy(0, 3, 0), 300, false).rows()) {
        assertThat(explore(exploration, search.strategy(row.firstSeed(), 3, 0), 1, false).rows())
            .as("%s", search)
            .singleElement()
            .satisfies(again -> assertThat(again.schedule()).isEqualTo(row.schedule()));
      }
    }
  }

  /** All schedules are tried: none follows from a seed, and none is shown. */
  @Test
  void withoutASeedNoneIsShown() throws Exception {
    Exploration exploration = new Exploration(program("hang-up.virq"), Defect.NO_FLUSH, VERSION);
    for (Search search : Search.values()) {
      Exploration.Verdict verdict = explore(exploration, search.strategy(7, 3, 1), 60, false);

      boolean shown = search != Search.EXHAUSTIVE;
      assertThat(verdict.failures()).isNotEmpty();
      assertThat(verdict.rows())
          .allSatisfy(row -> assertThat(Members.of(row).containsKey("firstSeed")).isEqualTo(shown));
      assertThat(verdict.failures())
          .allSatisfy(one -> assertThat(Members.of(one).containsKey("firstSeed")).isEqualTo(shown));
    }
  }

  @Test
  void aScheduleOfAnotherProgramOrVersionIsRefused() throws Exception {
    Program program = program("vm-close.virq");
    Schedule schedule =
        explore(new Exploration(program, null, "1"), Search.PCT.strategy(0, 3, 0), 1, false)
            .rows()
            .getFirst()
            .schedule();

    for (Exploration other :
        List.of(
            new Exploration(program, null, "2"),
            new Exploration(program, Defect.NO_FLUSH, "1"),
            new Exploration(program("all-three.virq"), null, "1"))) {
      assertThatThrownBy(() -> other.replay(schedule)).hasMessageContaining("was made for");
    }
  }

  @Test
  void aScheduleThatDoesNotFitIsRefused() throws Exception {
    Exploration exploration = new Exploration(program("vm-close.virq"), null, VERSION);
    Schedule schedule =
        explore(exploration, Search.PCT.strategy(0, 3, 0), 1, false).rows().getFirst().schedule();
    Schedule wrong = new Schedule(schedule.checksum(), new int[] {9});

    assertThatThrownBy(() -> replay(exploration, wrong)).hasMessageContaining("does not have");
  }

  @Test
  void anExplorationEndsWhenItIsTold() throws Exception {
    Exploration exploration = new Exploration(program("vm-close.virq"), null, VERSION);
    List<Exploration.Progress> told = new ArrayList<>();

    Exploration.Verdict verdict =
        aside(() ->
            exploration.explore(
                new Exploration.Plan(Search.RANDOM.strategy(0, 1, 0), 0, 1_000, false),
                told::add,
                () -> told.size() < 7));

    assertThat(verdict.progress().runs()).isEqualTo(7);
  }

  /** Nor is what was found made simple then. */
  @Test
  void aViolationStaysAsItWasFoundWhenTheTimeIsOver() throws Exception {
    Exploration exploration = new Exploration(program("hang-up.virq"), Defect.NO_FLUSH, VERSION);
    List<Exploration.Progress> told = new ArrayList<>();

    Exploration.Verdict verdict =
        aside(() ->
            exploration.explore(
                new Exploration.Plan(Search.PCT.strategy(0, 3, 0), 0, 5, false),
                told::add,
                () -> told.size() < 5));

    assertThat(verdict.failures())
        .isNotEmpty()
        .allSatisfy(
            failure -> assertThat(failure.minimal().schedule()).isEqualTo(failure.schedule()));
  }

  @Test
  void anExpectationThatDoesNotHoldIsAFailure() throws Exception {
    Program program =
        ProgramText.parse(
            text("vm-close.virq") + "expect: always outcome(writer.1) != DROPPED_VM_GONE\n");

    Exploration.Verdict verdict =
        explore(new Exploration(program, null, VERSION), Search.PCT.strategy(0, 3, 0), 200, false);

    assertThat(verdict.failures())
        .singleElement()
        .satisfies(failure -> {
          assertThat(failure.expectation())
              .isEqualTo("always outcome(writer.1) != DROPPED_VM_GONE");
          assertThat(failure.minimal().outcome()).contains("DROPPED_VM_GONE");
          assertThat(failure.minimal().reports()).isEmpty();
        });
  }

  private static Exploration.Verdict explore(
      Exploration exploration, Strategy strategy, long runs, boolean stopOnFirst) throws Exception {
    return aside(() ->
        exploration.explore(
            new Exploration.Plan(strategy, 0, runs, stopOnFirst), _ -> {}, () -> true));
  }

  private static Exploration.Replayed replay(Exploration exploration, Schedule schedule)
      throws Exception {
    return aside(() -> exploration.replay(schedule));
  }

  /** On a virtual thread: handing over to others is cheap there. */
  private static <T> T aside(Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    Workers.virtual("test").execute(task);
    return task.get();
  }

  private static Stream<String> programs() {
    try (Stream<Path> files = Files.list(PROGRAMS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".virq"))
          .sorted()
          .collect(Collectors.toList())
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Program program(String file) {
    return ProgramText.parse(text(file));
  }

  private static String text(String file) {
    try {
      return Files.readString(PROGRAMS.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
