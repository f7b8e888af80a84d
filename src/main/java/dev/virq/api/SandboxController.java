package dev.virq.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.access.Reach;
import dev.virq.api.http.Instance;
import dev.virq.api.http.LifeHeaders;
import dev.virq.api.http.Located;
import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.api.snapshots.SnapshotController;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.limits.SandboxLimits;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SandboxName;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotFault;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.stats.Counts;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.RecordComponent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The sandboxes of this instance: made, found, listed. */
@RestController
@RequestMapping(path = "/v1/sandboxes", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SANDBOXES)
public class SandboxController {
  /** A sandbox whose clock is moved by the caller. */
  private static final String VIRTUAL_CLOCK = "{\"ttl\":\"PT10M\",\"clock\":\"VIRTUAL\"}";

  private static final String LEASE = "{\"ttl\":\"PT10M\",\"labels\":{\"rig\":\"demo\"}}";

  /** One eventfd, to which 7 was written. */
  private static final String FROM_SNAPSHOT =
      """
      {"ttl":"PT10M","from":{"schema":{"major":1,"minor":0},"virq":"0.1.0",\
      "clock":{"kind":"VIRTUAL","nanos":0},\
      "next":{"vm":1,"eventfd":2,"irqfd":1,"signal":2,"breakpoint":1},\
      "eventfds":[{"number":1,"semaphore":false,"nonblock":true,"counter":"7","written":"7",\
      "drained":"0","read":"0","fds":[3]}],\
      "pipes":[],"vms":[],"irqfds":[],"freedIrqfds":[],"releasedVms":[]}}\
      """;

  private static final String NOT_A_LABEL = "\"%s\" is not " + SandboxName.FORM;
  private static final Duration LEAST_TTL = Duration.ofMillis(1);
  private static final int MAX_LABELS = 32;

  private final Sandboxes sandboxes;
  private final Limits limits;
  private final Instance instance;
  private final Clock clock;

  SandboxController(Sandboxes sandboxes, Limits limits, Instance instance, Clock clock) {
    this.sandboxes = sandboxes;
    this.limits = limits;
    this.instance = instance;
    this.clock = clock;
  }

  /**
   * A sandbox to be made.
   *
   * @param name RFC 1123 label of at most 63 characters; made up when left out
   * @param ttl its lease, at most limits.ttlNanos; PT10M, or what the instance is set to, when left
   *     out
   * @param workers injections that may run at once, at most limits.workers; as many as the instance
   *     is set to when left out
   * @param labels at most 32, none when left out: the caller's own keys and values
   * @param limits those that are to be lower than the instance's
   * @param clock what the timers go by: REAL goes by itself, VIRTUAL when it is advanced; REAL, or
   *     that of the snapshot, when left out
   * @param from a snapshot that it begins with, as getSnapshot answers it; empty when left out
   */
  @Schema(name = "SandboxRequest", example = "{\"ttl\":\"PT10M\",\"labels\":{\"rig\":\"demo\"}}")
  record SandboxRequest(
      @Nullable String name,
      @Nullable Duration ttl,
      @Nullable Long workers,
      @Nullable Map<String, String> labels,
      @Nullable LimitsRequest limits,
      SandboxClock.@Nullable Kind clock,
      @Schema(implementation = SnapshotController.Document.class)
          @Nullable Map<String, Object> from) {
    static final SandboxRequest EMPTY =
        new SandboxRequest(null, null, null, null, null, null, null);

    /** The snapshot that it begins with, or null. */
    @Nullable Snapshot snapshot() {
      if (from == null) {
        return null;
      }
      try {
        return SnapshotJson.read(from);
      } catch (SnapshotFault fault) {
        throw Params.invalid("/from" + fault.pointer(), fault.sentence());
      }
    }
  }

  /**
   * Limits of one sandbox, as GET /v1 names them; those of the instance when left out.
   *
   * @param vms VMs that are not released; the instance's when left out
   * @param eventfds open eventfds; the instance's when left out
   * @param descriptors open descriptors; the instance's when left out
   * @param irqfds irqfds that are not freed; the instance's when left out
   * @param breakpoints breakpoints; the instance's when left out
   * @param heldThreads threads that breakpoints may stop at once; the instance's when left out
   * @param waiters calls that wait at once; the instance's when left out
   * @param signalsKept signals that can be asked for afterwards; the instance's when left out
   * @param tombstones released VMs, and freed irqfds, that can be asked for; the instance's when
   *     left out
   * @param events events kept; the instance's when left out
   * @param streams event streams that are open at once; the instance's when left out
   * @param scriptLines operations of a script, and writes of a call in bulk; the instance's when
   *     left out
   * @param scriptAnswer bytes of a script's answer; the instance's when left out
   * @param workers workers, and threads of a call in bulk; the instance's when left out
   * @param memoryBytes bytes of its objects and its history; the instance's when left out
   * @param longestWait longest wait
   * @param hold longest hold of a breakpoint; the instance's when left out
   * @param ttl longest lease; the instance's when left out
   */
  @Schema(name = "LimitsRequest")
  record LimitsRequest(
      @Nullable Long vms,
      @Nullable Long eventfds,
      @Nullable Long descriptors,
      @Nullable Long irqfds,
      @Nullable Long breakpoints,
      @Nullable Long heldThreads,
      @Nullable Long waiters,
      @Nullable Long signalsKept,
      @Nullable Long tombstones,
      @Nullable Long events,
      @Nullable Long streams,
      @Nullable Long scriptLines,
      @Nullable Long scriptAnswer,
      @Nullable Long workers,
      @Nullable Long memoryBytes,
      @JsonProperty("wait") @Schema(description = "longest wait; the instance's when left out")
          @Nullable Duration longestWait,
      @Nullable Duration hold,
      @Nullable Duration ttl) {

    /** What was asked for, checked against the instance's. */
    SandboxLimits under(Limits limits, MemoryLimits memory) {
      Map<String, Long> lowered = new TreeMap<>();
      for (RecordComponent component : LimitsRequest.class.getRecordComponents()) {
        Object asked = asked(component);
        if (asked != null) {
          // No component may be called wait.
          String name = component.getName();
          lowered.put(name.equals("longestWait") ? "wait" : name, number(asked));
        }
      }
      lowered.forEach((name, value) -> {
        String fault = SandboxLimits.fault(name, value, limits, memory);
        if (fault != null) {
          throw Params.invalid("/limits/" + name, fault);
        }
      });
      return new SandboxLimits(lowered);
    }

    private @Nullable Object asked(RecordComponent component) {
      try {
        return component.getAccessor().invoke(this);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("no limit " + component, e);
      }
    }

    /** A length of time in nanoseconds, or as many as there are. */
    private static long number(Object asked) {
      if (!(asked instanceof Duration time)) {
        return ((Number) asked).longValue();
      }
      try {
        return time.toNanos();
      } catch (ArithmeticException e) {
        return time.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
      }
    }
  }

  /**
   * A sandbox.
   *
   * @param name as in its path
   * @param uid its life: another one after each reset, and when it is made anew, here or elsewhere
   * @param ttlNanos its lease, in nanoseconds; absent for one that never expires
   * @param expiresAt when it expires if no call comes
   * @param workers injections that run at once
   * @param labels as it was made with
   * @param limits those that it was made with below the instance's, as GET /v1 names them
   * @param clock what its timers go by
   * @param counts how many objects it has
   * @param seq number of its newest event
   */
  @Schema(name = "Sandbox")
  record SandboxJson(
      String name,
      String uid,
      @Nullable Long ttlNanos,
      @Nullable Instant expiresAt,
      int workers,
      Map<String, String> labels,
      Map<String, Long> limits,
      SandboxClock.Kind clock,
      Counts counts,
      long seq)
      implements Located {

    static SandboxJson of(Sandbox sandbox, Clock clock) {
      Duration ttl = sandbox.ttl();
      Long remaining = sandbox.remainingNanos();
      Sandbox.Life life = sandbox.life();
      return new SandboxJson(
          sandbox.settings().name(),
          life.uid(),
          ttl == null ? null : ttl.toNanos(),
          remaining == null ? null : clock.instant().plusNanos(remaining),
          sandbox.settings().workers(),
          sandbox.settings().labels(),
          SandboxController.limits(sandbox.settings().limits()),
          sandbox.settings().clock(),
          life.host().counts(),
          sandbox.seq());
    }

    @Override
    public String madeBy(String path) {
      return Located.within(path, name);
    }
  }

  private static Map<String, Long> limits(SandboxLimits limits) {
    Map<String, Long> shown = new TreeMap<>();
    limits
        .lowered()
        .forEach(
            (name, value) -> shown.put(SandboxLimits.isTime(name) ? name + "Nanos" : name, value));
    return shown;
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "createSandbox",
      summary = "Create a sandbox",
      description =
          "Sandboxes share nothing. One that no call has come to for ttl is deleted."
              + " Without a name it gets one that no other has had. With a snapshot everything"
              + " that was in the other sandbox is in it, under the same ids.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      schema = @Schema(implementation = SandboxRequest.class),
                      examples = {
                        @ExampleObject(name = "lease", value = LEASE),
                        @ExampleObject(name = "fromSnapshot", value = FROM_SNAPSHOT)
                      })))
  @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true)
  @AnswersErrno({Errno.EEXIST, Errno.EMFILE, Errno.ENFILE, Errno.ESHUTDOWN})
  ResponseEntity<SandboxJson> create(
      @RequestBody(required = false) @Nullable SandboxRequest body, HttpServletRequest http) {
    Reach reach = Reach.of(http);
    SandboxRequest request = body == null ? SandboxRequest.EMPTY : body;
    String name = request.name() == null ? freshName(reach) : name("/name", request.name());
    reach.require(name);
    Snapshot from = request.snapshot();
    SandboxSpec settings = settings(name, request, from);
    return answer(
        HttpStatus.CREATED,
        from == null
            ? sandboxes.create(settings)
            : sandboxes.create(settings, host -> Snapshots.restore(host, from), Condition.NONE));
  }

  private String freshName(Reach reach) {
    return reach.prefix().isEmpty() ? sandboxes.freshName() : sandboxes.freshName(reach.prefix());
  }

  @PutMapping(path = "/{sb}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "ensureSandbox",
      summary = "Create a sandbox unless it is there with the same settings",
      description =
          "What is there may be another life than the caller's: compare uid, or send If-Match,"
              + " or If-None-Match: * to be refused. A snapshot makes a new sandbox, and one that"
              + " is there is EEXIST then.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON_VALUE,
                      schema = @Schema(implementation = SandboxRequest.class),
                      examples = @ExampleObject(name = "virtualClock", value = VIRTUAL_CLOCK))))
  @ApiResponse(responseCode = "200", description = "It was there", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "201", description = "Created", useReturnTypeSchema = true)
  @AnswersErrno(
      value = {Errno.EEXIST, Errno.EMFILE, Errno.ENFILE, Errno.ESHUTDOWN},
      mayCreateOnly = true)
  ResponseEntity<SandboxJson> ensure(
      @PathVariable String sb,
      @RequestBody(required = false) @Nullable SandboxRequest body,
      HttpServletRequest sent) {
    SandboxRequest request = body == null ? SandboxRequest.EMPTY : body;
    if (!SandboxName.isOne(sb)) {
      throw Params.invalid(NOT_A_LABEL.formatted(Params.shown(sb)));
    }
    if (request.name() != null && !request.name().equals(sb)) {
      throw Params.invalid(
          "/name",
          "\"%s\" differs from the path's \"%s\"".formatted(Params.shown(request.name()), sb));
    }
    Snapshot from = request.snapshot();
    SandboxSpec settings = settings(sb, request, from);
    Condition condition = LifeHeaders.conditionToMake(sent);
    if (from != null) {
      return answer(
          HttpStatus.CREATED,
          sandboxes.create(settings, host -> Snapshots.restore(host, from), condition));
    }
    Sandboxes.Created result = sandboxes.ensure(settings, condition);
    return answer(result.created() ? HttpStatus.CREATED : HttpStatus.OK, result.sandbox());
  }

  private ResponseEntity<SandboxJson> answer(HttpStatus status, Sandbox sandbox) {
    SandboxJson json = SandboxJson.of(sandbox, clock);
    return ResponseEntity.status(status)
        .header(LifeHeaders.UID, json.uid())
        .eTag(LifeHeaders.etag(json.uid()))
        .body(json);
  }

  private static String name(String pointer, String name) {
    if (!SandboxName.isOne(name)) {
      throw Params.invalid(pointer, NOT_A_LABEL.formatted(Params.shown(name)));
    }
    return name;
  }

  private SandboxSpec settings(String name, SandboxRequest request, @Nullable Snapshot from) {
    SandboxClock.Kind clock = from == null ? SandboxClock.Kind.REAL : from.clock().kind();
    SandboxLimits lower =
        request.limits() == null
            ? SandboxLimits.NONE
            : request.limits().under(limits, sandboxes.memoryLimits());
    Limits own = lower.of(limits);
    return new SandboxSpec(
        name,
        Params.duration("/ttl", request.ttl(), instance.defaultTtl(), LEAST_TTL, own.maxTtl()),
        request.workers() == null
            ? Math.min(sandboxes.defaultWorkers(), own.maxWorkers())
            : (int) Params.between("/workers", request.workers(), 1, own.maxWorkers()),
        labels(request.labels() == null ? Map.of() : request.labels()),
        lower,
        request.clock() == null ? clock : request.clock());
  }

  private static Map<String, String> labels(Map<String, String> labels) {
    if (labels.size() > MAX_LABELS) {
      throw Params.invalid("/labels", labels.size() + " labels exceed the limit of " + MAX_LABELS);
    }
    labels.forEach((key, value) -> {
      var _ = Params.name("/labels", key);
      if (value.length() > Params.MAX_NAME) {
        throw Params.invalid(
            "/labels/" + key,
            "must be at most " + Params.MAX_NAME + " characters long, not " + value.length());
      }
      var _ = Params.printable("/labels/" + key, value);
    });
    return labels;
  }

  @GetMapping
  @Operation(
      operationId = "listSandboxes",
      summary = "List the sandboxes of this node",
      description = "In the order of their names. With a token, those that it reaches.")
  Paging.Page<SandboxJson> list(
      @RequestParam(required = false) @Nullable String label,
      Paging paging,
      HttpServletRequest http) {
    Reach reach = Reach.of(http);
    String[] pair = label == null ? new String[0] : label.split("=", 2);
    if (pair.length == 1) {
      throw Params.invalid(
          "label \"%s\" is not of the form key=value".formatted(Params.shown(pair[0])));
    }
    Paging.Request page = paging.of("sandboxes");
    return page.of(
        sandboxes.list(page.after()).stream()
            .filter(sandbox -> reach.includes(sandbox.settings().name()))
            .filter(sandbox ->
                pair.length == 0 || pair[1].equals(sandbox.settings().labels().get(pair[0])))
            .limit(page.size() + 1L)
            .toList(),
        sandbox -> sandbox.settings().name(),
        sandbox -> SandboxJson.of(sandbox, clock));
  }

  @GetMapping("/{sb}")
  @Operation(
      operationId = "getSandbox",
      summary = "Show a sandbox",
      description = "Its lease, its labels, and how many objects it has. The ETag is its uid.")
  SandboxJson get(Sandbox sandbox, HttpServletResponse response) {
    SandboxJson json = SandboxJson.of(sandbox, clock);
    // Not through ResponseEntity, which would answer 304 to If-None-Match: the counts have changed.
    response.setHeader(LifeHeaders.UID, json.uid());
    response.setHeader(HttpHeaders.ETAG, LifeHeaders.etag(json.uid()));
    return json;
  }

  /** Bounds that a lease's length is checked against. */
  static Duration ttl(@Nullable Duration ttl, Limits limits) {
    return Params.duration("/ttl", ttl, Duration.ZERO, LEAST_TTL, limits.maxTtl());
  }
}
