package dev.virq.explore;

import dev.virq.schedule.ControlledScheduler;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes down who passed which tracepoint with what, in order, without times. */
final class Story implements Probe {
  private static final int MOST = 20_000;

  private final ControlledScheduler scheduler;
  private final List<String> lines = new ArrayList<>();

  Story(ControlledScheduler scheduler) {
    this.scheduler = scheduler;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  void add(String what) {
    if (lines.size() < MOST) {
      String thread = scheduler.current();
      lines.add((thread == null ? "" : thread + ": ") + what);
    }
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    String name = point.pointName();
    StringBuilder line = new StringBuilder(name == null ? word(point) : name);
    number(line, " vm-", subject.vmId());
    number(line, " irqfd-", subject.irqfdId());
    number(line, " efd-", subject.eventfdId());
    number(line, " sig-", detail.signalId());
    String label = detail.label();
    if (label != null) {
      line.append(' ').append(label);
    }
    if (point.value() != Tracepoint.Value.NOTHING && point.value() != Tracepoint.Value.NANOS) {
      line.append(' ').append(point.value().name().toLowerCase(Locale.ROOT));
      line.append('=').append(Long.toUnsignedString(value));
    }
    if (point.mark() != null) {
      line.append(' ').append(point.mark());
    }
    add(line.toString());
  }

  private static String word(Tracepoint point) {
    String type = point.eventType();
    return type == null ? point.name().toLowerCase(Locale.ROOT).replace('_', '-') : type;
  }

  private static void number(StringBuilder line, String prefix, long number) {
    if (number != 0) {
      line.append(prefix).append(number);
    }
  }
}
