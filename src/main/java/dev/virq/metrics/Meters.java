package dev.virq.metrics;

import dev.virq.trace.EndCause;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Outcome;
import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Every meter: its name, kind, unit, tags, and when it moves.
 *
 * <p>The values of every tag are constants of an enum, so the number of series is fixed when the
 * program starts; no number of a sandbox, VM, eventfd, irqfd or line is ever a tag. All totals are
 * over the instance. Base units other than the timers' seconds are not registered: they would get
 * into the Prometheus names.
 */
public enum Meters implements MeterDocumentation {
  /** Signals by what became of them. */
  SIGNALS(
      "irqfd.signals",
      Meter.Type.COUNTER,
      "signals",
      Key.OUTCOME,
      "an accepted signal gets its outcome"),
  /** Signals that came in. */
  SIGNALS_ACCEPTED(
      "irqfd.signals.accepted",
      Meter.Type.COUNTER,
      "signals",
      null,
      "a write to an eventfd is accepted, or an eventfd that is not 0 is bound"),
  /** Signals under way. */
  SIGNALS_PENDING(
      "irqfd.signals.pending",
      Meter.Type.GAUGE,
      "signals",
      null,
      "a signal is accepted (up) or gets its outcome (down): accepted minus the sum of outcomes"),
  /** Interrupts. */
  INJECTIONS(
      "irqfd.injections",
      Meter.Type.COUNTER,
      "interrupts",
      null,
      "an injection drives the line of a VM: outcome injected"),
  /** Interrupts by what the interrupt controller made of them. */
  LINE_STATUS(
      "irqfd.line.status",
      Meter.Type.COUNTER,
      "interrupts",
      Key.STATUS,
      "the interrupt controller answers an injection"),
  /** Ends of interrupt that came back to a device. */
  RESAMPLES(
      "irqfd.resamples",
      Meter.Type.COUNTER,
      "signals",
      null,
      "the end of an interrupt signals a resample eventfd"),
  /** How long injections take. */
  INJECTION(
      "irqfd.injection",
      Meter.Type.TIMER,
      "seconds",
      null,
      "an injection reaches a VM's controller; the time runs from the signal that asked for it"),
  /** Injections that wait. */
  INJECTION_QUEUE_DEPTH(
      "irqfd.injection.queue.depth",
      Meter.Type.GAUGE,
      "injections",
      null,
      "an injection is left to a worker (up) or taken by one (down)"),
  /** Bindings that ended. */
  TEARDOWNS(
      "irqfd.teardowns",
      Meter.Type.COUNTER,
      "irqfds",
      Key.TRIGGER,
      "an irqfd is freed; the trigger is what tore it down"),
  /** How long tear-downs wait for queued injections. */
  FLUSH(
      "irqfd.flush",
      Meter.Type.TIMER,
      "seconds",
      Key.CAUSE,
      "a tear-down has waited for the injections queued before it"),
  /** How long updaters wait for readers. */
  GRACE_PERIOD(
      "srcu.grace.period",
      Meter.Type.TIMER,
      "seconds",
      Key.CAUSE,
      "a grace period of an irqfd ends; the cause is what severed the irqfd from its VM"),
  /** Updaters that wait for readers now. */
  GRACE_PERIODS_ACTIVE(
      "srcu.grace.periods.active",
      Meter.Type.GAUGE,
      "grace periods",
      null,
      "a grace period begins (up) or ends (down)"),
  /**
   * How long the updater that has waited longest has been waiting: what stalls is not yet in the
   * timer.
   */
  GRACE_PERIOD_OLDEST(
      "srcu.grace.period.oldest.seconds",
      Meter.Type.GAUGE,
      "seconds",
      null,
      "time passes while a grace period runs (up) or the oldest one ends (down, to 0 with the last)"),
  /** Sandboxes. */
  SANDBOXES(
      "virq.sandboxes",
      Meter.Type.GAUGE,
      "sandboxes",
      null,
      "a sandbox is created (up) or deleted (down)"),
  /** VMs. */
  VMS(
      "virq.vms",
      Meter.Type.GAUGE,
      "VMs",
      null,
      "a VM is created (up) or its last reference dropped (down)"),
  /** Eventfds, and pipes, which count as one. */
  EVENTFDS(
      "virq.eventfds",
      Meter.Type.GAUGE,
      "eventfds",
      null,
      "an eventfd is created (up) or its last reference dropped (down)"),
  /** Irqfds. */
  IRQFDS("virq.irqfds", Meter.Type.GAUGE, "irqfds", null, "an irqfd is bound (up) or freed (down)"),
  /** Memory that is taken. */
  MEMORY_USED(
      "virq.memory.used.bytes",
      Meter.Type.GAUGE,
      "bytes",
      null,
      "an object is made or something is kept (up) or is gone (down), and with each sandbox by what it"
          + " is guaranteed"),
  /** Memory that may be taken. */
  MEMORY_LIMIT(
      "virq.memory.limit.bytes",
      Meter.Type.GAUGE,
      "bytes",
      null,
      "never: it is the share of the heap that is set"),
  /** Threads that breakpoints stop now. */
  PARKED_THREADS(
      "virq.parked.threads",
      Meter.Type.GAUGE,
      "threads",
      null,
      "a breakpoint stops a thread (up) or the thread goes on (down)"),
  /** Breakpoints. */
  BREAKPOINTS(
      "virq.breakpoints",
      Meter.Type.GAUGE,
      "breakpoints",
      null,
      "a breakpoint is set (up) or removed (down)"),
  /** Holds that ran out of time. */
  BREAKPOINT_EXPIRED(
      "virq.breakpoint.expired",
      Meter.Type.COUNTER,
      "threads",
      null,
      "a held thread goes on because its longest hold is over: somebody forgot it"),
  /** Streams of events. */
  STREAMS(
      "virq.streams",
      Meter.Type.GAUGE,
      "event streams",
      null,
      "a client opens an event stream (up) or the stream ends (down)"),
  /** Events that streams could not tell. */
  STREAM_GAPS(
      "virq.stream.gaps",
      Meter.Type.COUNTER,
      "gaps",
      null,
      "a client of an event stream is told that events were overwritten before it had them"),
  /** Explorations that go on. */
  EXPLORATIONS(
      "virq.explorations",
      Meter.Type.GAUGE,
      "explorations",
      null,
      "an exploration or a replay begins (up) or ends (down)"),
  /** What explorations have played. */
  EXPLORATION_RUNS(
      "virq.exploration.runs",
      Meter.Type.COUNTER,
      "runs",
      null,
      "an exploration has played its program under one more schedule"),
  /** Sandboxes whose lease ran out. */
  LEASES_EXPIRED(
      "virq.leases.expired",
      Meter.Type.COUNTER,
      "sandboxes",
      null,
      "a sandbox is deleted because its lease has run out");

  /** A tag and its values. */
  public enum Key implements KeyName {
    /** What became of a signal. */
    OUTCOME("outcome"),
    /** What the interrupt controller answered. */
    STATUS("status"),
    /** What severed an irqfd, or tore it down. */
    CAUSE("cause"),
    /** What tore an irqfd down, in the words of the calls. */
    TRIGGER("trigger");

    private final String key;

    Key(String key) {
      this.key = key;
    }

    @Override
    public String asString() {
      return key;
    }

    /** Every value the tag can have, in the order of the constants. */
    public List<String> tagValues() {
      return switch (this) {
        case OUTCOME -> Arrays.stream(Outcome.values()).map(Meters::tag).toList();
        case STATUS -> Arrays.stream(LineStatus.values()).map(Meters::tag).toList();
        case CAUSE -> Arrays.stream(EndCause.values()).map(Meters::tag).toList();
        case TRIGGER -> Arrays.stream(EndCause.values()).map(Key::trigger).toList();
      };
    }

    private static String trigger(EndCause cause) {
      return switch (cause) {
        case HANGUP -> "close";
        case DEASSIGN -> "deassign";
        case VM_RELEASE -> "vm";
        case RESET -> "reset";
        case LEASE -> "lease";
      };
    }
  }

  private final String name;
  private final Meter.Type type;
  private final String unit;
  private final @Nullable Key key;
  private final String movesWhen;

  Meters(String name, Meter.Type type, String unit, @Nullable Key key, String movesWhen) {
    this.name = name;
    this.type = type;
    this.unit = unit;
    this.key = key;
    this.movesWhen = movesWhen;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public Meter.Type getType() {
    return type;
  }

  @Override
  public KeyName[] getKeyNames() {
    return key == null ? new KeyName[0] : new KeyName[] {key};
  }

  /** What one step of it stands for, in the plural. */
  public String unit() {
    return unit;
  }

  /** Its tag, or null. */
  public @Nullable Key key() {
    return key;
  }

  /** When it moves: half a sentence that follows "moves when". */
  public String movesWhen() {
    return movesWhen;
  }

  /** Upper bounds of the timers' buckets: 1, 2, 5 times 10 µs to 10 s. */
  public static Duration[] buckets() {
    Duration[] bounds = new Duration[19];
    long decade = 10;
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Duration.ofNanos(1_000 * decade * (i % 3 == 0 ? 1 : i % 3 == 1 ? 2 : 5));
      if (i % 3 == 2) {
        decade *= 10;
      }
    }
    return bounds;
  }

  // ---- for this package

  /** Registers the counter that has no tag. */
  Counter counter(MeterRegistry registry) {
    return Counter.builder(name).description(description()).register(registry);
  }

  /** Registers one counter a value of the tag, in the order of the constants. */
  Counter[] counters(MeterRegistry registry) {
    return tags().stream()
        .map(tags -> Counter.builder(name).description(description()).tags(tags).register(registry))
        .toArray(Counter[]::new);
  }

  /** Registers the counter that has no tag and is kept elsewhere. */
  <T> void counter(MeterRegistry registry, T owner, ToLongFunction<T> count) {
    count(registry, Tags.empty(), owner, count);
  }

  /** Registers one counter a value of the tag; each is kept elsewhere, by the constant's place. */
  <T> void counters(MeterRegistry registry, T owner, IntFunction<ToLongFunction<T>> counts) {
    List<Tags> all = tags();
    for (int i = 0; i < all.size(); i++) {
      count(registry, all.get(i), owner, counts.apply(i));
    }
  }

  private <T> void count(MeterRegistry registry, Tags tags, T owner, ToLongFunction<T> count) {
    FunctionCounter _ =
        FunctionCounter.builder(name, owner, count::applyAsLong)
            .description(description())
            .tags(tags)
            .register(registry);
  }

  /** Registers one timer a value of the tag, in the order of the constants. */
  Timer[] timers(MeterRegistry registry) {
    return tags().stream()
        .map(tags ->
            Timer.builder(name)
                .description(description())
                .tags(tags)
                .serviceLevelObjectives(buckets())
                .register(registry))
        .toArray(Timer[]::new);
  }

  /** Registers a gauge that is read at each scrape. */
  void gauge(MeterRegistry registry, Supplier<Number> now) {
    Gauge _ = Gauge.builder(name, now).description(description()).register(registry);
  }

  /** The sentence that a scrape shows. */
  String description() {
    return "In " + unit + "; moves when " + movesWhen + ".";
  }

  private List<Tags> tags() {
    return key == null
        ? List.of(Tags.empty())
        : key.tagValues().stream().map(value -> Tags.of(key.asString(), value)).toList();
  }

  private static String tag(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
