package dev.virq.api.events;

import dev.virq.api.http.Params;
import dev.virq.errno.ObjectId;
import dev.virq.trace.TraceEvent;
import dev.virq.trace.Tracepoint;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events are asked for.
 *
 * @param points of these tracepoints
 * @param vm about the VM of this number; 0 for any
 * @param irqfd about the irqfd of this number; 0 for any
 * @param eventfd about the eventfd of this number; 0 for any
 * @param gsi about this line; -1 for any
 */
record EventFilter(Set<Tracepoint> points, long vm, long irqfd, long eventfd, long gsi) {
  private static final String ANY_END = "*";

  /** Of what a query says; what it does not say is left open. */
  static EventFilter of(
      @Nullable String types,
      @Nullable String vm,
      @Nullable String irqfd,
      @Nullable String eventfd,
      @Nullable String gsi) {
    return new EventFilter(
        points(types),
        vm == null ? 0 : Params.id(ObjectId.VM, vm),
        irqfd == null ? 0 : Params.id(ObjectId.IRQFD, irqfd),
        eventfd == null ? 0 : Params.id(ObjectId.EVENTFD, eventfd),
        gsi == null ? -1 : Numbers.parse("gsi", gsi, Params.MAX_GSI));
  }

  /** Whether it leaves nothing out. */
  boolean admitsAll() {
    return points.size() == Tracepoint.values().length
        && vm == 0
        && irqfd == 0
        && eventfd == 0
        && gsi < 0;
  }

  boolean admits(TraceEvent event) {
    return points.contains(event.point())
        && (vm == 0 || vm == event.vm())
        && (irqfd == 0 || irqfd == event.irqfd())
        && (eventfd == 0 || eventfd == event.eventfd())
        && (gsi < 0 || gsi == event.gsi());
  }

  private static Set<Tracepoint> points(@Nullable String types) {
    if (types == null) {
      return EnumSet.allOf(Tracepoint.class);
    }
    EnumSet<Tracepoint> points = EnumSet.noneOf(Tracepoint.class);
    for (String type : types.split(",", -1)) {
      if (!addAll(points, type)) {
        throw Params.invalid(
            "types: \"%s\" is no type of an event, nor do any begin so before a *"
                .formatted(Params.shown(type)));
      }
    }
    return Collections.unmodifiableSet(points);
  }

  /** The tracepoints of a type, or of all that begin as what stands before the star. */
  private static boolean addAll(Set<Tracepoint> points, String type) {
    boolean begin = type.endsWith(ANY_END);
    String text = begin ? type.substring(0, type.length() - 1) : type;
    boolean found = false;
    for (Tracepoint point : Tracepoint.values()) {
      String known = point.eventType();
      if (known != null && (begin ? known.startsWith(text) : known.equals(text))) {
        points.add(point);
        found = true;
      }
    }
    return found;
  }
}
