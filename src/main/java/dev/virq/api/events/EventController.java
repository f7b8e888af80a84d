package dev.virq.api.events;

import dev.virq.api.load.EndlessAnswer;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.sandbox.EventStreams;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.TraceEvent;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The events of a sandbox: a page of those that were, or a stream of those that come. */
@RestController
@RequestMapping("/v1/sandboxes/{sb}/events")
@Tag(name = DocumentOrder.EVENTS)
public class EventController {
  /** Events that are read of the log at a time, which holds its lock meanwhile. */
  private static final int CHUNK = 256;

  /** Header of a stream: which log it is of. */
  private static final String LOG = "Event-Log";

  private final Sandboxes sandboxes;
  private final JsonMapper json;

  EventController(Sandboxes sandboxes, JsonMapper json) {
    this.sandboxes = sandboxes;
    this.json = json;
  }

  /**
   * Events, oldest first.
   *
   * @param items at most pageSize
   * @param gap what of those asked for is not kept any more; absent when nothing is missing
   * @param next what the next page comes after; when it is newest or upTo, there is none yet
   * @param oldest number of the oldest event that is kept
   * @param newest number of the newest event
   * @param log which log this is; a restart of the server, or a sandbox made anew, begins another
   * @param began when the log began, UTC: the moment 0 of nanos
   */
  @Schema(name = "EventPage")
  record EventPage(
      List<EventJson> items,
      @Nullable EventGap gap,
      long next,
      long oldest,
      long newest,
      String log,
      String began) {}

  @GetMapping(produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.TEXT_EVENT_STREAM_VALUE})
  @Operation(
      operationId = "listEvents",
      summary = "List events, or follow them as a stream",
      description =
          "As JSON, a page of what is kept. As text/event-stream, first what is kept and then what"
              + " comes, each event as in a page; Last-Event-ID wins over after. With log, what is known of an earlier log is noticed. Events that are"
              + " overwritten before they are read are told as event gap, or are ESTALE with"
              + " onGap=fail. The stream keeps the sandbox alive, and ends with event bye.")
  @ApiResponse(
      responseCode = "200",
      description = "Events",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON_VALUE,
            schema = @Schema(implementation = EventPage.class)),
        @Content(
            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
            schema =
                @Schema(
                    type = "string",
                    example =
                        """
                        id: 1
                        event: vm-opened
                        data: {"seq":1,"type":"vm-opened","vm":"vm-1"}

                        """))
      })
  @AnswersErrno(
      value = {Errno.EMFILE},
      mayBeGone = true)
  @Nullable ResponseEntity<EventPage> events(
      EventQuery query,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response,
      Sandbox.Life life) {
    if (!wantsStream(request)) {
      return ResponseEntity.ok()
          .contentType(MediaType.APPLICATION_JSON)
          .body(page(query, life.sandbox().log()));
    }
    EventStreamWriter writer =
        EventStreamWriter.of(query, lastEventId, life.sandbox(), sandboxes::isDraining, json);
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    // Proxies that know it pass on each event as it comes.
    response.setHeader("X-Accel-Buffering", "no");
    response.setHeader(LOG, EventJson.name(life.sandbox().log()));
    if (request.getMethod().equals(HttpMethod.HEAD.name())) {
      return null;
    }
    try (EventStreams.EventStream stream =
        life.sandbox().streams().open(life.host().waiters(), query.isDetailed())) {
      boolean _ = EndlessAnswer.write(response, answer -> writer.run(stream, answer));
    }
    return null;
  }

  /** JSON unless the client likes a stream better. */
  private static boolean wantsStream(HttpServletRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return accept != null
        && MediaType.parseMediaTypes(accept).stream()
            .filter(type -> type.getQualityValue() > 0)
            .sorted(Comparator.comparingDouble(MediaType::getQualityValue).reversed())
            .filter(type ->
                type.includes(MediaType.APPLICATION_JSON)
                    || type.includes(MediaType.TEXT_EVENT_STREAM))
            .findFirst()
            .filter(type -> !type.includes(MediaType.APPLICATION_JSON))
            .isPresent();
  }

  private static EventPage page(EventQuery query, TraceBuffer log) {
    EventFilter filter = query.filter();
    boolean fails = query.failsOnGap();
    boolean _ = query.isDetailed();
    int size = query.size();
    long next = query.afterNumber();
    long upTo = query.upToNumber();
    if (!query.isOf(log, next)) {
      throw EventGap.ofAnotherLog(next, log);
    }
    long oldest = log.oldest();
    EventGap gap = null;
    List<EventJson> items = new ArrayList<>();
    while (next < upTo) {
      TraceBuffer.Page read = log.after(next, CHUNK);
      if (read.lost() > 0) {
        if (fails) {
          throw EventGap.gone(next, log.oldest());
        }
        if (gap != null || !items.isEmpty()) {
          // Overwritten while this page was made: the next one tells.
          break;
        }
        long to = Math.min(next + read.lost(), upTo);
        gap = new EventGap(next + 1, to);
        next = to;
      }
      for (TraceEvent event : read.events()) {
        if (event.seq() > upTo) {
          return answer(items, gap, upTo, oldest, log);
        }
        next = event.seq();
        if (filter.admits(event)) {
          items.add(EventJson.of(event, log.beganMillis()));
          if (items.size() == size) {
            return answer(items, gap, next, oldest, log);
          }
        }
      }
      if (read.events().size() < CHUNK) {
        break;
      }
    }
    return answer(items, gap, next, oldest, log);
  }

  private static EventPage answer(
      List<EventJson> items, @Nullable EventGap gap, long next, long oldest, TraceBuffer log) {
    return new EventPage(
        items,
        gap,
        next,
        oldest,
        log.seq(),
        EventJson.name(log),
        EventJson.at(log.beganMillis(), 0));
  }
}
