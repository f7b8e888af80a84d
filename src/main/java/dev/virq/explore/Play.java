package dev.virq.explore;

import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.EventFd;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.inflight.PendingSignal;
import dev.virq.limits.Limits;
import dev.virq.protocol.Protocol;
import dev.virq.schedule.ControlledScheduler;
import dev.virq.schedule.Halt;
import dev.virq.schedule.Replay;
import dev.virq.schedule.Strategy;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptCalls;
import dev.virq.trace.Detail;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import dev.virq.trace.Probes;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program, on a host of its own that nothing else uses and that is dropped afterwards.
 *
 * <p>Nothing depends on the clock, which stands still, or on threads, which take turns: so the same
 * choices make the same run.
 */
final class Play implements Sight {
  /** More choice points than any program needs that comes to an end. */
  private static final int MOST_STEPS = 100_000;

  /** How long a thread may take to its next choice point before it is taken for stuck. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

  /** Every item of work gets a worker of its own, so that when it begins is a choice. */
  private static final int WORKERS = 1_000;

  private static final String NONE = "NONE";
  private static final String WRITE = "eventfd_write";
  private static final int FEW = 10_000;
  private static final Limits LIMITS =
      new Limits(
          1,
          FEW,
          FEW,
          FEW,
          FEW,
          16,
          16,
          16,
          16,
          FEW,
          1_024,
          1_024,
          16,
          1,
          FEW,
          FEW,
          WORKERS,
          Duration.ofDays(1),
          Duration.ofDays(1),
          Duration.ofDays(1));

  /** What an actor has done so far. */
  private static final class Done {
    final List<Result> results = new ArrayList<>();

    /** The signals of its writes, by place; null for what was no write. */
    final List<@Nullable PendingSignal> signals = new ArrayList<>();

    /** The signal of the operation under way, once it is accepted. */
    @Nullable PendingSignal signal;

    /** The operation under way. */
    @Nullable Operation operation;

    /** The name that it makes something under. */
    String making() {
      Operation now = operation;
      return now == null || now.operands().isEmpty() ? "" : now.operands().getFirst();
    }

    boolean writes() {
      Operation now = operation;
      return now != null && now.verb().word().equals(WRITE);
    }
  }

  private final Program program;
  private final Strategy strategy;
  private final ControlledScheduler scheduler;
  private final Sentinel sentinel;
  private final @Nullable Story story;
  private final Host host;
  private final ScriptCalls calls;

  // All used by the thread that has the turn only.
  private final Map<String, Done> done = new HashMap<>();
  private final Map<String, Done> byThread = new HashMap<>();
  private final Map<String, Long> vms = new HashMap<>();
  private final Map<String, EventFd> eventfds = new HashMap<>();

  /** What a run showed that is given up, until then; null while it is not. */
  private @Nullable Shown shown;

  /** What it showed. */
  private record Shown(String outcome, List<String> violated) {}

  private Play(
      Program program,
      Strategy strategy,
      Protocol protocol,
      boolean detailed,
      @Nullable RunLog log,
      BooleanSupplier goesOn) {
    this.program = program;
    this.strategy = strategy;
    this.scheduler =
        new ControlledScheduler(
            strategy, Workers.virtual("run"), MOST_STEPS, PATIENCE_NANOS, supervisor(goesOn));
    this.sentinel = new Sentinel(scheduler, detailed);
    this.story = detailed ? new Story(scheduler) : null;
    List<Probe> probes = new ArrayList<>(List.of(names(), sentinel));
    if (story != null) {
      probes.add(story);
    }
    if (log != null) {
      probes.add(new Recording(scheduler, log));
    }
    // Last: what a thread is about to do is seen before it waits for its turn.
    probes.add(scheduler);
    probes.addFirst(new Gate(scheduler, probes));
    this.host =
        new Host(
            HostOptions.alone("explore", WORKERS, scheduler, LIMITS, new Probes(probes), () -> 0)
                .with(protocol, this::bug));
    this.calls = new ScriptCalls(host);
  }

  /**
   * Plays a program once.
   *
   * @param strategy decides; already told that the run begins
   * @param detailed whether the story and stacks are kept
   * @param goesOn asked every now and then while the run takes long; what it throws is thrown
   * @return null when it was stopped because {@code goesOn} said so
   */
  static @Nullable Played once(
      Program program,
      Strategy strategy,
      Protocol protocol,
      boolean detailed,
      BooleanSupplier goesOn) {
    return new Play(program, strategy, protocol, detailed, null, goesOn).run();
  }

  /** As the other one, detailed, and what happens is recorded besides. */
  static @Nullable Played recorded(
      Program program, Strategy strategy, Protocol protocol, RunLog log, BooleanSupplier goesOn) {
    return new Play(program, strategy, protocol, true, log, goesOn).run();
  }

  private @Nullable Played run() {
    scheduler.add(Program.SETUP, () -> alone(Program.SETUP, program.setup()));
    Halt halt = scheduler.play(false);
    for (Program.Actor actor : program.actors()) {
      if (halt == null) {
        scheduler.add(actor.name(), () -> act(actor));
      }
    }
    halt = halt == null ? scheduler.play(true) : halt;
    if (halt == null && !program.end().operations().isEmpty()) {
      scheduler.add(Program.FINALLY, () -> alone(Program.FINALLY, program.end()));
      halt = scheduler.play(false);
    }
    if (halt != null && halt.kind() == Halt.Kind.STOPPED) {
      return null;
    }
    Shown last = halt == null ? ended() : given(halt);
    return new Played(
        last.outcome(),
        last.violated(),
        sentinel.reports(),
        scheduler.choices(),
        scheduler.preemptions(),
        scheduler.steps(),
        !(strategy instanceof Replay replay) || replay.fits(),
        story == null ? List.of() : story.lines());
  }

  private Shown ended() {
    sentinel.ended();
    return new Shown(outcome(), violated());
  }

  private Shown given(Halt halt) {
    Shown then = shown;
    if (then != null) {
      return then;
    }
    // It is stuck: its thread may have locks, and what it holds is not looked at.
    sentinel.halted(halt);
    String kind = Report.Kind.STUCK.word();
    return new Shown(kind, List.of("never " + kind));
  }

  private ControlledScheduler.Supervisor supervisor(BooleanSupplier goesOn) {
    return new ControlledScheduler.Supervisor() {
      @Override
      public void thrown(Throwable bug) {
        Play.this.thrown(bug);
      }

      @Override
      public void halted(Halt why) {
        if (why.kind() != Halt.Kind.STUCK && why.kind() != Halt.Kind.STOPPED) {
          sentinel.halted(why);
          shown = new Shown(outcome(), violated());
        }
      }

      @Override
      public boolean goesOn() {
        return goesOn.getAsBoolean();
      }
    };
  }

  // ---- the threads

  /** Each operation, and all that it defers. */
  private void alone(String name, Script script) {
    Done own = begin(name);
    for (Operation operation : script.operations()) {
      call(own, operation);
      scheduler.settle();
    }
  }

  private void act(Program.Actor actor) {
    Done own = begin(actor.name());
    for (Operation operation : actor.script().operations()) {
      call(own, operation);
      scheduler.pass(operation.verb().word() + " returned");
    }
  }

  private Done begin(String name) {
    Done own = new Done();
    done.put(name, own);
    byThread.put(name, own);
    return own;
  }

  private void call(Done own, Operation operation) {
    own.signal = null;
    own.operation = operation;
    if (story != null) {
      story.add("> " + operation);
    }
    Result result = calls.call(operation);
    scheduler.endIfHalted();
    if (story != null) {
      story.add("< " + result.members());
    }
    own.results.add(result);
    own.signals.add(own.signal);
  }

  /** What the host tells of; what it may not keep, such as a full heap, goes on. */
  private void bug(Throwable bug) {
    scheduler.endIfHalted();
    if (bug instanceof VirtualMachineError end && !(end instanceof StackOverflowError)) {
      throw end;
    }
    thrown(bug);
  }

  private void thrown(Throwable bug) {
    if (bug instanceof ErrnoException refusal) {
      sentinel.thrown(new IllegalStateException(refusal.errno() + ", " + refusal.sentence()));
    } else {
      sentinel.thrown(bug);
    }
  }

  /** Learns which object the operation under way has made, and which signal it has sent. */
  private Probe names() {
    return new Probe() {
      @Override
      public boolean observes(Tracepoint point) {
        return switch (point) {
          case VM_OPENED, EVENTFD_OPENED, EVENTFD_SIGNALLED -> true;
          default -> false;
        };
      }

      @Override
      public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
        Done own = byThread.get(scheduler.current());
        if (own == null) {
          return;
        }
        if (point == Tracepoint.VM_OPENED) {
          vms.put(own.making(), subject.vmId());
        } else if (subject instanceof EventFd eventfd) {
          eventfds.put(own.making(), eventfd);
        } else if (subject instanceof PendingSignal signal && own.writes()) {
          own.signal = signal;
        }
      }
    };
  }

  // ---- what it showed

  private String outcome() {
    if (program.observed().isEmpty()) {
      return sentinel.reports().isEmpty() ? "ok" : sentinel.reports().getFirst().kind().word();
    }
    StringBuilder line = new StringBuilder();
    for (Look look : program.observed()) {
      line.append(line.isEmpty() ? "" : ", ").append(look).append('=').append(look.of(this));
    }
    return line.toString();
  }

  private List<String> violated() {
    List<String> violated = new ArrayList<>();
    for (Report report : sentinel.reports()) {
      String never = report.expectation();
      if (!violated.contains(never)) {
        violated.add(never);
      }
    }
    for (Expectation expectation : program.expectations()) {
      if (!expectation.holds(this)) {
        violated.add(expectation.toString());
      }
    }
    return violated;
  }

  @Override
  public String outcome(String actor, int number) {
    Done own = done.get(actor);
    if (own == null || own.results.size() < number) {
      return NONE;
    }
    Result result = own.results.get(number - 1);
    PendingSignal signal = own.signals.get(number - 1);
    if (result.errno() != null) {
      return result.errno().name();
    }
    if (signal != null) {
      Outcome outcome = signal.outcome();
      return outcome == null ? "PENDING" : outcome.name();
    }
    Object value = result.value();
    return value == null ? "OK" : String.valueOf(value);
  }

  @Override
  public String cause(long irqfd) {
    String cause = sentinel.cause(irqfd);
    return cause == null ? NONE : cause;
  }

  @Override
  public String injections(long irqfd) {
    try {
      return Long.toString(host.irqfds().find(irqfd).info().injected());
    } catch (ErrnoException e) {
      // There was never one of that number: all of a run are kept.
      return NONE;
    }
  }

  @Override
  public String vmState(String name) {
    Long vm = vms.get(name);
    return vm == null ? NONE : host.vms().find(vm).state().name();
  }

  @Override
  public String counter(String name) {
    EventFd eventfd = eventfds.get(name);
    return eventfd == null ? NONE : Long.toUnsignedString(eventfd.counters().value());
  }
}
