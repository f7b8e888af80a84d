package dev.virq.api;

import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.InFlightJson;
import dev.virq.api.http.Instance;
import dev.virq.api.http.Located;
import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.api.openapi.PointNames;
import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.limits.Limits;
import dev.virq.trace.Tracepoint;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Breakpoints: threads stopped at a place of the thread's code, until let go. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/breakpoints",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.BREAKPOINTS)
public class BreakpointController {
  private static final Duration DEFAULT_HOLD = Duration.ofSeconds(30);

  private final Instance instance;

  BreakpointController(Instance instance) {
    this.instance = instance;
  }

  /**
   * Which objects a thread must deal with: any when left out, and any of a kind that is left out.
   *
   * @param vm such as vm-1
   * @param irqfd such as irqfd-1
   * @param eventfd such as efd-1
   * @param gsi the line
   */
  @Schema(name = "BreakpointMatch")
  record BreakpointMatch(
      @Nullable String vm, @Nullable String irqfd, @Nullable String eventfd, @Nullable Long gsi) {

    Breakpoint.Match toSpec() {
      return new Breakpoint.Match(
          vm == null ? 0 : Params.id("/match/vm", ObjectId.VM, vm),
          irqfd == null ? 0 : Params.id("/match/irqfd", ObjectId.IRQFD, irqfd),
          eventfd == null ? 0 : Params.id("/match/eventfd", ObjectId.EVENTFD, eventfd),
          gsi == null ? -1 : Params.between("/match/gsi", gsi, 0, Params.MAX_GSI));
    }

    static @Nullable BreakpointMatch of(Breakpoint.Match match) {
      return match.equals(Breakpoint.Match.ANY)
          ? null
          : new BreakpointMatch(
              match.vm() == 0 ? null : ObjectId.VM.of(match.vm()),
              match.irqfd() == 0 ? null : ObjectId.IRQFD.of(match.irqfd()),
              match.eventfd() == 0 ? null : ObjectId.EVENTFD.of(match.eventfd()),
              match.gsi() == -1 ? null : (Long) match.gsi());
    }
  }

  /**
   * A breakpoint to be armed.
   *
   * @param point where; a name of GET /v1/points
   * @param match which threads; all when left out
   * @param action HOLD until released, or DELAY; HOLD when left out
   * @param delay with DELAY only, and needed then: how long, at most limits.holdNanos
   * @param skip matching threads to let pass first; 0 when left out
   * @param hits matching threads to stop after that, at most limits.heldThreads; 1 when left out
   * @param maxHold with HOLD only: longest stay, at most limits.holdNanos; PT30S when left out
   */
  @Schema(
      name = "BreakpointRequest",
      example = "{\"point\":\"inject.dereferenced\",\"match\":{\"gsi\":5},\"maxHold\":\"PT10S\"}")
  record BreakpointRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String point,
      @Nullable BreakpointMatch match,
      Breakpoint.@Nullable Action action,
      @Nullable Duration delay,
      @Nullable Long skip,
      @Nullable Long hits,
      @Nullable Duration maxHold) {}

  /**
   * Whom to let go.
   *
   * @param threads ALL, or how many, those stopped longest first; ALL when left out
   */
  @Schema(name = "ReleaseRequest", example = "{\"threads\":1}")
  record ReleaseRequest(@Nullable CountOrAll threads) {}

  /**
   * A breakpoint.
   *
   * @param id such as bp-1
   * @param point where; a name of GET /v1/points
   * @param match which threads
   * @param action HOLD until released, or DELAY
   * @param delayNanos how long a DELAY is, in nanoseconds
   * @param skip matching threads that it lets pass first
   * @param hits matching threads that it stops after that
   * @param maxHoldNanos how long a HOLD lasts at most, in nanoseconds
   * @param state ARMED, PARKED while it stops a thread, DONE, or EXPIRED when a hold timed out
   * @param hitCount threads stopped so far
   * @param parked threads stopped now, longest first
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Breakpoint")
  record BreakpointJson(
      String id,
      String point,
      @Nullable BreakpointMatch match,
      Breakpoint.Action action,
      @Nullable Long delayNanos,
      int skip,
      int hits,
      @Nullable Long maxHoldNanos,
      Breakpoint.State state,
      int hitCount,
      List<InFlightJson.Held> parked,
      long seq)
      implements Located {

    static BreakpointJson of(Host host, Breakpoint breakpoint) {
      Breakpoint.Spec spec = breakpoint.spec();
      String point = spec.point().pointName();
      boolean hold = spec.action() == Breakpoint.Action.HOLD;
      return new BreakpointJson(
          ObjectId.BREAKPOINT.of(breakpoint.id()),
          point == null ? spec.point().name() : point,
          BreakpointMatch.of(spec.match()),
          spec.action(),
          hold ? null : (Long) spec.delayNanos(),
          spec.skip(),
          spec.hits(),
          hold ? (Long) spec.maxHoldNanos() : null,
          breakpoint.state(),
          breakpoint.hitCount(),
          InFlightJson.Held.of(breakpoint.parked()),
          host.seq());
    }

    @Override
    public String madeBy(String path) {
      return Located.within(path, id);
    }
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createBreakpoint",
      summary = "Arm a breakpoint",
      description =
          "Threads that come to the point and match are held until they are released, or,"
              + " with action DELAY, for a while. A point where a thread holds a lock is EINVAL,"
              + " for strangers would stop with it.")
  @AnswersErrno({Errno.EPERM, Errno.EMFILE, Errno.ENFILE})
  BreakpointJson set(@RequestBody BreakpointRequest body, Host host) {
    if (!instance.breakpointsEnabled()) {
      throw new ErrnoException(Errno.EPERM, "breakpoints are disabled on this instance");
    }
    return BreakpointJson.of(host, host.setBreakpoint(spec(body, host.limits())));
  }

  private static Breakpoint.Spec spec(BreakpointRequest body, Limits limits) {
    String name = Params.required("/point", body.point());
    Tracepoint point = Tracepoint.point(name);
    if (point == null) {
      throw Params.invalid(
          "/point",
          "\"%s\" is none of the points that GET /v1/points lists%s"
              .formatted(Params.shown(name), NearestName.hint(name, PointNames.stoppable())));
    }
    Breakpoint.Action action = body.action() == null ? Breakpoint.Action.HOLD : body.action();
    boolean hold = action == Breakpoint.Action.HOLD;
    if (hold && body.delay() != null) {
      throw Params.invalid("/delay", "is allowed only with action DELAY");
    }
    if (!hold && body.maxHold() != null) {
      throw Params.invalid("/maxHold", "is allowed only with action HOLD");
    }
    Duration least = Duration.ofNanos(1);
    Duration delay =
        hold
            ? Duration.ZERO
            : Params.duration(
                "/delay", Params.required("/delay", body.delay()), least, least, limits.maxHold());
    Duration maxHold =
        Params.duration("/maxHold", body.maxHold(), DEFAULT_HOLD, least, limits.maxHold());
    return new Breakpoint.Spec(
        point,
        body.match() == null ? Breakpoint.Match.ANY : body.match().toSpec(),
        action,
        delay.toNanos(),
        body.skip() == null ? 0 : (int) Params.between("/skip", body.skip(), 0, Integer.MAX_VALUE),
        body.hits() == null
            ? 1
            : (int) Params.between("/hits", body.hits(), 1, limits.heldThreads()),
        maxHold.toNanos());
  }

  @GetMapping
  @Operation(
      operationId = "listBreakpoints",
      summary = "List breakpoints",
      description = "In the order of their ids, with those that are DONE or EXPIRED.")
  Paging.Page<BreakpointJson> list(Paging paging, Host host) {
    Paging.Request page = paging.of("breakpoints");
    long after = page.afterNumber(0);
    return page.of(
        host.breakpoints().list().stream()
            .filter(breakpoint -> breakpoint.id() > after)
            .limit(page.size() + 1L)
            .toList(),
        breakpoint -> Long.toString(breakpoint.id()),
        breakpoint -> BreakpointJson.of(host, breakpoint));
  }

  @GetMapping("/{bp}")
  @Operation(
      operationId = "getBreakpoint",
      summary = "Show a breakpoint and whom it holds",
      description = "parked tells which threads stand there now, and what they hold.")
  BreakpointJson get(@PathVariable String bp, Host host) {
    return view(host, bp, host.breakpoints().find(Params.id(ObjectId.BREAKPOINT, bp)));
  }

  @PostMapping(path = "/{bp}/release", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "releaseBreakpoint",
      summary = "Let held threads go; the breakpoint stays armed if it has hits left",
      description = "Those held longest go first. Without a body all go.")
  BreakpointJson release(
      @PathVariable String bp,
      @RequestBody(required = false) @Nullable ReleaseRequest body,
      Host host) {
    CountOrAll threads = body == null || body.threads() == null ? CountOrAll.ALL : body.threads();
    long id = Params.id(ObjectId.BREAKPOINT, bp);
    return view(host, bp, host.breakpoints().release(id, threads.count()));
  }

  @DeleteMapping("/{bp}")
  @Operation(
      operationId = "deleteBreakpoint",
      summary = "Disarm a breakpoint and let its threads go; the answer shows it as it was",
      description = "A breakpoint that is gone is not found.")
  BreakpointJson delete(@PathVariable String bp, Host host) {
    return view(host, bp, host.breakpoints().remove(Params.id(ObjectId.BREAKPOINT, bp)));
  }

  private static BreakpointJson view(Host host, String bp, @Nullable Breakpoint breakpoint) {
    if (breakpoint == null) {
      throw new ErrnoException(Errno.ENOENT, "breakpoint " + bp + " is unknown");
    }
    return BreakpointJson.of(host, breakpoint);
  }
}
