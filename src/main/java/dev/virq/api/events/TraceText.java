package dev.virq.api.events;

import dev.virq.trace.TraceEvent;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A trace as text: a line an event, in the manner of ftrace. */
final class TraceText implements TraceFormat {
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  @Override
  public String begin() {
    return "# tracer: virq\n#\n#         THREAD  TID        TIMESTAMP  EVENT\n";
  }

  @Override
  public String event(Lanes.Placed placed) {
    TraceEvent event = placed.event();
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%16s-%-8d %12.9f: %s:",
            placed.lane().name(),
            event.thread(),
            event.nanos() / NANOS,
            EventJson.type(event.point())));
    add(line, "vm", event.vm());
    add(line, "irqfd", event.irqfd());
    add(line, "efd", event.eventfd());
    if (event.gsi() >= 0) {
      line.append(" gsi=").append(event.gsi());
    }
    add(line, "sig", event.signal());
    for (Map.Entry<String, Object> one : EventJson.detail(event).entrySet()) {
      line.append(' ').append(one.getKey()).append('=').append(one.getValue());
    }
    if (placed.ends() != null) {
      long took = event.nanos() - placed.ends().begin().nanos();
      line.append(" took=").append(took).append("ns");
    }
    if (event.point().mark() != null) {
      line.append(' ').append(event.point().mark());
    }
    return line.append('\n').toString();
  }

  private static void add(StringBuilder line, String kind, long number) {
    if (number != 0) {
      line.append(' ').append(kind).append('-').append(number);
    }
  }

  @Override
  public String gap(EventGap gap, long nanos) {
    return "# events %d to %d are not kept any more%n".formatted(gap.from(), gap.to());
  }

  @Override
  public String end(Lanes lanes, long nanos) {
    StringBuilder text = new StringBuilder();
    for (Lanes.Open open : lanes.stillOpen()) {
      text.append("# still open: ")
          .append(open.span().name())
          .append(" on ")
          .append(open.lane().name())
          .append('\n');
    }
    return text.toString();
  }
}
