package dev.virq.api.events;

import dev.virq.errno.ObjectId;
import dev.virq.trace.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A trace in Chrome's trace event format, which Perfetto opens: a process for the sandbox, a track
 * for each lane, what lasts as slices, flows from a signal to its injection and from a swap of the
 * pointer to the put, and counters.
 */
final class ChromeTrace implements TraceFormat {
  private static final int PROCESS = 1;

  private static final double NANOS_A_MICRO = TimeUnit.MICROSECONDS.toNanos(1);

  /** Of a slice that a flow begins or ends in: a flow needs one. */
  private static final double MOMENT_MICROS = 0.001;

  /** Begins of flows that are remembered; the end of one that is not is shown without a flow. */
  private static final int FLOWS = 1_024;

  private final String sandbox;
  private final long beganMillis;
  private final JsonMapper json;
  private final LinkedHashMap<String, From> flows = new LinkedHashMap<>();

  /** Open sections of an irqfd, by rank. */
  private final Map<Long, long[]> readers = new HashMap<>();

  private final Map<Long, Long> references = new HashMap<>();

  private int lanes;
  private int flowsDrawn;
  private boolean first = true;

  /** Where a flow may begin. */
  private record From(int lane, double micros) {}

  ChromeTrace(String sandbox, long beganMillis, JsonMapper json) {
    this.sandbox = sandbox;
    this.beganMillis = beganMillis;
    this.json = json;
  }

  @Override
  public String begin() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("sandbox", sandbox);
    facts.put("began", EventJson.at(beganMillis, 0));
    return "{\"displayTimeUnit\":\"ns\",\"otherData\":"
        + json.writeValueAsString(facts)
        + ",\"traceEvents\":["
        + written(List.of(named("process_name", null, "sandbox " + sandbox)));
  }

  @Override
  public String event(Lanes.Placed placed) {
    List<Map<String, Object>> out = new ArrayList<>();
    TraceEvent event = placed.event();
    double micros = micros(event.nanos());
    announce(placed.lane(), out);
    Lanes.Open ends = placed.ends();
    if (ends != null) {
      Map<String, Object> end = entry("E", ends.lane().number(), micros, name(ends.span(), event));
      end.put("args", args(event));
      out.add(end);
    }
    Lanes.Open begins = placed.begins();
    boolean ownEnd = ends != null && ends.lane().equals(placed.lane());
    if (begins != null) {
      Map<String, Object> begin =
          entry("B", placed.lane().number(), micros, name(begins.span(), event));
      begin.put("cat", begins.span().kind().word());
      begin.put("args", args(event));
      out.add(begin);
    } else if (!ownEnd) {
      boolean flow = flowBegin(event) != null || flowEnd(event) != null;
      Map<String, Object> moment =
          entry(flow ? "X" : "i", placed.lane().number(), micros, EventJson.type(event.point()));
      moment.put(flow ? "dur" : "s", flow ? (Object) MOMENT_MICROS : "t");
      moment.put("cat", "event");
      moment.put("args", args(event));
      out.add(moment);
    }
    flow(placed, micros, out);
    count(placed, micros, out);
    return written(out);
  }

  @Override
  public String gap(EventGap gap, long nanos) {
    Map<String, Object> moment =
        entry(
            "i",
            0,
            micros(nanos),
            "events %d to %d are not kept any more".formatted(gap.from(), gap.to()));
    moment.put("s", "p");
    moment.put("cat", "event");
    return written(List.of(moment));
  }

  @Override
  public String end(Lanes lanes, long nanos) {
    List<Lanes.Open> open = new ArrayList<>();
    lanes.stillOpen().forEach(open::addFirst);
    List<Map<String, Object>> out = new ArrayList<>();
    for (Lanes.Open one : open) {
      Map<String, Object> end =
          entry("E", one.lane().number(), micros(nanos), name(one.span(), one.begin()));
      end.put("args", Map.of("open", true));
      out.add(end);
    }
    return written(out) + "]}";
  }

  private void announce(Lanes.Lane lane, List<Map<String, Object>> out) {
    if (lane.number() > lanes) {
      lanes = lane.number();
      out.add(named("thread_name", lane.number(), lane.name()));
    }
  }

  // ---- flows

  /** What an event may be the begin of; null for nothing. */
  private static @Nullable String flowBegin(TraceEvent event) {
    return switch (event.point()) {
      case EVENTFD_SIGNALLED -> "signal/" + event.signal();
      case DISCONNECT_SWAPPED -> "sever/" + event.irqfd();
      default -> null;
    };
  }

  private static @Nullable String flowEnd(TraceEvent event) {
    return switch (event.point()) {
      case INJECT_LOCKED, INJECT_AT_ONCE -> "signal/" + event.signal();
      case PUT_VM -> "sever/" + event.irqfd();
      default -> null;
    };
  }

  private void flow(Lanes.Placed placed, double micros, List<Map<String, Object>> out) {
    int lane = placed.lane().number();
    String begins = flowBegin(placed.event());
    if (begins != null) {
      if (flows.size() == FLOWS) {
        var _ = flows.pollFirstEntry();
      }
      flows.put(begins, new From(lane, micros));
    }
    String ends = flowEnd(placed.event());
    From from = ends == null ? null : flows.remove(ends);
    if (from != null && ends != null) {
      // Both here: a flow that never ends is none.
      String name = ends.substring(0, ends.indexOf('/'));
      int id = ++flowsDrawn;
      out.add(flow("s", from.lane(), from.micros(), name, id));
      Map<String, Object> end = flow("f", lane, micros, name, id);
      end.put("bp", "e");
      out.add(end);
    }
  }

  private static Map<String, Object> flow(
      String phase, int lane, double micros, String name, int id) {
    Map<String, Object> flow = entry(phase, lane, micros, name);
    flow.put("cat", "flow");
    flow.put("id", id);
    return flow;
  }

  // ---- counters

  private void count(Lanes.Placed placed, double micros, List<Map<String, Object>> out) {
    TraceEvent event = placed.event();
    switch (event.point()) {
      case EVENTFD_SIGNALLED ->
          out.add(
              counter(
                  micros,
                  ObjectId.EVENTFD.of(event.eventfd()) + " counter after a write",
                  Map.of("counter", unsigned(event.value()))));
      case VM_OPENED, VM_CLOSING -> references(event.vm(), event.value(), micros, out);
      case VM_RELEASED -> {
        references(event.vm(), event.value(), micros, out);
        // The irqfd that dropped the last one is freed after the VM.
        references.remove(event.vm());
      }
      // Each irqfd has a reference, from when it is bound until before it is freed.
      case ASSIGN_LISTED -> changeReferences(event.vm(), 1, micros, out);
      case FREE_IRQFD -> changeReferences(event.vm(), -1, micros, out);
      default -> {}
    }
    if (placed.begins() != null) {
      rank(placed.begins(), 1, micros, out);
    }
    if (placed.ends() != null) {
      rank(placed.ends(), -1, micros, out);
    }
  }

  /** Of a VM whose beginning is not in the log there is nothing that could be changed. */
  private void changeReferences(long vm, int change, double micros, List<Map<String, Object>> out) {
    Long before = references.get(vm);
    if (before != null) {
      references(vm, before + change, micros, out);
    }
  }

  private void references(long vm, long count, double micros, List<Map<String, Object>> out) {
    references.put(vm, count);
    out.add(counter(micros, ObjectId.VM.of(vm) + " references", Map.of("references", count)));
  }

  /** The readers in the two ranks of an irqfd's domain. */
  private void rank(Lanes.Open one, int change, double micros, List<Map<String, Object>> out) {
    if (one.span().kind() != Span.Kind.SECTION) {
      return;
    }
    TraceEvent begin = one.begin();
    long[] ranks = readers.computeIfAbsent(begin.irqfd(), _ -> new long[2]);
    ranks[(int) begin.value() & 1] += change;
    out.add(
        counter(
            micros,
            ObjectId.IRQFD.of(begin.irqfd()) + " readers",
            Map.of("rank 0", ranks[0], "rank 1", ranks[1])));
  }

  private static Map<String, Object> counter(
      double micros, String name, Map<String, ? extends Number> values) {
    Map<String, Object> counter = entry("C", 0, micros, name);
    counter.put("args", values);
    return counter;
  }

  /** Of 64 bits; the format has no more than a double. */
  private static double unsigned(long value) {
    return value >= 0 ? value : (value >>> 1) * 2.0;
  }

  // ---- entries

  private static Map<String, Object> named(String what, @Nullable Integer lane, String name) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("ph", "M");
    named.put("pid", PROCESS);
    if (lane != null) {
      named.put("tid", lane);
    }
    named.put("name", what);
    named.put("args", Map.of("name", name));
    return named;
  }

  private static Map<String, Object> entry(String phase, int lane, double micros, String name) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("ph", phase);
    entry.put("pid", PROCESS);
    entry.put("tid", lane);
    entry.put("ts", micros);
    entry.put("name", name);
    return entry;
  }

  /** Of the begin and of the end alike. */
  private static String name(Span span, TraceEvent event) {
    return span.kind() == Span.Kind.HOLD
        ? "held by " + ObjectId.BREAKPOINT.of(event.value())
        : span.kind().word() + " " + ObjectId.IRQFD.of(event.irqfd());
  }

  private static Map<String, Object> args(TraceEvent event) {
    Map<String, Object> args = new LinkedHashMap<>();
    args.put("seq", event.seq());
    args.put("type", EventJson.type(event.point()));
    if (event.point().pointName() != null) {
      args.put("point", event.point().pointName());
    }
    if (event.point().mark() != null) {
      args.put("mark", event.point().mark());
    }
    id(args, "vm", ObjectId.VM, event.vm());
    id(args, "irqfd", ObjectId.IRQFD, event.irqfd());
    id(args, "eventfd", ObjectId.EVENTFD, event.eventfd());
    id(args, "signal", ObjectId.SIGNAL, event.signal());
    if (event.gsi() >= 0) {
      args.put("gsi", event.gsi());
    }
    args.put("thread", event.thread());
    args.putAll(EventJson.detail(event));
    return args;
  }

  private static void id(Map<String, Object> args, String name, ObjectId kind, long number) {
    if (number != 0) {
      args.put(name, kind.of(number));
    }
  }

  private static double micros(long nanos) {
    return nanos / NANOS_A_MICRO;
  }

  private String written(List<Map<String, Object>> entries) {
    StringBuilder text = new StringBuilder();
    for (Map<String, Object> entry : entries) {
      text.append(first ? "\n" : ",\n").append(json.writeValueAsString(entry));
      first = false;
    }
    return text.toString();
  }
}
