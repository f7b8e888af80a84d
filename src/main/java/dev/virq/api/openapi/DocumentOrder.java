package dev.virq.api.openapi;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.tags.Tag;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The document's order: tags by where they stand, and in a tag the operations in the order in which
 * a reader calls them. On a fresh instance each finds what its example names, because those before
 * it have made that; what ends an object comes last in its tag, and ends one that nothing after it
 * needs.
 *
 * <p>JSON can say the order of tags and of paths. It cannot put two operations of one path apart,
 * so each operation tells its place in {@value #PLACE} besides; Swagger UI sorts by that.
 */
public final class DocumentOrder {
  /** What this instance is. */
  public static final String SERVICE = "Service";

  /** Leases. */
  public static final String SANDBOXES = "Sandboxes";

  /** Scenarios as text. */
  public static final String SCRIPTS = "Scripts";

  /** Virtual machines. */
  public static final String VMS = "VMs";

  /** Eventfds and signals. */
  public static final String EVENTFDS = "Eventfds";

  /** Bindings. */
  public static final String IRQFDS = "Irqfds";

  /** Exact waiting. */
  public static final String WAIT = "Wait";

  /** Breakpoints. */
  public static final String BREAKPOINTS = "Breakpoints";

  /** What has happened. */
  public static final String EVENTS = "Events and traces";

  /** What there is to see. */
  public static final String SCENARIOS = "Scenarios";

  /** Programs under many schedules. */
  public static final String EXPLORATIONS = "Explorations";

  /** The chips and the guest. */
  public static final String CHIPS = "Interrupt controllers";

  /** The extension that tells an operation's place in the document, from 1. */
  static final String PLACE = "x-order";

  private record Chapter(String tag, String description, List<String> operations) {}

  // Scripts come early: the example leaves vm-1 and efd-1 behind. So the VM and the eventfd that
  // are made and closed by example can be others than those that the rest works on.
  private static final List<Chapter> CHAPTERS =
      List.of(
          new Chapter(
              SERVICE,
              "What this instance is and what it can do.",
              List.of("getService", "listPoints", "getProblem")),
          new Chapter(
              SANDBOXES,
              "Leases on a system of one's own. Any call renews one.",
              List.of(
                  "createSandbox",
                  "listSandboxes",
                  "ensureSandbox",
                  "getSandbox",
                  "getClock",
                  "advanceClock",
                  "getSnapshot",
                  "renewSandbox",
                  "getStatistics",
                  "resetSandbox",
                  "deleteSandbox")),
          new Chapter(
              SCRIPTS, "A whole scenario in one request.", List.of("listOperations", "runScript")),
          new Chapter(
              VMS,
              "Virtual machines and the lines of their controllers.",
              List.of(
                  "createVm",
                  "listVms",
                  "getVm",
                  "createIrqchip",
                  "listGsis",
                  "getGsi",
                  "setLine",
                  "setBootVcpu",
                  "setX2ApicApi",
                  "closeVm")),
          new Chapter(
              EVENTFDS,
              "Counters that interrupts are signalled through, and the signals.",
              List.of(
                  "createEventfd",
                  "listEventfds",
                  "getEventfd",
                  "duplicateDescriptor",
                  "signalEventfd",
                  "getSignal",
                  "signalMany",
                  "pollEventfd",
                  "readEventfd",
                  "createPipe",
                  "closeEventfd")),
          new Chapter(
              IRQFDS,
              "Bindings of an eventfd to an interrupt line.",
              List.of(
                  "assignIrqfd",
                  "listIrqfds",
                  "getIrqfd",
                  "getIrqfdOfVm",
                  "deassignIrqfd",
                  "deleteIrqfd")),
          new Chapter(WAIT, "Wait for facts, not for time to pass.", List.of("waitFor")),
          new Chapter(
              BREAKPOINTS,
              "Stop threads inside the race. Every hold ends.",
              List.of(
                  "createBreakpoint",
                  "listBreakpoints",
                  "getBreakpoint",
                  "releaseBreakpoint",
                  "deleteBreakpoint")),
          new Chapter(
              EVENTS, "What has happened, and in which order.", List.of("listEvents", "getTrace")),
          new Chapter(
              SCENARIOS,
              "What there is to see, as calls and what they answer.",
              List.of("listScenarios", "getScenario", "runScenario", "getRun", "stepScenario")),
          new Chapter(
              EXPLORATIONS,
              "Small concurrent programs under many schedules, and each schedule again.",
              List.of("runExploration", "runSchedule")),
          new Chapter(
              CHIPS,
              "The chips behind the lines, and the guest's side: vCPUs and what they do.",
              List.of(
                  "createVcpu",
                  "listVcpus",
                  "getVcpu",
                  "setCpuid",
                  "restoreLapic",
                  "getLapic",
                  "setApicBase",
                  "getApicBase",
                  "getIrqchip",
                  "restoreIoApic",
                  "restoreIoApicPin",
                  "restorePic",
                  "createPit",
                  "getPit",
                  "restorePit",
                  "setReinjection",
                  "getRouting",
                  "replaceRouting",
                  "signalMsi",
                  "acknowledgeInterrupt",
                  "endInterrupt",
                  "serveInterrupts",
                  "accessRegister",
                  "raiseNmi",
                  "setNmis",
                  "setRunState",
                  "wakeVcpu")));

  private static final List<String> OPERATIONS =
      CHAPTERS.stream().flatMap(chapter -> chapter.operations().stream()).toList();

  private DocumentOrder() {}

  /** The ids of all operations, in order. */
  static List<String> operations() {
    return OPERATIONS;
  }

  /** Puts tags and paths in order, and has each operation tell its place. */
  static void arrange(OpenAPI document) {
    document.setTags(
        CHAPTERS.stream()
            .map(chapter -> new Tag().name(chapter.tag()).description(chapter.description()))
            .toList());
    Paths sorted = new Paths();
    document.getPaths().entrySet().stream()
        .sorted(
            Comparator.comparingInt((Map.Entry<String, PathItem> path) -> place(path.getValue()))
                .thenComparing(Map.Entry::getKey))
        .forEach(path -> sorted.addPathItem(path.getKey(), path.getValue()));
    sorted.values().stream()
        .flatMap(path -> path.readOperations().stream())
        .forEach(operation -> operation.addExtension(PLACE, place(operation)));
    document.setPaths(sorted);
  }

  /** A path stands where the first of its operations does. */
  private static int place(PathItem path) {
    return path.readOperations().stream().mapToInt(DocumentOrder::place).min().orElse(0);
  }

  /** One that is not listed comes last; a test finds it. */
  private static int place(Operation operation) {
    int index = OPERATIONS.indexOf(operation.getOperationId());
    return index < 0 ? OPERATIONS.size() + 1 : index + 1;
  }
}
