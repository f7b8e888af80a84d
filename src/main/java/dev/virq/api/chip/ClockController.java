package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.host.Host;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The clock that the timers of a sandbox go by. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/clock", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SANDBOXES)
public class ClockController {
  /** The longest step: a hundred years. */
  private static final Duration MOST = Duration.ofDays(36_500);

  /**
   * A clock.
   *
   * @param kind REAL goes by itself, VIRTUAL when it is advanced
   * @param nanos nanoseconds since the sandbox was made or reset; in one made of a snapshot they go
   *     on from the snapshot's reading
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Clock")
  record ClockJson(SandboxClock.Kind kind, long nanos, long seq) {
    static ClockJson of(Host host) {
      SandboxClock clock = host.clock();
      return new ClockJson(clock.kind(), clock.now(), host.seq());
    }
  }

  /**
   * How far a clock is moved.
   *
   * @param by at most P36500D
   */
  @Schema(name = "AdvanceRequest", example = "{\"by\":\"PT1S\"}")
  record AdvanceRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Duration by) {}

  @GetMapping
  @Operation(
      operationId = "getClock",
      summary = "Show the clock that timers go by",
      description =
          "Leases and holds go by the wall clock. While a script runs the clock stands, and each of"
              + " its operations takes a millisecond.")
  ClockJson get(Host host) {
    return ClockJson.of(host);
  }

  @PostMapping(path = "/advance", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "advanceClock",
      summary = "Move a VIRTUAL clock on",
      description =
          "What is due by then has expired when the answer comes. EPERM for a clock that goes by"
              + " itself.")
  @AnswersErrno(Errno.EPERM)
  ClockJson advance(@RequestBody AdvanceRequest body, Host host) {
    Duration by = Params.required("/by", body.by());
    long nanos = Params.duration("/by", by, MOST, Duration.ZERO, MOST).toNanos();
    host.advanceClock(nanos);
    return ClockJson.of(host);
  }
}
