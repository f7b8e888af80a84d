package dev.virq.sandbox;

import static dev.virq.testing.TestHosts.LONG;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.host.HostOptions;
import dev.virq.host.VmFile;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqchip.PitPort;
import dev.virq.irqfd.IrqfdState;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.limits.Limits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.limits.WaitersTotal;
import dev.virq.routing.RoutingEntry;
import dev.virq.testing.Await;
import dev.virq.testing.LiveHeap;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Probe;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.VmVcpus;
import dev.virq.workqueue.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Makes many of each kind and says what one took of the heap and what it was charged; run by {@link
 * CostIT} in a JVM of its own.
 */
final class Costs {
  /** How many bytes all of a kind took, and how many were charged for them. */
  private record Growth(long taken, long charged) {
    Growth minus(Growth other) {
      return new Growth(taken - other.taken, charged - other.charged);
    }
  }

  /** Register of the local APIC: a store to it starts the timer. */
  private static final int TIMER_INITIAL = 0x380;

  private static final Limits ROOMY =
      TestLimits.with(
          Map.ofEntries(
              Map.entry("vms", 1_000_000),
              Map.entry("eventfds", 1_000_000),
              Map.entry("descriptors", 1_000_000),
              Map.entry("irqfds", 1_000_000),
              Map.entry("objects-total", 10_000_000),
              Map.entry("breakpoints", 1_000_000),
              Map.entry("held-threads", 1_000_000),
              Map.entry("tombstones", 100_000),
              Map.entry("sandboxes", 100_000)));
  private static final Limits NO_HISTORY =
      TestLimits.with(
          Map.of(
              "vms",
              1_000_000,
              "eventfds",
              1_000_000,
              "irqfds",
              1_000_000,
              "tombstones",
              1,
              "descriptors",
              1_000_000,
              "signals-kept",
              16,
              "events",
              16));

  private static final List<Object> KEPT = new ArrayList<>();

  /** Workers that never run: what is asked for stays queued. */
  private static final Workers NEVER = (queue, worker) -> task -> KEPT.add(task);

  private final Budget memory = Budget.unbounded();
  private final Host host;

  private Costs(Limits limits, Workers threads, int workers) {
    host =
        new Host(
            new HostOptions(
                "rig",
                workers,
                workers,
                threads,
                limits,
                new Totals(new Quota("objects", limits.objectsTotal(), Errno.ENFILE, null)),
                memory,
                new WaitersTotal(limits.waitersTotal()),
                Probe.NONE,
                new TraceBuffer(limits.events(), memory, () -> 0, () -> 0, null),
                () -> 0,
                SandboxClock.standing()));
  }

  private static Costs roomy() {
    return new Costs(ROOMY, Workers.virtual(), 2);
  }

  private static Costs withoutHistory() {
    return new Costs(NO_HISTORY, Workers.virtual(), 2);
  }

  private static Costs queueing() {
    return new Costs(NO_HISTORY, NEVER, 2);
  }

  /** Prints one line a kind: its name, bytes taken and bytes charged of one. */
  public static void main(String[] args) {
    // Once for the classes, and once to be measured.
    all(false);
    all(true);
  }

  /** As the longest are, but for its characters: with all headers, none of them shared. */
  private static KeptAnswers.Answer answer(String key) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : List.of("Location", "ETag", "Sandbox-Uid", "Content-Type")) {
      headers.put(name, key + name);
    }
    return new KeptAnswers.Answer(200, null, headers, new byte[0]);
  }

  private static void all(boolean say) {
    int scale = say ? 1 : 50;
    Growth plain = sandboxes(1_000 / scale, 0);
    say(say, "SANDBOX", 1_000 / scale, plain);
    Growth labelled = sandboxes(1_000 / scale, 20);
    say(say, "LABEL", 20 * 1_000 / scale, labelled.minus(plain));

    int n = 2_000 / scale;
    Costs vms = roomy();
    say(say, "VM", n, vms.growth(n, i -> vms.vm(null)));
    say(
        say,
        "FULL_IRQCHIP with a vCPU and a PIT",
        n,
        vms.growth(
            n,
            i -> {
              vms.controller(i + 1, IrqChip.Kind.KERNEL);
              PitPort.View _ = vms.host.chips().createPit(i + 1, true);
            }));
    Costs split = roomy();
    split.growth(n, i -> split.vm(null));
    say(
        say,
        "SPLIT_IRQCHIP with a vCPU",
        n,
        split.growth(n, i -> split.controller(i + 1, IrqChip.Kind.SPLIT)));
    Costs names = roomy();
    String blanks = "x".repeat(200);
    Growth named = names.growth(n, i -> names.vm(blanks + i));
    Costs nameless = roomy();
    say(say, "NAME", n, named.minus(nameless.growth(n, i -> nameless.vm(null))));

    int cpus = say ? VmVcpus.MOST_VCPUS : 100;
    Costs bare = roomy();
    bare.vm(null);
    say(say, "VCPU", cpus, bare.growth(cpus, i -> bare.host.vcpus().create(1, i)));
    Costs apics = roomy();
    apics.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    say(say, "LOCAL_APIC", cpus, apics.growth(cpus, i -> apics.timed(1, i)));

    int tables = say ? 10 : 1;
    for (String kind : List.of("MESSAGE", "PIN")) {
      Costs routing = roomy();
      routing.growth(tables, i -> routing.host.vms().create(null, IrqChip.Kind.KERNEL, 0));
      say(
          say,
          "ROUTE " + kind,
          tables * 4_096,
          routing.growth(tables, i -> routing.host.chips().setRouting(i + 1, entries(kind), 0)));
    }
    Costs sparse = roomy();
    sparse.growth(n / 10, i -> sparse.host.vms().create(null, IrqChip.Kind.KERNEL, 0));
    say(
        say,
        "ROUTED_LINE",
        n / 10,
        sparse.growth(
            n / 10,
            i ->
                sparse
                    .host
                    .chips()
                    .setRouting(
                        i + 1,
                        List.of(new RoutingEntry.Message(4_095, 0xfee00000L, 0x30, 0, 0)),
                        0)));
    Costs raised = withoutHistory();
    raised.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    raised.host.chips().setRouting(1, entries("MESSAGE"), 0);
    say(say, "LINE", 4_096, raised.growth(4_096, i -> raised.host.chips().setLine(1, i, true)));

    int m = 8_000 / scale;
    Costs files = withoutHistory();
    say(say, "EVENTFD", m, files.growth(m, i -> files.eventfd()));
    Costs dups = withoutHistory();
    EventfdName one = dups.eventfd();
    say(
        say,
        "DESCRIPTOR",
        m / 2,
        dups.growth(
            m,
            i -> {
              int fd = dups.host.eventfds().dup(one);
              if (i % 2 == 0) {
                dups.host.eventfds().close(EventfdName.fd(fd - 1));
              }
            }));
    for (boolean sameLine : new boolean[] {true, false}) {
      Costs idle = withoutHistory();
      idle.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
      idle.growth(2 * m, i -> idle.eventfd());
      say(
          say,
          "IRQFD idle" + (sameLine ? "" : ", a line each"),
          m,
          idle.growth(
              m,
              i -> {
                idle.bind(i + 1, sameLine ? 5 : 100_000 + i, null);
                idle.signal(i + 1);
                // A signal under way takes room, too, and on a busy machine for long.
                idle.host.waits().settled(LONG);
              }));
      say(
          say,
          "RESAMPLER" + (sameLine ? " idle" : ", a line each"),
          m,
          idle.growth(m, i -> idle.bind(m + i + 1, sameLine ? 5 : 500_000 + i, EventfdName.id(1))));
    }
    Costs ending = queueing();
    ending.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    ending.growth(m, i -> ending.eventfd());
    say(
        say,
        "IRQFD queued and unbound",
        m,
        ending.growth(
            m,
            i -> {
              ending.bind(i + 1, 5, null);
              ending.signal(i + 1);
              ending.host.irqfds().deassign(1, i + 1);
            }));
    say(say, "CLOSE", m, ending.growth(m, i -> ending.host.irqfds().deassign(1, i + 1)));

    Costs held = roomy();
    say(
        say,
        "BREAKPOINT",
        n,
        held.growth(
            n,
            i ->
                held.host.setBreakpoint(
                    new Breakpoint.Spec(
                        Tracepoint.INJECT_LOCKED,
                        Breakpoint.Match.ANY,
                        Breakpoint.Action.HOLD,
                        0,
                        0,
                        0,
                        Long.MAX_VALUE))));

    Costs keyed = roomy();
    List<KeptAnswers> answers = new ArrayList<>();
    say(
        say,
        "KEPT_ANSWER",
        n,
        keyed.growth(
            n,
            i -> {
              if (i % KeptAnswers.MOST == 0) {
                answers.add(new KeptAnswers(keyed.memory));
              }
              String key = "key-" + (10_000 + i);
              var _ = answers.getLast().begin(key, new byte[32]);
              answers.getLast().finish(key, answer(key));
            }));
    KEPT.addAll(answers);

    int ring = 1 << 12;
    Costs signals =
        new Costs(
            TestLimits.with(Map.of("signals-kept", ring, "events", 16)), Workers.virtual(), 2);
    signals.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    signals.eventfd();
    signals.bind(1, 5, null);
    signals.growth(20, i -> signals.signal(1));
    say(
        say,
        "KEPT_SIGNAL",
        ring,
        signals.growth(
            2 * ring,
            i -> {
              signals.signal(1);
              signals.host.waits().settled(LONG);
            }));
    Costs events =
        new Costs(
            TestLimits.with(Map.of("signals-kept", 16, "events", 1 << 14)), Workers.virtual(), 2);
    events.eventfd();
    say(
        say,
        "KEPT_EVENT",
        1 << 14,
        events.growth(
            1 << 14,
            i -> {
              events.signal(1);
              if (i % 256 == 255) {
                events.host.waits().settled(LONG);
              }
            }));

    Costs gone = roomy();
    say(
        say,
        "VM_TOMBSTONE",
        n,
        gone.growth(
            n,
            i -> {
              VmFile vm = gone.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
              gone.host.vms().close(vm.id());
              gone.host.waits().settled(LONG);
            }));
    Costs lines = roomy();
    say(
        say,
        "TOMBSTONE_LINE",
        n / 10,
        lines.growth(
            n / 10,
            i -> {
              VmFile vm = lines.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
              for (int gsi = 0; gsi < 24; gsi++) {
                lines.host.chips().setLine(vm.id(), gsi, true);
              }
              lines.host.vms().close(vm.id());
              lines.host.waits().settled(LONG);
            }));
    Costs freed = roomy();
    freed.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
    freed.eventfd();
    say(
        say,
        "IRQFD_TOMBSTONE",
        n,
        freed.growth(
            n,
            i -> {
              freed.bind(1, 5, null);
              freed.host.irqfds().deassign(1, i + 1);
              freed.host.waits().settled(LONG);
            }));
    say(say, "WORKER", m, workers(m));
    // Last, for what the threads held goes some time after they have ended.
    int threads = 300 / scale;
    say(say, "HELD_THREAD", threads, heldThreads(threads));
    // Alive to here, so that what is measured later takes no place of what was measured before.
    KEPT.addAll(
        List.of(
            vms, split, names, nameless, bare, apics, sparse, raised, files, dups, ending, held,
            keyed, signals, events, gone, lines, freed));
    KEPT.clear();
  }

  private static Growth sandboxes(int count, int labels) {
    Sandboxes sandboxes = new TestSandboxes().limits(ROOMY).empty();
    long before = LiveHeap.bytes();
    long charged = 0;
    for (int i = 0; i < count; i++) {
      Sandbox sandbox =
          sandboxes.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 1, labels(labels)));
      EventfdFile file = sandbox.host().eventfds().create(0, false, false, null);
      for (int signal = 0; signal < 16; signal++) {
        sandbox.host().eventfds().write(EventfdName.id(file.id()), 1);
      }
      sandbox.host().eventfds().close(EventfdName.id(file.id()));
      charged += sandbox.memoryUsed();
    }
    long taken = LiveHeap.bytes() - before;
    KEPT.add(sandboxes);
    return new Growth(taken, charged);
  }

  /** New strings each time, as a request brings them. */
  private static Map<String, String> labels(int count) {
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < count; i++) {
      labels.put("label-" + i, "value of " + i);
    }
    return labels;
  }

  /** Threads held inside a read section, each with a close that waits for it on either side. */
  private static Growth heldThreads(int count) {
    Costs held = roomy();
    for (int i = 0; i < count; i++) {
      held.host.vms().create(null, IrqChip.Kind.KERNEL, 0);
      held.eventfd();
      held.bind(i + 1, i + 1, 5, null);
    }
    for (int i = 0; i < count; i++) {
      held.signal(i + 1);
    }
    held.host.waits().settled(LONG);
    Growth before = new Growth(LiveHeap.bytes(), held.memory.used());
    held.host.setBreakpoint(
        new Breakpoint.Spec(
            Tracepoint.INJECT_DEREFERENCED,
            Breakpoint.Match.ANY,
            Breakpoint.Action.HOLD,
            0,
            0,
            count,
            Long.MAX_VALUE));
    for (int i = 0; i < count; i++) {
      held.host.eventfds().write(EventfdName.id(i + 1), 1);
    }
    Await.until(() -> held.host.breakpoints().parked().size() == count);
    for (int i = 0; i < count; i++) {
      held.host.eventfds().close(EventfdName.id(i + 1));
      held.host.vms().close(i + 1);
    }
    // Held for good, in a read section: each close comes as far as its grace period, and sleeps.
    Await.until(() ->
        held.host.irqfds().list(0, count).stream()
                .filter(irqfd -> irqfd.info().state() == IrqfdState.GRACE)
                .count()
            == count);
    Growth growth = new Growth(LiveHeap.bytes(), held.memory.used()).minus(before);
    held.host.breakpoints().close();
    held.host.waits().settled(LONG);
    return growth;
  }

  /** Threads as workers are, which no processor has taken yet. */
  private static Growth workers(int count) {
    long before = LiveHeap.bytes();
    for (int i = 0; i < count; i++) {
      String name = "sandbox-" + i + "/inject-" + i;
      KEPT.add(Thread.ofVirtual().name(name).unstarted(() -> KEPT.remove(name)));
    }
    return new Growth(LiveHeap.bytes() - before, Cost.WORKER.of(count));
  }

  private static List<RoutingEntry> entries(String kind) {
    List<RoutingEntry> all = new ArrayList<>();
    for (int gsi = 0; gsi < 4_096; gsi++) {
      all.add(
          switch (kind) {
            case "MESSAGE" -> new RoutingEntry.Message(gsi, 0xfee00000L, 0x30 + gsi % 64, 0, 0);
            default -> new RoutingEntry.Pin(gsi, 2, gsi % 24, 0);
          });
    }
    return all;
  }

  private Growth growth(int count, Consumer<Integer> make) {
    Growth before = new Growth(LiveHeap.bytes(), memory.used());
    for (int i = 0; i < count; i++) {
      make.accept(i);
    }
    return new Growth(LiveHeap.bytes(), memory.used()).minus(before);
  }

  private void vm(String name) {
    host.vms().create(name);
  }

  private void controller(long vm, IrqChip.Kind kind) {
    host.chips().create(vm, kind, 0);
    host.vcpus().create(vm, 0);
  }

  /** A vCPU whose timer runs; the clock stands, so it never ends. */
  private void timed(long vm, int vcpu) {
    host.vcpus().create(vm, vcpu);
    host.vcpus().guest(vm, vcpu, guest -> guest.lapicWrite(vcpu, TIMER_INITIAL, -1));
  }

  private EventfdName eventfd() {
    return EventfdName.id(host.eventfds().create(0, false, false, null).id());
  }

  private void bind(long eventfd, long gsi, EventfdName resample) {
    bind(1, eventfd, gsi, resample);
  }

  private void bind(long vm, long eventfd, long gsi, EventfdName resample) {
    host.irqfds().assign(vm, EventfdName.id(eventfd), gsi, resample);
  }

  private void signal(long eventfd) {
    host.eventfds().write(EventfdName.id(eventfd), 1);
  }

  private static void say(boolean say, String kind, int count, Growth growth) {
    if (say) {
      System.out.printf(
          "%s: %d taken, %d charged%n", kind, growth.taken / count, growth.charged / count);
    }
  }
}
