package dev.virq.api.events;

import dev.virq.api.http.Params;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.sandbox.Sandbox;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.TraceEvent;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The events of a sandbox, to be looked at with a tool for traces, or in a terminal. */
@RestController
@RequestMapping("/v1/sandboxes/{sb}/trace")
@Tag(name = DocumentOrder.EVENTS)
public class TraceController {
  private static final int CHUNK = 128;

  /** Heap of what is written and what is open meanwhile, however long the trace is. */
  private static final int BYTES = 262_144;

  private final JsonMapper json;

  TraceController(JsonMapper json) {
    this.json = json;
  }

  /**
   * Which part of the log, and how it is shown.
   *
   * @param after number of the event before the first
   * @param upTo number of the last
   * @param format json or text
   */
  @ParameterObject
  public record TraceQuery(@Nullable String after, @Nullable String upTo, @Nullable String format) {

    long afterNumber() {
      return after == null ? 0 : Numbers.parse("after", after, Long.MAX_VALUE);
    }

    long upToNumber(long newest) {
      return upTo == null ? newest : Math.min(newest, Numbers.parse("upTo", upTo, Long.MAX_VALUE));
    }

    boolean isText() {
      return switch (format) {
        case null -> false;
        case "json" -> false;
        case "text" -> true;
        default ->
            throw Params.invalid(
                "format \"%s\" is neither json nor text".formatted(Params.shown(format)));
      };
    }
  }

  @GetMapping(produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.TEXT_PLAIN_VALUE})
  @Operation(
      operationId = "getTrace",
      summary = "Show the events as a trace",
      description =
          "In Chrome's trace event format, which Perfetto opens: a track a thread, with read sections,"
              + " holds of the VM's lock, flushes, grace periods and holds at breakpoints as slices,"
              + " arrows from a signal to its injection, and counters. With format=text a line an"
              + " event. Every step is there of the time when somebody looked.")
  @ApiResponse(
      responseCode = "200",
      description = "The trace",
      content = {
        @Content(mediaType = MediaType.APPLICATION_JSON_VALUE, schema = @Schema(type = "object")),
        @Content(
            mediaType = MediaType.TEXT_PLAIN_VALUE,
            schema =
                @Schema(
                    type = "string",
                    example =
                        "      injector-1-66       0.012345678: inject-begin: vm-1 irqfd-1 efd-1"
                            + " gsi=5 sig-1 index=0\n"))
      })
  void trace(
      TraceQuery query, HttpServletRequest request, HttpServletResponse response, Sandbox sandbox)
      throws IOException {
    TraceBuffer log = sandbox.log();
    long after = query.afterNumber();
    long upTo = query.upToNumber(log.seq());
    boolean text = query.isText();
    RequestBytes.charge(BYTES);
    response.setContentType(text ? MediaType.TEXT_PLAIN_VALUE : MediaType.APPLICATION_JSON_VALUE);
    if (request.getMethod().equals(HttpMethod.HEAD.name())) {
      return;
    }
    TraceFormat format =
        text
            ? new TraceText()
            : new ChromeTrace(sandbox.settings().name(), log.beganMillis(), json);
    write(log, after, upTo, format, response.getOutputStream());
  }

  private static void write(
      TraceBuffer log, long after, long upTo, TraceFormat format, OutputStream out)
      throws IOException {
    Lanes lanes = new Lanes();
    long nanos = 0;
    long known = after;
    write(out, format.begin());
    while (known < upTo) {
      TraceBuffer.Page page = log.after(known, CHUNK);
      if (page.events().isEmpty()) {
        break;
      }
      if (page.lost() > 0) {
        write(out, format.gap(new EventGap(known + 1, known + page.lost()), nanos));
      }
      for (TraceEvent event : page.events()) {
        known = event.seq();
        if (known <= upTo) {
          nanos = event.nanos();
          write(out, format.event(lanes.place(event)));
        }
      }
    }
    write(out, format.end(lanes, nanos));
    out.flush();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
