package dev.virq.api.bulk;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.api.Waiting;
import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.api.json.UnreadableBody;
import dev.virq.api.load.LongWork;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.sandbox.Sandbox;
import dev.virq.share.Turn;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
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
@Tag(name = DocumentOrder.EVENTFDS)
public class BulkController {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int LONGEST_LINE = 1024;

  /** Heap for an item besides its signals, in bytes: what it asks, and what it is answered. */
  private static final long ITEM_BYTES = 800;

  private static final String LINES =
      """
      {"eventfd":"efd-1"}
      {"eventfd":"efd-1","value":"2","repeat":3}
      """;

  private final JsonMapper json;
  private final LongWork work;

  BulkController(JsonMapper json, LongWork work) {
    this.json = json;
    this.work = work;
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
   * @param value 0 to 2^64-2, from 2^63 on as a string; 1 when left out
   * @param repeat how often, at most limits.scriptLines times; once when left out
   */
  @Schema(name = "BulkItem")
  record ItemJson(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable String eventfd,
      @Nullable Unsigned value,
      @Nullable Long repeat) {

    long times(String at, long mostWrites) {
      return repeat == null ? 1 : Params.between(at + "/repeat", repeat, 1, mostWrites);
    }

    BulkWrites.Item item(String at, long mostWrites) {
      String named = Params.required(at + "/eventfd", eventfd);
      return new BulkWrites.Item(
          Params.eventfd(named), value == null ? 1 : value.bits(), (int) times(at, mostWrites));
    }
  }

  /**
   * Many writes.
   *
   * @param items what to write, at most as many writes as limits.scriptLines
   * @param order GIVEN when left out; SHUFFLED mixes the single writes
   * @param seed of the shuffle, a random one when left out: the same one gives the same order; told
   *     in the answer
   * @param parallelism threads that write, at most limits.workers; 1 when left out. With more, the
   *     order is where each thread takes its next write from
   * @param atomic true: nothing is written when an eventfd is not open; false when left out
   * @param until none or settled; none when left out
   * @param timeout how long the answer waits at most, and not longer than limits.waitNanos; PT5S
   *     when left out
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

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "signalMany",
      summary = "Write to many eventfds",
      description =
          "A write that is refused is a result, and the others are made. As application/x-ndjson a"
              + " line is an item and is written as soon as it has arrived; wait and timeout then"
              + " stand in the query. More writes than limits.scriptLines are E2BIG, before"
              + " anything is written. In lines, the first that is past a limit is refused, and so"
              + " are all after it, which have no result of their own; a body that breaks off or is"
              + " not well-formed is an error, and what came before is written. Writes in bulk take"
              + " turns with scripts, sandbox by sandbox; EAGAIN when too many of this one wait for"
              + " theirs.",
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
  ResponseEntity<BulkAnswer.ReportJson> signals(
      @RequestBody BulkRequest body, Waiting waiting, Sandbox.Life life) {
    Host host = life.host();
    Limits limits = host.limits();
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
        body.timeout() == null
            ? queried
            : Params.duration("/timeout", body.timeout(), TIMEOUT, Duration.ZERO, limits.maxWait());
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
    if (threads > 1) {
      RequestBytes.charge(Cost.WORKER.of(threads));
    }
    if (Boolean.TRUE.equals(body.atomic())) {
      requireOpen(body.items(), host);
    }
    int[] given = writes.given();
    Long seed = null;
    if (shuffled) {
      // Small enough for a client that reads numbers as doubles.
      seed =
          body.seed() == null ? (Long) ThreadLocalRandom.current().nextLong(1L << 53) : body.seed();
    }
    int[] order = seed == null ? given : BulkWrites.shuffled(given, new SplittableRandom(seed));
    work.<@Nullable Void, RuntimeException>inTurn(
        life.sandbox().settings().name(),
        turn -> {
          writes.run(order, threads, turn);
          return null;
        });
    return BulkAnswer.answer(writes, 0, seed, settled ? timeout : null, host);
  }

  private static BulkWrites writes(List<ItemJson> asked, Host host) {
    int most = host.limits().scriptLines();
    // The numbers first: nothing is made of items that are too many.
    long all = 0;
    for (int i = 0; i < asked.size(); i++) {
      all += asked.get(i).times("/items/" + i, most);
    }
    if (all > most) {
      throw tooMany(all, most);
    }
    RequestBytes.charge(bytes(asked.size(), all));
    BulkWrites writes = new BulkWrites(host);
    for (int i = 0; i < asked.size(); i++) {
      writes.add(asked.get(i).item("/items/" + i, most));
    }
    return writes;
  }

  /** Signals are kept until the answer is made, also those that the sandbox has forgotten. */
  private static long bytes(int items, long signals) {
    return items * ITEM_BYTES + Cost.KEPT_SIGNAL.of(signals);
  }

  private static ErrnoException tooMany(long writes, int most) {
    return new ErrnoException(
        Errno.E2BIG, writes + " writes exceed the limit of " + most, Map.of("limit", most));
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
  ResponseEntity<BulkAnswer.ReportJson> lines(
      @RequestBody InputStreamResource body, Waiting waiting, Sandbox.Life life)
      throws IOException {
    boolean settled = waiting.isSettled(false);
    Duration timeout = Duration.ofNanos(waiting.nanos(TIMEOUT, life.host().limits().maxWait()));
    BulkWrites writes = new BulkWrites(life.host());
    int unread;
    try {
      unread =
          work.<Integer, IOException>inTurn(
              life.sandbox().settings().name(),
              turn -> writeLines(body, writes, turn, life.host().limits().scriptLines()));
    } catch (ErrnoException e) {
      // Of the body, which is charged, and late, as it arrives.
      throw e.after(writes.accepted());
    }
    return BulkAnswer.answer(writes, unread, null, settled ? timeout : null, life.host());
  }

  /** Writes line by line, up to the first that is past a limit; how many come after that one. */
  private int writeLines(InputStreamResource body, BulkWrites writes, Turn turn, int most)
      throws IOException {
    BulkLines lines = new BulkLines(body.getInputStream(), LONGEST_LINE);
    long all = 0;
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      BulkWrites.Item item = null;
      ErrnoException refusal = null;
      try {
        item = item(line, most);
      } catch (ErrnoException e) {
        refusal = e;
      }
      int signals = item == null ? 0 : item.repeat();
      // A line that is no item takes room in the answer as well.
      all += Math.max(1, signals);
      ErrnoException past = pastLimit(all, signals, most);
      if (past != null) {
        writes.addRefused(past);
        return rest(lines);
      }
      if (item != null) {
        writes.addAndWrite(item, turn);
      } else if (refusal != null) {
        writes.addRefused(refusal);
      }
    }
    return 0;
  }

  /** Makes room for one more line; why there is none, or null. */
  private static @Nullable ErrnoException pastLimit(long all, int signals, int most) {
    if (all > most) {
      return tooMany(all, most);
    }
    try {
      RequestBytes.charge(bytes(1, signals));
      return null;
    } catch (ErrnoException e) {
      return e;
    }
  }

  private static int rest(BulkLines lines) throws IOException {
    int rest = 0;
    while (lines.next() != null) {
      rest++;
    }
    return rest;
  }

  private BulkWrites.Item item(byte[] line, int most) {
    if (line.length > LONGEST_LINE) {
      throw Params.invalid("the line is longer than " + LONGEST_LINE + " bytes");
    }
    try {
      @Nullable ItemJson item = json.readValue(line, ItemJson.class);
      if (item == null) {
        throw Params.invalid("the line is no item: null");
      }
      return item.item("", most);
    } catch (JacksonException e) {
      throw Params.invalid("the line is no item: " + UnreadableBody.sentence(e));
    }
  }
}
