package dev.virq.api.events;

import dev.virq.errno.ObjectId;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.TraceEvent;
import dev.virq.trace.Tracepoint;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event.
 *
 * @param seq its number in the sandbox, from 1 without gaps
 * @param at when, UTC
 * @param nanos when, in nanoseconds since the log began, by one clock that never goes back
 * @param type what happened; a client passes over types that it does not know
 * @param point the place in the thread's code, as GET /v1/points names it
 * @param mark the mark of that place in the 2009 patch
 * @param vm such as vm-1
 * @param irqfd such as irqfd-1
 * @param eventfd such as efd-1
 * @param gsi the line
 * @param signal such as sig-1
 * @param thread what the thread was: writer, closer, request, or a worker such as injector-1, in
 *     whose place a caller works while nobody looks
 * @param tid number of the thread; two requests at once differ by it
 * @param phase begin or end, of what lasts; absent for what does not
 * @param span what begins or ends; an end belongs to the last begin of the same span
 * @param detail what else there is to say
 */
@Schema(name = "Event")
record EventJson(
    long seq,
    String at,
    long nanos,
    String type,
    @Nullable String point,
    @Nullable String mark,
    @Nullable String vm,
    @Nullable String irqfd,
    @Nullable String eventfd,
    @Nullable Long gsi,
    @Nullable String signal,
    String thread,
    long tid,
    @Schema(allowableValues = {"begin", "end"}) @Nullable String phase,
    @Nullable String span,
    @Nullable Map<String, Object> detail) {

  static EventJson of(TraceEvent event, long beganMillis) {
    Tracepoint point = event.point();
    Span span = Span.of(event);
    Map<String, Object> detail = detail(event);
    return new EventJson(
        event.seq(),
        at(beganMillis, event.nanos()),
        event.nanos(),
        type(point),
        point.pointName(),
        point.mark(),
        id(ObjectId.VM, event.vm()),
        id(ObjectId.IRQFD, event.irqfd()),
        id(ObjectId.EVENTFD, event.eventfd()),
        event.gsi() < 0 ? null : (Long) event.gsi(),
        id(ObjectId.SIGNAL, event.signal()),
        thread(event),
        event.thread(),
        span == null ? null : span.begins() ? "begin" : "end",
        span == null ? null : span.name(),
        detail.isEmpty() ? null : detail);
  }

  /** The moment of an event, in RFC 3339. */
  static String at(long beganMillis, long nanos) {
    return Instant.ofEpochMilli(beganMillis).plusNanos(nanos).toString();
  }

  /** What clients call a log. */
  static String name(TraceBuffer log) {
    return HexFormat.of().toHexDigits(log.identity());
  }

  /** The type of an event at that tracepoint. */
  static String type(Tracepoint point) {
    String type = point.eventType();
    return type == null ? point.name() : type;
  }

  private static @Nullable String id(ObjectId kind, long number) {
    return number == 0 ? null : kind.of(number);
  }

  /** Threads of requests are many; each does one thing at a time, and is called by that. */
  static String thread(TraceEvent event) {
    String worker = event.worker();
    if (worker != null) {
      return worker;
    }
    return switch (event.point()) {
      case EVENTFD_SIGNALLED, SIGNAL_QUEUED, INJECT_AT_ONCE, SIGNAL_FINISHED -> "writer";
      case EVENTFD_CLOSED, VM_CLOSING, VM_RELEASED, IRQFD_DEASSIGNED -> "closer";
      default -> "request";
    };
  }

  static Map<String, Object> detail(TraceEvent event) {
    Map<String, Object> detail = new LinkedHashMap<>();
    long value = event.value();
    switch (event.point().value()) {
      case NOTHING -> {}
      case SRCU_INDEX -> detail.put("index", value);
      case READERS -> detail.put("readers", value);
      case NANOS -> detail.put("nanos", value);
      case REFERENCES -> detail.put("refs", value);
      case COUNTER -> detail.put("counter", Long.toUnsignedString(value));
      case LEVEL -> detail.put("level", value);
      case BREAKPOINT -> detail.put("breakpoint", ObjectId.BREAKPOINT.of(value));
    }
    String word = event.detail();
    if (word != null) {
      detail.put(meaning(event.point()), word);
    }
    return detail;
  }

  private static String meaning(Tracepoint point) {
    return switch (point) {
      case SIGNAL_FINISHED -> "outcome";
      case LINE_SET, INJECT_RAISED -> "status";
      default -> "cause";
    };
  }
}
