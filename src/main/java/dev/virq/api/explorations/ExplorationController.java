package dev.virq.api.explorations;

import dev.virq.api.http.Instance;
import dev.virq.api.http.Params;
import dev.virq.api.json.Ndjson;
import dev.virq.api.load.EndlessAnswer;
import dev.virq.api.load.LongWork;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.defect.Defect;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.explore.Exploration;
import dev.virq.explore.Program;
import dev.virq.explore.ProgramText;
import dev.virq.explore.Report;
import dev.virq.explore.RunLog;
import dev.virq.explore.Search;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import dev.virq.schedule.Schedule;
import dev.virq.trace.TraceBuffer;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Small concurrent programs, under many schedules and under one. */
@RestController
@RequestMapping("/v1/sandboxes/{sb}/explorations")
@Tag(name = DocumentOrder.EXPLORATIONS)
public class ExplorationController {
  private static final int DEPTH = 3;
  private static final long RUNS = 10_000;
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration OTHERWISE = Duration.ofMinutes(1);
  private static final Duration MOST = Duration.ofMinutes(10);

  /**
   * Heap of the program, of what an exploration keeps of its runs, and of the stories of its
   * violations; all are bounded.
   */
  private static final int BYTES = 12 << 20;

  private static final String PROGRAM =
      "setup:\\n  vm_create v0\\n  irqchip_create v0\\n  eventfd_create e0 0\\n"
          + "  irqfd_assign v0 e0 5\\nactor writer:\\n  eventfd_write e0 1\\nactor vmm:\\n"
          + "  vm_close v0\\nobserve: outcome(writer.1)\\n";

  private final ExplorationPlaces places;
  private final LongWork work;
  private final Sandboxes sandboxes;
  private final Instance instance;
  private final JsonMapper json;

  ExplorationController(
      ExplorationPlaces places,
      LongWork work,
      Sandboxes sandboxes,
      Instance instance,
      JsonMapper json) {
    this.places = places;
    this.work = work;
    this.sandboxes = sandboxes;
    this.instance = instance;
    this.json = json;
  }

  /**
   * A program, and how its schedules are searched.
   *
   * @param program as text
   * @param strategy how schedules are chosen; PCT when left out
   * @param depth PCT only: of the bugs that are looked for, 1 to 32; 3 when left out
   * @param preemptions EXHAUSTIVE only: how many a schedule has at most; no bound when left out
   * @param seed of the strategy; 0 when left out
   * @param runs how many at most; 10,000 when left out
   * @param stopOnFirst whether the first violation ends it; false when left out
   * @param defect a precaution of the protocol that is taken away; none when left out
   * @param timeout how long at most, at most PT10M; PT1M when left out
   */
  @Schema(
      name = "ExplorationRequest",
      example = "{\"program\":\"" + PROGRAM + "\",\"runs\":200,\"defect\":\"no-grace-period\"}")
  record ExplorationRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String program,
      @Nullable Search strategy,
      @Nullable Long depth,
      @Nullable Long preemptions,
      @Nullable Long seed,
      @Nullable Long runs,
      @Nullable Boolean stopOnFirst,
      @Nullable String defect,
      @Nullable Duration timeout) {}

  /**
   * A schedule of a program.
   *
   * @param program as it was explored
   * @param schedule of an exploration; the one without a preemption when left out
   * @param defect with which it was explored; none when left out
   * @param events whether its events are left in the sandbox's log; false when left out
   */
  @Schema(name = "ReplayRequest", example = "{\"program\":\"" + PROGRAM + "\",\"events\":true}")
  record ReplayRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String program,
      @Nullable String schedule,
      @Nullable String defect,
      @Nullable Boolean events) {}

  /**
   * One run.
   *
   * @param schedule the choices that it had
   * @param preemptions how often a thread that could have gone on did not
   * @param outcome what was observed
   * @param violated the expectations that did not hold
   * @param reports what must never happen, and did
   * @param steps who did what, in order
   * @param events path of its events; absent when they were not asked for
   * @param trace path of its trace; absent when they were not
   */
  @Schema(name = "Replay")
  record ReplayJson(
      String schedule,
      int preemptions,
      String outcome,
      List<String> violated,
      List<ReportJson> reports,
      List<String> steps,
      @Nullable String events,
      @Nullable String trace) {
    static ReplayJson of(
        Exploration.Replayed replayed, @Nullable String events, @Nullable String trace) {
      return new ReplayJson(
          replayed.schedule().toString(),
          replayed.preemptions(),
          replayed.outcome(),
          replayed.violated(),
          replayed.reports().stream().map(ReportJson::of).toList(),
          replayed.story(),
          events,
          trace);
    }
  }

  /**
   * What KASAN or lockdep would report of a kernel.
   *
   * @param kind such as use_after_free
   * @param object such as vm-1
   * @param detail the same for people
   * @param usedAt where it was found
   * @param freedAt where the object had ended before
   */
  @Schema(name = "ExplorationReport")
  record ReportJson(
      String kind,
      String object,
      String detail,
      @Nullable PlaceJson usedAt,
      @Nullable PlaceJson freedAt) {
    static ReportJson of(Report report) {
      return new ReportJson(
          report.kind().word(),
          report.object(),
          report.sentence(),
          PlaceJson.of(report.used()),
          PlaceJson.of(report.freed()));
    }
  }

  /**
   * Where a thread was.
   *
   * @param thread its name in the run
   * @param point the last one that it passed
   * @param stack innermost call first
   */
  @Schema(name = "ExplorationPlace")
  record PlaceJson(String thread, String point, List<String> stack) {
    static @Nullable PlaceJson of(Report.@Nullable Place place) {
      return place == null ? null : new PlaceJson(place.thread(), place.at(), place.stack());
    }
  }

  @PostMapping(
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = {MediaType.APPLICATION_NDJSON_VALUE, Ndjson.AS_TEXT})
  @Operation(
      operationId = "runExploration",
      summary = "Run a small concurrent program under many schedules",
      description =
          "The program has a host of its own: nothing of the sandbox is touched. The answer is one"
              + " JSON object a line, as it goes: each second how far it is; at the end the"
              + " outcomes, most frequent first, each with the schedule that brings it back; then"
              + " each violated expectation with the simplest schedule that was found; last a"
              + " verdict, with stopped when it ended early: timeout, ended or drain. One a sandbox,"
              + " else EBUSY; 8 in all, else ENFILE. It takes turns with scripts and stops when the"
              + " client goes away.")
  @ApiResponse(
      responseCode = "200",
      description = "Explored",
      content = {
        // First, as with scripts.
        @Content(mediaType = MediaType.TEXT_PLAIN_VALUE, schema = @Schema(type = "string")),
        @Content(mediaType = MediaType.APPLICATION_NDJSON_VALUE, schema = @Schema(type = "string"))
      })
  @AnswersErrno({Errno.EBUSY, Errno.EAGAIN})
  void explore(
      @RequestBody ExplorationRequest body,
      HttpServletRequest request,
      HttpServletResponse response,
      Sandbox.Life life) {
    RequestBytes.charge(BYTES);
    Exploration exploration = exploration(body.program(), body.defect());
    Exploration.Plan plan = plan(body);
    Duration timeout = Params.duration("/timeout", body.timeout(), OTHERWISE, LEAST, MOST);
    String type = Ndjson.type(request);
    inTurn(
        life.sandbox(),
        turn -> {
          response.setContentType(type);
          return EndlessAnswer.work(
              response,
              answer ->
                  new ExplorationRun(
                          life.sandbox(),
                          sandboxes::isDraining,
                          sandboxes.totals().runs(),
                          json,
                          turn,
                          answer,
                          timeout.toNanos())
                      .run(exploration, plan));
        });
  }

  @PostMapping(
      path = "/replay",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "runSchedule",
      summary = "Run a program under one schedule",
      description =
          "The same schedule makes the same choices, on any machine. One that was made for another"
              + " program, defect or version of virq is EINVAL. Without a schedule no thread is"
              + " preempted. With events they are left in the sandbox's log, to be read, traced and"
              + " looked at on the page; the numbers in them are those of the run's own objects, so"
              + " a sandbox made for it is best.")
  @AnswersErrno({Errno.EBUSY, Errno.EAGAIN})
  ReplayJson replay(@RequestBody ReplayRequest body, Sandbox.Life life) {
    RequestBytes.charge(BYTES);
    Exploration exploration = exploration(body.program(), body.defect());
    Schedule schedule = body.schedule() == null ? null : schedule(body.schedule());
    boolean events = Boolean.TRUE.equals(body.events());
    return inTurn(
        life.sandbox(),
        turn -> {
          Exploration ending =
              exploration.checking(() -> {
                turn.step();
                requireGoing(life.sandbox());
              });
          return events
              ? recorded(ending, schedule, life.sandbox())
              : ReplayJson.of(replayed(ending, schedule), null, null);
        });
  }

  /** A schedule that takes long, for its threads are stuck, keeps neither a drain nor an end. */
  private void requireGoing(Sandbox sandbox) {
    if (sandboxes.isDraining()) {
      throw new ErrnoException(Errno.ESHUTDOWN, "the replay was ended: the instance drains");
    }
    if (sandbox.log().isClosed()) {
      throw new ErrnoException(
          Errno.ECANCELED,
          "the replay was ended: sandbox %s is gone".formatted(sandbox.settings().name()));
    }
  }

  private static Exploration.Replayed replayed(
      Exploration exploration, @Nullable Schedule schedule) {
    return schedule == null ? exploration.unpreempted() : exploration.replay(schedule);
  }

  private static ReplayJson recorded(
      Exploration exploration, @Nullable Schedule schedule, Sandbox sandbox) {
    TraceBuffer events = sandbox.log();
    RunLog log = new RunLog(events, String.valueOf(events.workers()));
    long before = events.seq();
    Exploration.Replayed replayed =
        schedule == null ? exploration.unpreempted(log) : exploration.replay(schedule, log);
    String path = "/v1/sandboxes/" + sandbox.settings().name();
    String span = "?after=%d&upTo=%d".formatted(before, events.seq());
    return ReplayJson.of(replayed, path + "/events" + span, path + "/trace" + span);
  }

  private <R extends @Nullable Object> R inTurn(
      Sandbox sandbox, LongWork.Steps<R, RuntimeException> steps) {
    try (ExplorationPlaces.Place _ = places.enter(sandbox)) {
      return work.inTurn(sandbox.settings().name(), steps);
    }
  }

  private Exploration exploration(@Nullable String program, @Nullable String word) {
    Defect defect = word == null ? null : Defect.find(word);
    if (word != null && defect == null) {
      throw Params.invalid(
          "/defect", "\"%s\" is none of %s".formatted(Params.shown(word), Defect.words()));
    }
    return new Exploration(program(program), defect, instance.version());
  }

  private static Program program(@Nullable String text) {
    try {
      return ProgramText.parse(Params.required("/program", text));
    } catch (ErrnoException e) {
      throw Params.refused(e.errno(), "/program", e.sentence());
    }
  }

  private static Exploration.Plan plan(ExplorationRequest body) {
    Search search = body.strategy() == null ? Search.PCT : body.strategy();
    requireStrategy("/depth", body.depth(), search, Search.PCT);
    requireStrategy("/preemptions", body.preemptions(), search, Search.EXHAUSTIVE);
    long depth = body.depth() == null ? DEPTH : body.depth();
    long preemptions = body.preemptions() == null ? Integer.MAX_VALUE : body.preemptions();
    long seed = body.seed() == null ? 0 : body.seed();
    long runs = body.runs() == null ? RUNS : body.runs();
    return new Exploration.Plan(
        search.strategy(
            seed,
            (int) Params.between("/depth", depth, 1, Search.DEEPEST),
            (int) Params.between("/preemptions", preemptions, 0, Integer.MAX_VALUE)),
        seed,
        Params.between("/runs", runs, 1, Exploration.MOST_RUNS),
        Boolean.TRUE.equals(body.stopOnFirst()));
  }

  /** A member that would have no effect is a mistake. */
  private static void requireStrategy(
      String pointer, @Nullable Long value, Search search, Search of) {
    if (value != null && search != of) {
      throw Params.invalid(
          pointer, "is for strategy %s, and the strategy is %s".formatted(of, search));
    }
  }

  private static Schedule schedule(String text) {
    try {
      return Schedule.parse(text);
    } catch (ErrnoException e) {
      throw Params.refused(e.errno(), "/schedule", e.sentence());
    }
  }
}
