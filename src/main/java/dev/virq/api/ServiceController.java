package dev.virq.api;

import dev.virq.api.http.Addresses;
import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.Instance;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.trace.Held;
import dev.virq.trace.Tracepoint;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the instance is: its limits, its breakpoint points, its errors. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SERVICE)
public class ServiceController {
  private static final String PAGE = "/ui/index.html";

  private final Limits limits;
  private final MemoryLimits memory;
  private final Instance instance;
  private final Environment environment;

  ServiceController(
      Limits limits, MemoryLimits memory, Instance instance, Environment environment) {
    this.limits = limits;
    this.memory = memory;
    this.instance = instance;
    this.environment = environment;
  }

  /**
   * This instance.
   *
   * @param service virq
   * @param version of the program
   * @param node the instance, as in the header X-Node
   * @param epoch its life, as in the header X-Epoch: another one after each start
   * @param kernel whose answers it gives
   * @param limits bounds; those ending in Total hold for the instance, the others for a sandbox
   * @param links where to go on: paths, and whole addresses where another port answers
   */
  @Schema(name = "Service")
  record ServiceJson(
      String service,
      String version,
      String node,
      String epoch,
      KernelJson kernel,
      LimitsJson limits,
      Map<String, String> links) {}

  /**
   * A build of Linux.
   *
   * @param release such as 6.18
   * @param architecture the processor's
   * @param without options that it was built without, of those that interrupts depend on
   */
  @Schema(name = "Kernel")
  record KernelJson(String release, String architecture, List<String> without) {
    /**
     * What the recordings were made on. Without Hyper-V and Xen a route of kind 4 or 5 is EINVAL.
     */
    static final KernelJson FOLLOWED =
        new KernelJson("6.18", "x86-64", List.of("CONFIG_KVM_HYPERV", "CONFIG_KVM_XEN"));
  }

  /**
   * A place in the thread's code.
   *
   * @param name what a breakpoint names
   * @param where the place
   * @param mark the thread's own mark
   * @param holds what a thread holds there
   * @param stoppable whether a breakpoint can be set; never under a lock
   */
  @Schema(name = "Point")
  record PointJson(
      String name, String where, @Nullable String mark, List<String> holds, boolean stoppable) {}

  /**
   * The breakpoint points.
   *
   * @param items in the order of the code
   */
  @Schema(name = "Points")
  record PointsJson(List<PointJson> items) {}

  /**
   * What an error means.
   *
   * @param type its path, as in the member type of errors
   * @param errno its name, as Linux has it
   * @param errnoNumber its number on x86-64
   * @param status the HTTP status that it comes with
   * @param title what it says in a few words
   * @param meaning when it is answered
   */
  @Schema(name = "ProblemType")
  record ProblemTypeJson(
      String type, String errno, int errnoNumber, int status, String title, String meaning) {}

  /** Whoever opens the address alone is led to the page, which calls the API. */
  @GetMapping(path = "/", produces = MediaType.ALL_VALUE)
  @Operation(hidden = true)
  ResponseEntity<Void> start() {
    return ResponseEntity.status(HttpStatus.FOUND).location(URI.create(PAGE)).build();
  }

  @GetMapping("/v1")
  @Operation(
      operationId = "getService",
      summary = "Show version, limits and links",
      description = "Every bound that a call can meet is among the limits.")
  ServiceJson service(HttpServletRequest request) {
    return new ServiceJson(
        "virq",
        instance.version(),
        instance.node(),
        instance.epoch(),
        KernelJson.FOLLOWED,
        LimitsJson.of(limits, memory, instance),
        links(request.getServerName()));
  }

  /** Paths of this server, and whole addresses where another one answers. */
  private Map<String, String> links(String host) {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("sandboxes", "/v1/sandboxes");
    links.put("points", "/v1/points");
    links.put("operations", "/v1/operations");
    links.put("openapi", "/v3/api-docs");
    if (Addresses.hasUi(environment)) {
      links.put("ui", "/swagger-ui/index.html");
    }
    String management = Addresses.management(environment, "", host);
    if (management != null) {
      links.put("health", management + "/health");
      links.put("metrics", management + "/prometheus");
    }
    return links;
  }

  @GetMapping("/v1/points")
  @Operation(
      operationId = "listPoints",
      summary = "List the points where threads can be stopped",
      description =
          "In the order of the code. One where a thread holds a lock is listed, but"
              + " cannot be a breakpoint.")
  PointsJson points() {
    return new PointsJson(
        Arrays.stream(Tracepoint.values())
            .filter(point -> point.pointName() != null)
            .map(ServiceController::view)
            .toList());
  }

  private static PointJson view(Tracepoint point) {
    String name = point.pointName();
    return new PointJson(
        name == null ? point.name() : name,
        point.where(),
        point.mark(),
        point.holds().stream().map(Held::label).toList(),
        point.stoppable());
  }

  @GetMapping("/problems/{errno}")
  @Operation(
      operationId = "getProblem",
      summary = "Explain one error",
      description = "The member type of an error leads here.")
  @AnswersErrno(Errno.ENOENT)
  ProblemTypeJson problem(@PathVariable String errno) {
    for (Errno one : Errno.values()) {
      if (one.name().equals(errno)) {
        return new ProblemTypeJson(
            "/problems/" + one,
            one.name(),
            one.number(),
            ErrnoAdvice.status(one).value(),
            one.title(),
            one.meaning());
      }
    }
    throw new ErrnoException(
        Errno.ENOENT,
        "problem \"%s\" is unknown%s"
            .formatted(
                Params.shown(errno),
                NearestName.hint(errno, Arrays.stream(Errno.values()).map(Errno::name).toList())));
  }
}
