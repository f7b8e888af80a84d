package dev.virq.api.scenarios;

import dev.virq.api.http.Params;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sandbox.KeptRuns;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** What there is to see, as scenarios that run at once or step by step. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SCENARIOS)
public class ScenarioController {
  private static final String RUN = "run-";

  /** What a name takes over of another: longer than any prefix that a token reaches. */
  private static final int PREFIX = 52;

  /** Heap of a run and of what its calls answer, until it is answered. */
  private static final int BYTES = 262_144;

  private final Scenarios scenarios;
  private final Sandboxes sandboxes;
  private final InnerCalls calls;
  private final JsonMapper json;

  ScenarioController(Scenarios scenarios, Sandboxes sandboxes, InnerCalls calls, JsonMapper json) {
    this.scenarios = scenarios;
    this.sandboxes = sandboxes;
    this.calls = calls;
    this.json = json;
  }

  /**
   * The scenarios.
   *
   * @param items by name
   */
  @Schema(name = "Scenarios")
  record ScenariosJson(List<Scenario> items) {}

  @GetMapping("/v1/scenarios")
  @Operation(
      operationId = "listScenarios",
      summary = "List the scenarios",
      description =
          "Each with the calls that it makes and what it expects them to answer. What stands in"
              + " braces is kept of an earlier answer.")
  ScenariosJson list() {
    RequestBytes.charge(BYTES);
    return new ScenariosJson(List.copyOf(scenarios.all()));
  }

  @GetMapping("/v1/scenarios/{scenario}")
  @Operation(
      operationId = "getScenario",
      summary = "Show a scenario",
      description = "With its steps.")
  @AnswersErrno(Errno.ENOENT)
  Scenario get(@PathVariable String scenario) {
    return scenarios.find(scenario);
  }

  @PostMapping("/v1/sandboxes/{sb}/scenarios/{scenario}/run")
  @Operation(
      operationId = "runScenario",
      summary = "Run a scenario, or begin to step through it",
      description =
          "With objects of its own. Each step is a call on this sandbox, or on another one that the"
              + " scenario makes and ends, as it stands in the answer;"
              + " the first that is not as expected ends the run as FAILED, which is no error. With"
              + " pace=step no step is taken yet. The last 8 runs are kept.")
  @AnswersErrno({Errno.EMFILE, Errno.ENFILE})
  ScenarioRun.RunJson run(
      @PathVariable String scenario,
      @RequestParam(required = false) @Nullable String pace,
      HttpServletRequest request,
      HttpServletResponse response,
      Sandbox.Life life) {
    Scenario one = scenarios.find(scenario);
    boolean all = isWhole(pace);
    RequestBytes.charge(BYTES);
    KeptRuns runs = life.sandbox().runs();
    KeptRuns.Kept kept = runs.begin(one.steps().size());
    ScenarioRun run = new ScenarioRun(one, life, other(life.sandbox()), kept, json);
    kept.set(run);
    if (all) {
      run.take(true, caller(request, response));
    }
    return run.show();
  }

  @PostMapping("/v1/sandboxes/{sb}/scenarios/runs/{run}/next")
  @Operation(
      operationId = "stepScenario",
      summary = "Take the next step of a run",
      description =
          "Of a run that is over, nothing happens. Once somebody else has reset the sandbox, the run"
              + " fails: what it made is gone.")
  @AnswersErrno({Errno.EBUSY})
  ScenarioRun.RunJson next(
      @PathVariable String run,
      HttpServletRequest request,
      HttpServletResponse response,
      Sandbox sandbox) {
    ScenarioRun one = find(sandbox, run);
    RequestBytes.charge(BYTES);
    one.take(false, caller(request, response));
    return one.show();
  }

  @GetMapping("/v1/sandboxes/{sb}/scenarios/runs/{run}")
  @Operation(
      operationId = "getRun",
      summary = "Show a run",
      description = "Also while a step of it waits.")
  ScenarioRun.RunJson show(@PathVariable String run, Sandbox sandbox) {
    return find(sandbox, run).show();
  }

  /** A name of which whoever reaches the sandbox reaches the bearer, too. */
  private String other(Sandbox sandbox) {
    String name = sandbox.settings().name();
    return sandboxes.freshName(name.substring(0, Math.min(name.length(), PREFIX)) + "-");
  }

  private ScenarioRun.Caller caller(HttpServletRequest request, HttpServletResponse response) {
    return (method, target, body, uid) -> calls.call(request, response, method, target, body, uid);
  }

  private static boolean isWhole(@Nullable String pace) {
    return switch (pace) {
      case null -> true;
      case "all" -> true;
      case "step" -> false;
      default ->
          throw Params.invalid("pace \"%s\" is neither all nor step".formatted(Params.shown(pace)));
    };
  }

  private static ScenarioRun find(Sandbox sandbox, String id) {
    try {
      long number = id.startsWith(RUN) ? Long.parseLong(id.substring(RUN.length())) : 0;
      if (sandbox.runs().find(number) instanceof ScenarioRun run) {
        return run;
      }
    } catch (NumberFormatException e) {
      throw Params.invalid("\"%s\" is not an id of the form run-N".formatted(Params.shown(id)));
    }
    throw new ErrnoException(
        Errno.ENOENT, "run \"" + Params.shown(id) + "\" is unknown, or is not kept any more");
  }
}
