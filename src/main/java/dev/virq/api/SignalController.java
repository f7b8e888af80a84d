package dev.virq.api;

import dev.virq.api.http.InFlightJson;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Signals: writes to an eventfd, each followed to its outcome. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.EVENTFDS)
public class SignalController {
  private static final Duration SIGNAL_TIMEOUT = Duration.ofSeconds(2);

  /**
   * What to write.
   *
   * @param value 0 to 2^64-2, from 2^63 on as a string; 1 when left out
   */
  @Schema(name = "SignalRequest", example = "{\"value\":\"1\"}")
  public record SignalRequest(@Nullable Unsigned value) {}

  /**
   * A signal.
   *
   * @param id such as sig-1
   * @param seq number of the event of its acceptance
   * @param eventfd what was written to
   * @param counterAfter the counter after the write, unsigned, decimal
   * @param outcome what became of it; absent while that is open
   * @param finalSeq number of the event of its outcome
   * @param lineStatus what the interrupt controller made of its injection, if it had one of its own
   * @param injection how its injection went, if it had one of its own
   * @param settled whether the outcome is known
   * @param pending where it stands while it is not
   * @param heldBy the threads held at breakpoints that keep it
   */
  @Schema(name = "Signal")
  public record SignalJson(
      String id,
      long seq,
      String eventfd,
      String counterAfter,
      @Nullable Outcome outcome,
      @Nullable Long finalSeq,
      @Nullable LineStatus lineStatus,
      PendingSignal.@Nullable Injection injection,
      boolean settled,
      @Nullable List<InFlightJson.Pending> pending,
      @Nullable List<InFlightJson.Held> heldBy) {

    static SignalJson of(Host host, PendingSignal signal, boolean explain) {
      Outcome outcome = signal.outcome();
      boolean open = outcome == null && explain;
      List<InFlightJson.Held> held =
          open ? InFlightJson.Held.of(host.waits().holders(signal)) : List.of();
      return new SignalJson(
          ObjectId.SIGNAL.of(signal.number()),
          signal.acceptedSeq(),
          ObjectId.EVENTFD.of(signal.eventfdId()),
          Long.toUnsignedString(signal.counterAfter()),
          outcome,
          outcome == null ? null : (Long) signal.finalSeq(),
          signal.lineStatus(),
          outcome == null ? null : signal.injection(),
          outcome != null,
          open ? List.of(InFlightJson.Pending.of(host.waits().pending(signal))) : null,
          held.isEmpty() ? null : held);
    }
  }

  @PostMapping(path = "/eventfds/{efd}/signal", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "signalEventfd",
      summary = "Write to an eventfd; without a body the value is 1",
      description =
          "With wait=none the answer comes when the write is done, with its outcome if that is known"
              + " by then; with wait=settled when it is known, or 202 when that takes longer than the"
              + " timeout or is held.")
  @ApiResponse(responseCode = "200", description = "Written", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Written, outcome open",
      useReturnTypeSchema = true)
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  ResponseEntity<SignalJson> signal(
      @PathVariable String efd,
      Waiting waiting,
      @RequestBody(required = false) @Nullable SignalRequest body,
      Host host) {
    EventfdName ref = Params.eventfd(efd);
    boolean settled = waiting.isSettled(false);
    long nanos = nanos(waiting, host);
    PendingSignal signal = host.eventfds().write(ref, value(body).bits());
    SignalJson answer = answer(host, signal, settled, nanos);
    return ResponseEntity.status(status(answer, settled)).body(answer);
  }

  /** How long the answer waits, in nanoseconds. */
  public static long nanos(Waiting waiting, Host host) {
    return waiting.nanos(SIGNAL_TIMEOUT, host.limits().maxWait());
  }

  /** What is written. */
  public static Unsigned value(@Nullable SignalRequest body) {
    return body == null || body.value() == null ? Unsigned.ONE : body.value();
  }

  /** The answer to a signal that is written, when it has waited as long as it is to. */
  public static SignalJson answer(Host host, PendingSignal signal, boolean settled, long nanos) {
    if (settled) {
      var _ = CloseAnswer.over(host, signal, nanos);
    }
    return SignalJson.of(host, signal, settled);
  }

  /** The status of that answer. */
  public static HttpStatus status(SignalJson answer, boolean settled) {
    return settled && !answer.settled() ? HttpStatus.ACCEPTED : HttpStatus.OK;
  }

  @GetMapping("/signals/{signal}")
  @Operation(
      operationId = "getSignal",
      summary = "Show a signal and what became of it",
      description = "Asked for by its id, until newer ones take its place.")
  SignalJson get(@PathVariable String signal, Host host) {
    return SignalJson.of(host, host.signal(Params.id(ObjectId.SIGNAL, signal)), true);
  }
}
