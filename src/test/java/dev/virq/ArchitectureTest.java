package dev.virq;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The house rules that a compiler does not hold. Each rule is also run on {@code dev.virq.planted},
 * where somebody broke it.
 */
class ArchitectureTest {
  private static final String HOUSE = "dev.virq";
  private static final String PLANTED = "dev.virq.planted";

  /** Who may import whom: rows above. Shown in architecture.md; changing it is a decision. */
  static final Map<String, List<String>> TABLE = new LinkedHashMap<>();

  static {
    TABLE.put("sync", List.of());
    TABLE.put("errno", List.of());
    TABLE.put("clock", List.of());
    TABLE.put("limits", List.of("errno"));
    TABLE.put("share", List.of("sync", "errno"));
    TABLE.put("trace", List.of("sync", "limits"));
    TABLE.put("breakpoint", List.of("sync", "errno", "limits", "trace"));
    TABLE.put("srcu", List.of("sync"));
    TABLE.put("workqueue", List.of("sync"));
    TABLE.put("eventfd", List.of("sync", "errno", "trace"));
    TABLE.put("message", List.of());
    TABLE.put("lapic", List.of("message"));
    TABLE.put("pit", List.of());
    TABLE.put("routing", List.of("errno", "limits", "message"));
    TABLE.put("chip", List.of("message", "lapic", "routing"));
    TABLE.put("irqchip", List.of("errno", "clock", "message", "lapic", "pit", "routing", "chip"));
    TABLE.put(
        "vm",
        List.of(
            "sync", "errno", "clock", "limits", "trace", "lapic", "routing", "chip", "irqchip"));
    TABLE.put("protocol", List.of("sync", "workqueue", "eventfd", "vm"));
    TABLE.put("stats", List.of("errno", "limits", "trace", "irqchip", "vm"));
    TABLE.put(
        "irqfd",
        List.of(
            "sync",
            "errno",
            "trace",
            "srcu",
            "workqueue",
            "eventfd",
            "routing",
            "chip",
            "irqchip",
            "vm",
            "protocol",
            "stats"));
    TABLE.put(
        "inflight",
        List.of("sync", "errno", "limits", "trace", "breakpoint", "eventfd", "irqfd", "stats"));
    TABLE.put(
        "host",
        List.of(
            "sync",
            "errno",
            "clock",
            "limits",
            "trace",
            "breakpoint",
            "workqueue",
            "eventfd",
            "lapic",
            "routing",
            "chip",
            "irqchip",
            "vm",
            "protocol",
            "irqfd",
            "stats",
            "inflight"));
    TABLE.put(
        "sandbox",
        List.of(
            "sync",
            "errno",
            "clock",
            "limits",
            "trace",
            "breakpoint",
            "workqueue",
            "stats",
            "host"));
    TABLE.put(
        "script",
        List.of(
            "errno",
            "clock",
            "trace",
            "eventfd",
            "lapic",
            "pit",
            "routing",
            "chip",
            "irqchip",
            "irqfd",
            "inflight",
            "share",
            "host"));
    TABLE.put(
        "snapshot",
        List.of(
            "errno",
            "clock",
            "trace",
            "breakpoint",
            "eventfd",
            "lapic",
            "pit",
            "routing",
            "chip",
            "irqchip",
            "vm",
            "irqfd",
            "stats",
            "inflight",
            "host"));
    TABLE.put("schedule", List.of("sync", "errno", "trace", "workqueue"));
    TABLE.put("defect", List.of("sync", "workqueue", "eventfd", "vm", "protocol"));
    TABLE.put(
        "explore",
        List.of(
            "sync",
            "errno",
            "limits",
            "trace",
            "workqueue",
            "eventfd",
            "vm",
            "protocol",
            "irqfd",
            "inflight",
            "host",
            "script",
            "schedule",
            "defect"));
    // Compiled for an old Java, so it may know nobody.
    TABLE.put("launch", List.of());
    // Below this line frameworks are allowed.
    TABLE.put("access", List.of("errno"));
    TABLE.put("metrics", List.of("limits", "trace", "stats", "host", "sandbox"));
    TABLE.put("life", List.of());
    TABLE.put("page", List.of());
    // What a request costs while it is under way: decision 17.
    TABLE.put("api.wire", List.of());
    TABLE.put("api.load", List.of("sync", "errno", "limits", "share", "api.wire"));
    TABLE.put(
        "cli",
        List.of(
            "errno",
            "limits",
            "trace",
            "workqueue",
            "host",
            "sandbox",
            "script",
            "schedule",
            "defect",
            "explore"));
    TABLE.put(
        "init",
        List.of("errno", "clock", "limits", "share", "host", "sandbox", "script", "snapshot"));
    TABLE.put("handover", List.of("errno", "clock", "limits", "host", "sandbox", "snapshot"));
    // Controllers use what requests have in common, and say by annotations how they are described.
    TABLE.put(
        "api.http",
        List.of(
            "errno",
            "limits",
            "share",
            "trace",
            "breakpoint",
            "irqchip",
            "inflight",
            "host",
            "sandbox",
            "life",
            "api.wire",
            "api.load"));
    TABLE.put("training", List.of("api.http"));
    // Reads and answers in the place of the controllers: decision 24.
    TABLE.put("api.retry", List.of("errno", "sandbox", "api.load", "api.http"));
    TABLE.put("api.openapi", List.of("errno", "trace", "api.http"));
    // A refusal says of a member what the document says.
    TABLE.put("api.json", List.of("errno", "api.http", "api.openapi"));
    TABLE.put("api.input", List.of("errno", "api.wire", "api.http", "api.json"));
    TABLE.put(
        "api.snapshots",
        List.of("errno", "stats", "vm", "host", "snapshot", "api.load", "api.http", "api.openapi"));
    TABLE.put(
        "api",
        List.of(
            "sync",
            "errno",
            "clock",
            "limits",
            "share",
            "trace",
            "breakpoint",
            "eventfd",
            "srcu",
            "chip",
            "irqchip",
            "vm",
            "irqfd",
            "stats",
            "inflight",
            "host",
            "sandbox",
            "script",
            "snapshot",
            "access",
            "api.load",
            "api.http",
            "api.openapi",
            // A sandbox is made of a snapshot.
            "api.snapshots"));
    TABLE.put(
        "api.chip",
        List.of(
            "errno",
            "clock",
            "message",
            "lapic",
            "pit",
            "routing",
            "chip",
            "irqchip",
            "vm",
            "irqfd",
            "stats",
            "inflight",
            "host",
            "sandbox",
            "api.http",
            "api.openapi"));
    TABLE.put(
        "api.bulk",
        List.of(
            "sync",
            "errno",
            "limits",
            "trace",
            "share",
            "workqueue",
            "inflight",
            "host",
            "sandbox",
            "script",
            "api.load",
            "api.http",
            "api.openapi",
            "api.json",
            // How long an answer waits.
            "api"));
    // One call that leaves Spring MVC: decision 26.
    TABLE.put(
        "api.direct",
        List.of("errno", "inflight", "host", "sandbox", "api.http", "api.retry", "api"));
    TABLE.put(
        "api.events",
        List.of(
            "errno", "limits", "trace", "host", "sandbox", "api.load", "api.http", "api.openapi"));
    TABLE.put(
        "api.scenarios",
        List.of("errno", "trace", "sandbox", "api.load", "api.http", "api.openapi"));
    TABLE.put(
        "api.explorations",
        List.of(
            "errno",
            "limits",
            "trace",
            "share",
            "sandbox",
            "schedule",
            "defect",
            "explore",
            "api.json",
            "api.load",
            "api.http",
            "api.openapi"));
    TABLE.put(
        "config",
        List.of(
            "errno",
            "limits",
            "share",
            "trace",
            "workqueue",
            "host",
            "sandbox",
            "access",
            "life",
            "api.load",
            "init",
            "handover",
            // What the HTTP layer knows of the instance: decision 9.
            "api.http"));
  }

  /** The packages below the line. */
  private static final Set<String> WITH_FRAMEWORKS =
      Set.of(
          "access",
          "cli",
          "init",
          "handover",
          "metrics",
          "life",
          "page",
          "training",
          "api.wire",
          "api.load",
          "api.http",
          "api.openapi",
          "api.json",
          "api.input",
          "api.retry",
          "api",
          "api.snapshots",
          "api.bulk",
          "api.chip",
          "api.direct",
          "api.events",
          "api.scenarios",
          "api.explorations",
          "config");

  /**
   * The files that know each other in a circle, and why they must. A new knot, or one more file in
   * one of these, is a decision.
   */
  private static final Map<Set<String>, String> KNOTS =
      Map.of(
          Set.of("irqfd.Irqfd", "irqfd.Irqfds", "irqfd.IrqfdContext", "irqfd.IrqfdEvents"),
          "an irqfd takes itself off its list, the list makes irqfds, and the context that both"
              + " share names whom to call about one",
          Set.of("irqchip.IrqChip", "irqchip.HostPort", "irqchip.GuestPort"),
          "two views of one object, which hands them out",
          Set.of("eventfd.Signal", "eventfd.WaitQueueEntry"),
          "a signal is accepted for an entry, and an entry is woken by a signal",
          Set.of("inflight.PendingSignal", "inflight.RecentSignals"),
          "the ring makes and numbers the signals that it keeps",
          Set.of("workqueue.Work", "workqueue.WorkQueue"),
          "an item is queued, and the queue runs items",
          Set.of("script.Operation", "script.ScriptProcess", "script.Verb"),
          "an operation names its verb, which runs it in a process",
          Set.of("script.Operand", "script.Routes"),
          "a route is an operand, and is made of operands");

  /** A room with more files than this is two rooms. */
  private static final int FILES_IN_A_PACKAGE = 18;

  /** Where threads start, or a pool is made: each as many as its own bound says. */
  private static final Map<String, String> STARTS_THREADS =
      Map.of(
          "dev.virq.workqueue.Workers", "as many as a queue has workers",
          "dev.virq.srcu.Callbacks", "one for each domain while it has callbacks",
          "dev.virq.config.LeaseSweeper", "one that looks, and a bounded number of ends",
          "dev.virq.life.Watchdog", "one, and the hook of the shutdown");

  private static final Set<String> UNBOUNDED =
      Set.of(
          "java.util.Timer",
          "java.util.concurrent.ConcurrentLinkedDeque",
          "java.util.concurrent.ConcurrentLinkedQueue",
          "java.util.concurrent.DelayQueue",
          "java.util.concurrent.ForkJoinPool",
          "java.util.concurrent.LinkedBlockingDeque",
          "java.util.concurrent.LinkedBlockingQueue",
          "java.util.concurrent.LinkedTransferQueue",
          "java.util.concurrent.PriorityBlockingQueue",
          "java.util.concurrent.ScheduledThreadPoolExecutor");

  private static final JavaClasses house =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(HOUSE);

  private static final JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);

  // ---- the rules

  private static ArchRule onlyDependsOnItsRow(String root, String name) {
    List<String> allowed =
        Stream.concat(Stream.of(name), TABLE.get(name).stream())
            .map(one -> root + "." + one)
            .toList();
    DescribedPredicate<JavaClass> ofTheHouse =
        DescribedPredicate.describe(
            "other packages of the house than " + allowed,
            target ->
                (target.getPackageName() + ".").startsWith(root + ".")
                    && !allowed.contains(target.getPackageName()));
    return noClasses()
        .that(resideInAPackage(root + "." + name))
        .should()
        .dependOnClassesThat(ofTheHouse);
  }

  private static ArchRule isPlainJava(String root, String name) {
    return classes()
        .that(resideInAPackage(root + "." + name))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            root + "..",
            "org.jspecify.annotations..",
            "com.google.errorprone.annotations..");
  }

  private static ArchRule hasNoCycles(String root) {
    // A package within another counts by itself.
    return slices().matching(root + ".(**)").should().beFreeOfCycles();
  }

  private static ArchRule hasTellingNames(String root) {
    return noClasses()
        .that(resideInAPackage(root + ".."))
        .should()
        .haveNameMatching(".*(Manager|Helper|Util|Utils|Impl)");
  }

  private static ArchRule isBounded(String root) {
    return classes()
        .that(resideInAPackage(root + ".."))
        .should(
            new ArchCondition<>("neither start threads nor make queues and pools without bound") {
              @Override
              public void check(JavaClass item, ConditionEvents events) {
                if (STARTS_THREADS.containsKey(outermost(item))) {
                  return;
                }
                for (JavaAccess<?> access : item.getAccessesFromSelf()) {
                  if (access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target
                      && isUnbounded(target)) {
                    events.add(SimpleConditionEvent.violated(item, access.getDescription()));
                  }
                }
              }
            });
  }

  private static String outermost(JavaClass item) {
    return item.getEnclosingClass().map(ArchitectureTest::outermost).orElse(item.getName());
  }

  private static boolean isUnbounded(AccessTarget.CodeUnitAccessTarget target) {
    String owner = target.getOwner().getName();
    String name = target.getName();
    boolean executor =
        target.getRawParameterTypes().stream()
            .anyMatch(type -> type.isEquivalentTo(Executor.class));
    boolean made = name.equals("<init>") && UNBOUNDED.contains(owner);
    boolean pool =
        (owner.equals("java.util.concurrent.Executors") && name.startsWith("new"))
            || name.equals("commonPool");
    boolean async =
        owner.startsWith("java.util.concurrent.Complet") && name.endsWith("Async") && !executor;
    boolean parallel =
        name.equals("parallelStream")
            || (owner.startsWith("java.util.stream.") && name.equals("parallel"));
    boolean started =
        owner.startsWith("java.lang.Thread")
            && Set.of("start", "startVirtualThread").contains(name);
    return made || pool || async || parallel || started;
  }

  /** Packages with more files than that, package-info left out. */
  private static List<String> tooFull(JavaClasses all, String root, int most) {
    return all.stream()
        .filter(one -> one.isTopLevelClass() && !one.getSimpleName().equals("package-info"))
        .filter(one -> (one.getPackageName() + ".").startsWith(root + "."))
        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()))
        .entrySet()
        .stream()
        .filter(entry -> entry.getValue() > most)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Packages that no package-info marks. */
  private static List<String> unmarked(JavaClasses all, String root) {
    return all.stream()
        .map(JavaClass::getPackage)
        .distinct()
        .filter(one -> (one.getName() + ".").startsWith(root + "."))
        .filter(one -> !isMarked(one))
        .map(JavaPackage::getName)
        .sorted()
        .toList();
  }

  private static boolean isMarked(JavaPackage one) {
    return one.tryGetPackageInfo().isPresent() && one.isAnnotatedWith(NullMarked.class);
  }

  // ---- the house keeps them

  @TestFactory
  Stream<DynamicTest> packagesPointOneWay() {
    return rowsThatExist()
        .map(name -> dynamicTest(name, () -> onlyDependsOnItsRow(HOUSE, name).check(house)));
  }

  @TestFactory
  Stream<DynamicTest> domainIsPlainJava() {
    return rowsThatExist()
        .filter(name -> !WITH_FRAMEWORKS.contains(name))
        .map(name -> dynamicTest(name, () -> isPlainJava(HOUSE, name).check(house)));
  }

  private static Stream<String> rowsThatExist() {
    return TABLE.keySet().stream().filter(name -> house.containPackage(HOUSE + "." + name));
  }

  @Test
  void everyPackageHasItsRow() {
    List<String> packages =
        house.stream()
            .map(JavaClass::getPackageName)
            .distinct()
            .filter(name -> !name.equals(HOUSE))
            .map(name -> name.substring(HOUSE.length() + 1))
            .toList();

    assertThat(TABLE.keySet()).containsAll(packages);
    assertThat(packages).hasSizeGreaterThan(9);
  }

  @Test
  void aRowOnlyNamesRowsAboveIt() {
    List<String> order = List.copyOf(TABLE.keySet());

    TABLE.forEach((name, allowed) ->
        assertThat(order.subList(0, order.indexOf(name))).as(name).containsAll(allowed));
  }

  @Test
  void theRootHoldsTheApplicationOnly() {
    classes()
        .that(resideInAPackage(HOUSE))
        .should()
        .haveNameMatching("dev\\.virq\\.(VirqApplication|package-info)")
        .check(house);
    noClasses()
        .that(resideOutsideOfPackage(HOUSE))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(HOUSE)
        .check(house);
  }

  @Test
  void packagesHaveNoCycles() {
    hasNoCycles(HOUSE).check(house);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(unmarked(house, HOUSE)).isEmpty();
  }

  @Test
  void nothingIsUnbounded() {
    isBounded(HOUSE).check(house);
  }

  @Test
  void namesSayWhatAThingIs() {
    hasTellingNames(HOUSE).check(house);
  }

  @Test
  void filesKnowEachOtherInACircleOnlyWhereTheyMust() {
    assertThat(FileCycles.knots(house, HOUSE)).containsExactlyInAnyOrderElementsOf(KNOTS.keySet());
    assertThat(KNOTS.keySet())
        .filteredOn(knot -> knot.size() > 3)
        .allSatisfy(knot -> assertThat(knot).allMatch(file -> file.startsWith("irqfd.")));
  }

  @Test
  void noPackageIsTooFull() {
    assertThat(tooFull(house, HOUSE, FILES_IN_A_PACKAGE)).isEmpty();
  }

  // ---- and would be told otherwise

  @Test
  void anImportDownTheTableIsCaught() {
    assertThat(violations(onlyDependsOnItsRow(PLANTED, "errno"))).contains("KnowsErrno");
    assertThat(violations(onlyDependsOnItsRow(PLANTED, "sandbox"))).isEmpty();
  }

  @Test
  void aFrameworkInTheDomainIsCaught() {
    assertThat(violations(isPlainJava(PLANTED, "trace"))).contains("DataSize");
    assertThat(violations(isPlainJava(PLANTED, "errno"))).isEmpty();
  }

  @Test
  void aCycleIsCaught() {
    assertThat(violations(hasNoCycles(PLANTED))).contains("Slice errno", "Slice sandbox");
  }

  @Test
  void anUnmarkedPackageIsCaught() {
    assertThat(unmarked(planted, PLANTED)).containsExactly(PLANTED + ".unmarked");
  }

  @Test
  void everyWayToBeUnboundedIsCaught() throws ClassNotFoundException {
    String report = violations(isBounded(PLANTED));

    assertThat(Arrays.stream(Class.forName(PLANTED + ".unbounded.Unbounded").getDeclaredMethods()))
        .filteredOn(method -> !method.isSynthetic())
        .hasSizeGreaterThan(20)
        .extracting(Method::getName)
        .allSatisfy(name -> assertThat(report).contains("." + name + "("));
  }

  @Test
  void everyNameThatSaysNothingIsCaught() {
    assertThat(violations(hasTellingNames(PLANTED)))
        .contains("SignalManager", "SignalHelper", "SignalUtil>", "SignalUtils", "SignalImpl")
        .doesNotContain("KnowsErrno");
  }

  @Test
  void aKnotOfFilesIsCaught() {
    assertThat(FileCycles.knots(planted, PLANTED))
        .contains(Set.of("knot.First", "knot.Second", "knot.Third", "knot.Fourth"))
        .noneMatch(knot -> knot.contains("knot.Onlooker"));
  }

  @Test
  void aPackageThatIsTooFullIsCaught() {
    assertThat(tooFull(planted, PLANTED, 4)).contains(PLANTED + ".knot");
  }

  private static String violations(ArchRule rule) {
    return String.join("\n", rule.evaluate(planted).getFailureReport().getDetails());
  }
}
