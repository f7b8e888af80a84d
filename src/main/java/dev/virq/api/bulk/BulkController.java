package dev.virq.api.bulk;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.api.CloseAnswer;
import dev.virq.api.Waiting;
import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.InFlightJson;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.PathOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.limits.Limits;
import dev.virq.trace.Outcome;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Signals in bulk: many writes in one request, each told apart in the answer. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/signals", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "6 Scripts")
public class BulkController {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int PENDING_SHOWN = 10;
  private static final int LONGEST_LINE = 1024;

  private static final String LINES =
      """
      {"eventfd":"efd-1"}
      {"eventfd":"efd-1","value":"2","repeat":3}
      """;

  private final Limits limits;
  private final JsonMapper json;

  BulkController(Limits limits, JsonMapper json) {
    this.limits = limits;
    this.json = json;
  }

  /** In which order the writes are made. */
  enum Order {
    GIVEN,
    SHUFFLED
  }

  /**
   * Writes to one eventfd.
   *
   * @param eventfd an id efd-N, or a descriptor number
   * @param value 0 to 2^64-2; 1 when left out
   * @param repeat how often; once when left out
   */
  @Schema(name = "BulkItem")
  record ItemJson(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String eventfd,
      @Nullable Unsigned value,
      @Nullable Long repeat) {

    BulkWrites.Item item(String at, long mostWrites) {
      String named = Params.required(at + "/eventfd", eventfd);
      long times = repeat == null ? 1 : Params.between(at + "/repeat", repeat, 1, mostWrites);
      return new BulkWrites.Item(
          Params.eventfd(named), value == null ? 1 : value.bits(), (int) times);
    }
  }

  /**
   * Many writes.
   *
   * @param items what to write, at most as many writes as limits.scriptLines
   * @param order GIVEN when left out; SHUFFLED mixes the single writes
   * @param seed of the shuffle: the same one gives the same order; told in the answer
   * @param parallelism threads that write; 1 when left out. With more, the order is where each
   *     thread takes its next write from
   * @param atomic true: nothing is written when an eventfd is not open
   * @param until none or settled; none when left out
   * @param timeout how long the answer waits at most
   */
  @Schema(
      name = "BulkRequest",
      example =
          "{\"items\":[{\"eventfd\":\"efd-1\"},{\"eventfd\":\"efd-1\",\"value\":\"2\","
              + "\"repeat\":3}],\"wait\":\"settled\"}")
  record BulkRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable List<ItemJson> items,
      @Nullable Order order,
      @Nullable Long seed,
      @Nullable Long parallelism,
      @Nullable Boolean atomic,
      @JsonProperty("wait")
          @Schema(
              description = "none or settled; none when left out",
              allowableValues = {"none", "settled"})
          @Nullable String until,
      @Nullable Duration timeout) {}

  /**
   * The signals of one item.
   *
   * @param first such as sig-1
   * @param last the same one when there is one
   */
  @Schema(name = "SignalRange")
  record RangeJson(String first, String last) {}

  /**
   * Why a write was refused.
   *
   * @param errno its name, as Linux has it
   * @param detail a sentence that names the value
   */
  @Schema(name = "BulkProblem")
  record RefusalJson(String errno, String detail) {}

  /**
   * What became of one item.
   *
   * @param index its place in the request, from 0
   * @param accepted how many of its writes were made
   * @param failed how many were refused
   * @param signals of the writes that were made
   * @param problem why the first that was refused was
   */
  @Schema(name = "BulkResult")
  record ResultJson(
      int index,
      int accepted,
      int failed,
      @Nullable RangeJson signals,
      @Nullable RefusalJson problem) {

    static ResultJson of(int index, ItemTally tally) {
      List<PendingSignal> signals = tally.signals();
      ErrnoException refusal = tally.refusal();
      return new ResultJson(
          index,
          signals.size(),
          tally.failed(),
          signals.isEmpty()
              ? null
              : new RangeJson(
                  ObjectId.SIGNAL.of(
                      signals.stream().mapToLong(PendingSignal::number).min().orElseThrow()),
                  ObjectId.SIGNAL.of(
                      signals.stream().mapToLong(PendingSignal::number).max().orElseThrow())),
          refusal == null ? null : new RefusalJson(refusal.errno().name(), refusal.sentence()));
    }
  }

  /**
   * What became of many writes.
   *
   * @param accepted writes that were made
   * @param failed writes that were refused
   * @param results one an item, in the order of the request
   * @param seed of the shuffle, when there was one
   * @param totals the outcomes of the signals so far, with wait=settled
   * @param settled whether every outcome is known; false without wait=settled
   * @param pending the first few that are open, with wait=settled
   * @param heldBy the threads held at breakpoints that keep the first open one
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "BulkReport")
  record ReportJson(
      int accepted,
      int failed,
      List<ResultJson> results,
      @Nullable Long seed,
      @Nullable Map<Outcome, Integer> totals,
      boolean settled,
      @Nullable List<InFlightJson.Pending> pending,
      @Nullable List<InFlightJson.Held> heldBy,
      long seq) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @PathOrder(20)
  @Operation(
      operationId = "signalMany",
      summary = "Write to many eventfds",
      description =
          "A write that is refused is a result, and the others are made. As application/x-ndjson a"
              + " line is an item and is written as soon as it has arrived; wait and timeout then"
              + " stand in the query. More writes than limits.scriptLines are E2BIG, before"
              + " anything is written; in lines, those past it are refused one by one.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = BulkRequest.class)),
                @Content(
                    mediaType = MediaType.APPLICATION_NDJSON_VALUE,
                    schema = @Schema(type = "string"),
                    examples = @ExampleObject(name = "lines", value = LINES))
              }))
  @ApiResponse(responseCode = "200", description = "Written", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Written, outcomes open",
      useReturnTypeSchema = true)
  @AnswersErrno(namesDescriptors = true)
  ResponseEntity<ReportJson> signals(@RequestBody BulkRequest body, Waiting waiting, Host host) {
    if (waiting.until() != null && body.until() != null) {
      throw Params.invalid("/wait", "stands in the query, too; give it once");
    }
    if (waiting.timeout() != null && body.timeout() != null) {
      throw Params.invalid("/timeout", "stands in the query, too; give it once");
    }
    boolean settled =
        (body.until() == null ? waiting : new Waiting(body.until(), null)).isSettled(false);
    Duration queried = Duration.ofNanos(waiting.nanos(TIMEOUT, limits.maxWait()));
    Duration timeout =
        Params.duration("/timeout", body.timeout(), queried, Duration.ZERO, limits.maxWait());
    int threads =
        (int)
            (body.parallelism() == null
                ? 1
                : Params.between("/parallelism", body.parallelism(), 1, limits.maxWorkers()));
    boolean shuffled = body.order() == Order.SHUFFLED;
    if (body.seed() != null && !shuffled) {
      throw Params.invalid("/seed", "has a meaning with order SHUFFLED only");
    }
    BulkWrites writes = writes(Params.required("/items", body.items()), host);
    if (Boolean.TRUE.equals(body.atomic())) {
      requireOpen(body.items(), host);
    }
    int[] order = writes.given();
    Long seed = null;
    if (shuffled) {
      // Small enough for a client that reads numbers as doubles.
      seed =
          body.seed() == null ? (Long) ThreadLocalRandom.current().nextLong(1L << 53) : body.seed();
      order = BulkWrites.shuffled(order, new SplittableRandom(seed));
    }
    writes.run(order, threads);
    return answer(writes, seed, settled ? timeout : null, host);
  }

  private BulkWrites writes(List<ItemJson> items, Host host) {
    BulkWrites writes = new BulkWrites(host);
    long all = 0;
    for (int i = 0; i < items.size(); i++) {
      BulkWrites.Item item = items.get(i).item("/items/" + i, limits.scriptLines());
      writes.add(item);
      all += item.repeat();
    }
    if (all > limits.scriptLines()) {
      throw tooMany(all);
    }
    return writes;
  }

  private ErrnoException tooMany(long writes) {
    return new ErrnoException(
        Errno.E2BIG,
        writes + " writes exceed the limit of " + limits.scriptLines(),
        Map.of("limit", limits.scriptLines()));
  }

  private static void requireOpen(@Nullable List<ItemJson> items, Host host) {
    List<ErrnoProblem.Member> closed = new ArrayList<>();
    for (int i = 0; items != null && i < items.size(); i++) {
      try {
        var _ = host.eventfds().find(Params.eventfd(String.valueOf(items.get(i).eventfd())));
      } catch (ErrnoException e) {
        closed.add(new ErrnoProblem.Member("/items/" + i + "/eventfd", e.sentence()));
      }
    }
    if (!closed.isEmpty()) {
      throw new ErrnoException(
          Errno.EBADF,
          closed.size() + " of the eventfds are not open; nothing was written",
          Map.of("errors", closed));
    }
  }

  /** As above, an item a line; documented there. */
  @PostMapping(consumes = MediaType.APPLICATION_NDJSON_VALUE)
  @Operation(hidden = true)
  ResponseEntity<ReportJson> lines(
      @RequestBody InputStreamResource body, Waiting waiting, Host host) throws IOException {
    boolean settled = waiting.isSettled(false);
    Duration timeout = Duration.ofNanos(waiting.nanos(TIMEOUT, limits.maxWait()));
    BulkWrites writes = new BulkWrites(host);
    BulkLines lines = new BulkLines(body.getInputStream(), LONGEST_LINE);
    long all = 0;
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      try {
        BulkWrites.Item item = item(line);
        all += item.repeat();
        if (all > limits.scriptLines()) {
          throw tooMany(all);
        }
        writes.addAndWrite(item);
      } catch (ErrnoException e) {
        writes.addRefused(e);
      }
    }
    return answer(writes, null, settled ? timeout : null, host);
  }

  private BulkWrites.Item item(byte[] line) {
    if (line.length > LONGEST_LINE) {
      throw Params.invalid("the line is longer than " + LONGEST_LINE + " bytes");
    }
    try {
      return json.readValue(line, ItemJson.class).item("", limits.scriptLines());
    } catch (JacksonException e) {
      String why = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw Params.invalid("the line is no item: " + Params.shown(why));
    }
  }

  private static ResponseEntity<ReportJson> answer(
      BulkWrites writes, @Nullable Long seed, @Nullable Duration wait, Host host) {
    List<ItemTally> tallies = writes.tallies();
    List<PendingSignal> signals =
        tallies.stream().flatMap(tally -> tally.signals().stream()).toList();
    List<PendingSignal> open = wait == null ? List.of() : open(signals, wait, host);
    Map<Outcome, Integer> totals = new EnumMap<>(Outcome.class);
    for (PendingSignal signal : signals) {
      Outcome outcome = signal.outcome();
      if (outcome != null) {
        totals.merge(outcome, 1, Integer::sum);
      }
    }
    List<ResultJson> results = new ArrayList<>();
    for (int i = 0; i < tallies.size(); i++) {
      results.add(ResultJson.of(i, tallies.get(i)));
    }
    List<InFlightJson.Held> held =
        open.isEmpty() ? List.of() : InFlightJson.Held.of(host.waits().holders(open.getFirst()));
    ReportJson report =
        new ReportJson(
            signals.size(),
            tallies.stream().mapToInt(ItemTally::failed).sum(),
            results,
            seed,
            wait == null ? null : totals,
            wait != null && open.isEmpty(),
            open.isEmpty()
                ? null
                : open.stream()
                    .limit(PENDING_SHOWN)
                    .map(signal -> InFlightJson.Pending.of(host.waits().pending(signal)))
                    .toList(),
            held.isEmpty() ? null : held,
            host.seq());
    return ResponseEntity.status(open.isEmpty() ? HttpStatus.OK : HttpStatus.ACCEPTED).body(report);
  }

  /** Waits for outcomes as long as was asked for; the signals that have none then. */
  private static List<PendingSignal> open(List<PendingSignal> signals, Duration wait, Host host) {
    long deadline = System.nanoTime() + wait.toNanos();
    List<PendingSignal> open = new ArrayList<>();
    for (PendingSignal signal : signals) {
      if (signal.outcome() == null) {
        var _ = CloseAnswer.over(host, signal, Math.max(0, deadline - System.nanoTime()));
        if (signal.outcome() == null) {
          open.add(signal);
        }
      }
    }
    return open;
  }
}
