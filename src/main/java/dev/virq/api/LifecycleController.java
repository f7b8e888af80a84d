package dev.virq.api;

import dev.virq.api.http.LifeHeaders;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.host.ShutdownReport;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import dev.virq.stats.Counts;
import dev.virq.stats.HostStats;
import dev.virq.stats.StatsProbe;
import dev.virq.trace.Outcome;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** A sandbox's life: renewed, reset, deleted, counted. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SANDBOXES)
public class LifecycleController {
  private final Sandboxes sandboxes;
  private final Clock clock;

  LifecycleController(Sandboxes sandboxes, Clock clock) {
    this.sandboxes = sandboxes;
    this.clock = clock;
  }

  /**
   * The new length of a lease.
   *
   * @param ttl its length from now on, at most limits.ttlNanos; as before when left out
   */
  @Schema(name = "RenewRequest", example = "{\"ttl\":\"PT10M\"}")
  record RenewRequest(@Nullable Duration ttl) {}

  /**
   * How to begin anew.
   *
   * @param keepBreakpoints whether to arm the same breakpoints again; false when left out
   */
  @Schema(name = "ResetRequest", example = "{\"keepBreakpoints\":false}")
  record ResetRequest(@Nullable Boolean keepBreakpoints) {}

  /**
   * What nobody had closed: a rig asserts that all four are empty.
   *
   * @param vms such as vm-1
   * @param eventfds such as efd-1
   * @param irqfds such as irqfd-1
   * @param breakpoints such as bp-1
   */
  @Schema(name = "Leaked")
  record LeakedJson(
      List<String> vms, List<String> eventfds, List<String> irqfds, List<String> breakpoints) {}

  /**
   * What a reset or a deletion found and ended.
   *
   * @param leaked what nobody had closed, the first thousand of each kind
   * @param released how many objects it released
   * @param pendingSignalsDropped signals in flight that were dropped
   * @param gracePeriods the grace periods since the last reset
   * @param elapsedNanos how long it took
   * @param seq number of the sandbox's newest event
   * @param uid the life that a reset began; absent after a deletion
   */
  @Schema(name = "TeardownReport")
  record TeardownJson(
      LeakedJson leaked,
      Counts released,
      long pendingSignalsDropped,
      GracePeriodsJson gracePeriods,
      long elapsedNanos,
      long seq,
      @Nullable String uid) {

    static TeardownJson of(ShutdownReport report, long seq, @Nullable String uid) {
      if (!report.complete()) {
        // It is ended all the same: what is left goes when what keeps it ends.
        throw new ErrnoException(
            Errno.ETIMEDOUT,
            "everything was closed, but not all of it is released after %d s; it held %s"
                .formatted(
                    TimeUnit.NANOSECONDS.toSeconds(report.elapsedNanos()), report.released()));
      }
      return new TeardownJson(
          new LeakedJson(
              ids(ObjectId.VM, report.vms()),
              ids(ObjectId.EVENTFD, report.eventfds()),
              ids(ObjectId.IRQFD, report.irqfds()),
              ids(ObjectId.BREAKPOINT, report.breakpoints())),
          report.released(),
          report.pendingSignalsDropped(),
          GracePeriodsJson.of(report.gracePeriods()),
          report.elapsedNanos(),
          seq,
          uid);
    }

    private static List<String> ids(ObjectId kind, List<Long> numbers) {
      return numbers.stream().map(kind::of).toList();
    }
  }

  /**
   * Grace periods: how many, and how long the last 1,024 took.
   *
   * @param count how many ended
   * @param p50Nanos median, in nanoseconds
   * @param p99Nanos 99th percentile, in nanoseconds
   * @param maxNanos longest ever, in nanoseconds
   */
  @Schema(name = "GracePeriods")
  record GracePeriodsJson(long count, long p50Nanos, long p99Nanos, long maxNanos) {
    static GracePeriodsJson of(StatsProbe.GracePeriods grace) {
      return new GracePeriodsJson(
          grace.count(), grace.p50Nanos(), grace.p99Nanos(), grace.maxNanos());
    }
  }

  /**
   * What a sandbox did since its last reset: signals = pending + the sum of outcomes.
   *
   * @param signals signals accepted
   * @param pending signals without an outcome yet
   * @param outcomes how many signals came to each outcome
   * @param gracePeriods how many there were and how long they took
   * @param gracePeriodBuckets how many took at most so many nanoseconds, cumulative
   * @param injectionDepth injections waiting for a worker
   * @param cleanupDepth tear-downs waiting for a worker
   * @param bugs broken invariants; 0 unless virq has a bug
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Statistics")
  record StatisticsJson(
      long signals,
      long pending,
      Map<Outcome, Long> outcomes,
      GracePeriodsJson gracePeriods,
      Map<String, Long> gracePeriodBuckets,
      int injectionDepth,
      int cleanupDepth,
      long bugs,
      long seq) {}

  @PostMapping(path = "/renew", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "renewSandbox",
      summary = "Renew the lease, or change its length",
      description =
          "Any other call on the sandbox renews it, too. A new length stays for later"
              + " renewals.")
  SandboxController.SandboxJson renew(
      @RequestBody(required = false) @Nullable RenewRequest body, Sandbox sandbox) {
    Duration ttl = body == null ? null : body.ttl();
    if (ttl != null) {
      boolean _ = sandbox.renew(SandboxController.ttl(ttl, sandbox.host().limits()));
    }
    return SandboxController.SandboxJson.of(sandbox, clock);
  }

  @PostMapping(path = "/reset", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "resetSandbox",
      summary = "Release every hold, close everything, start numbers at 1 again",
      description =
          "Calls under way on the old objects are answered ECANCELED. seq goes on, the uid is"
              + " another. ETIMEDOUT when not all is released in time; it is closed all the same.")
  @AnswersErrno({Errno.EMFILE, Errno.ENFILE, Errno.ETIMEDOUT})
  TeardownJson reset(
      @RequestBody(required = false) @Nullable ResetRequest body,
      Sandbox sandbox,
      Condition condition,
      HttpServletResponse response) {
    boolean keep = body != null && Boolean.TRUE.equals(body.keepBreakpoints());
    Sandbox.Reset reset = sandbox.reset(keep, condition);
    String uid = reset.begun().uid();
    response.setHeader(LifeHeaders.UID, uid);
    return TeardownJson.of(reset.report(), sandbox.seq(), uid);
  }

  @GetMapping("/stats")
  @Operation(
      operationId = "getStatistics",
      summary = "Show counters and grace periods",
      description = "Since the sandbox was made or reset.")
  StatisticsJson stats(Host host) {
    HostStats stats = host.stats();
    return new StatisticsJson(
        stats.signals(),
        stats.pending(),
        stats.outcomes(),
        GracePeriodsJson.of(stats.gracePeriods()),
        stats.gracePeriods().buckets(),
        stats.injectionDepth(),
        stats.cleanupDepth(),
        stats.bugs(),
        host.seq());
  }

  @DeleteMapping
  @Operation(
      operationId = "deleteSandbox",
      summary = "Delete a sandbox and report what leaked",
      description =
          "Every hold is released, and everything is closed. leaked tells what nobody had"
              + " closed: a test asserts that it is empty. The sandbox default cannot be"
              + " deleted: EPERM.")
  @AnswersErrno({Errno.EPERM, Errno.ETIMEDOUT})
  TeardownJson delete(Sandbox sandbox, Condition condition) {
    return TeardownJson.of(sandboxes.delete(sandbox, condition), sandbox.seq(), null);
  }
}
