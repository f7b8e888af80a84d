package dev.virq.api.events;

import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.trace.TraceBuffer;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;

/**
 * Which events a request asks for.
 *
 * @param after number of the last event that is known already
 * @param upTo number of the last event that is asked for; of a page only
 * @param log which log that event is of, as a page calls it
 * @param types types, separated by commas
 * @param vm such as vm-1
 * @param irqfd such as irqfd-1
 * @param eventfd such as efd-1
 * @param gsi the line
 * @param pageSize events of a page at most
 * @param onGap skip or fail
 * @param detail whether the log records everything while the stream is open
 */
@ParameterObject
public record EventQuery(
    @Nullable String after,
    @Nullable String upTo,
    @Nullable String log,
    @Nullable String types,
    @Nullable String vm,
    @Nullable String irqfd,
    @Nullable String eventfd,
    @Nullable String gsi,
    @Nullable String pageSize,
    @Nullable String onGap,
    @Nullable String detail) {

  EventFilter filter() {
    return EventFilter.of(types, vm, irqfd, eventfd, gsi);
  }

  /** Number of the last event known; 0 when none is. */
  long afterNumber() {
    return after == null ? 0 : Numbers.parse("after", after, Long.MAX_VALUE);
  }

  /** Number of the last event asked for; that of the last there can be when none was named. */
  long upToNumber() {
    return upTo == null ? Long.MAX_VALUE : Numbers.parse("upTo", upTo, Long.MAX_VALUE);
  }

  /** Whether a number that the client knows can be of this log, and is if the client says so. */
  boolean isOf(TraceBuffer here, long known) {
    if (log != null && !log.matches("[0-9a-f]{16}")) {
      throw Params.invalid(
          "log \"%s\" is not the name of a log: 16 digits".formatted(Params.shown(log)));
    }
    return known <= here.seq() && (log == null || log.equals(EventJson.name(here)));
  }

  int size() {
    return new Paging(pageSize, null).of("events").size();
  }

  boolean failsOnGap() {
    return switch (onGap) {
      case null -> false;
      case "skip" -> false;
      case "fail" -> true;
      default ->
          throw Params.invalid(
              "onGap \"%s\" is neither skip nor fail".formatted(Params.shown(onGap)));
    };
  }

  boolean isDetailed() {
    return Params.flag("detail", detail);
  }
}
