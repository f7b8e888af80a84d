package dev.virq.sandbox;

import static dev.virq.testing.TestHosts.LONG;

import com.google.errorprone.annotations.FormatMethod;
import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.MemoryLimits;
import dev.virq.routing.RoutingEntry;
import dev.virq.testing.LiveHeap;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.VmVcpus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Fills an instance with one kind of object, or with a random mix, until everything is refused;
 * then deletes it all. To be run with the heap of the image:
 *
 * <pre>java -Xmx307m … dev.virq.sandbox.Fill 1 100</pre>
 *
 * <p>Each seed begins with the kind of its number, and is a mix after that. It throws when memory
 * runs out, when more was taken than charged, or when something is not given back.
 */
public final class Fill {
  /** What a client can make more of. */
  public enum Kind {
    TABLES,
    VMS,
    VCPUS,
    LINES,
    EVENTFDS,
    DESCRIPTORS,
    IRQFDS,
    RESAMPLERS,
    CLOSES,
    HELD,
    TOMBSTONES,
    SIGNALS,
    LABELS,
    MIX
  }

  /** What a full sandbox or a random call may be answered. */
  private static final Set<Errno> REFUSALS =
      EnumSet.of(
          Errno.EMFILE,
          Errno.ENFILE,
          Errno.EBUSY,
          Errno.EEXIST,
          Errno.EBADF,
          Errno.ENOENT,
          Errno.EINVAL,
          Errno.ENXIO);

  private static final String NAME = "\u4e2d".repeat(128);

  private static final int SETTLED_EVERY = 64;

  private final Random random;
  private final MemoryLimits limits;
  private final Sandboxes sandboxes;
  private long calls;

  private Fill(long seed, MemoryLimits limits) {
    this.random = new Random(seed);
    this.limits = limits;
    this.sandboxes =
        new TestSandboxes()
            .limits(TestLimits.with(Map.of("held-threads", 10_000)))
            .memory(limits)
            .clock(System::nanoTime)
            .empty();
  }

  /** Takes the first seed and how many there are. */
  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    int count = Integer.parseInt(args[1]);
    MemoryLimits limits = MemoryLimits.shares(heap(), 45, 25, 64 * 1024);
    // Once for the classes, and for the tables of the JDK's scheduler, which stay as large as they
    // were.
    new Fill(0, limits).run(Kind.TABLES);
    new Fill(0, limits).run(Kind.IRQFDS);
    new Fill(0, limits).run(Kind.MIX);
    long start = LiveHeap.bytes();
    for (long seed = first; seed < first + count; seed++) {
      Kind[] kinds = Kind.values();
      Kind kind = seed <= kinds.length ? kinds[(int) seed - 1] : Kind.MIX;
      String filled = new Fill(seed, limits).run(kind);
      long left = LiveHeap.bytes() - start;
      System.out.printf("seed %d %s: %s, left %d of %d%n", seed, kind, filled, left, start);
      require(left <= start / 50, "%d bytes left of %d: %s", left, start, LiveHeap.largest(30));
    }
  }

  /** An instance that is full of a kind, in the heap that there is. */
  public static Sandboxes full(long seed, Kind kind) {
    Fill fill = new Fill(seed, MemoryLimits.shares(heap(), 45, 25, 64 * 1024));
    fill.fill(kind);
    return fill.sandboxes;
  }

  /** The same instance, empty. */
  public static Sandboxes empty() {
    return new Fill(0, MemoryLimits.shares(heap(), 45, 25, 64 * 1024)).sandboxes;
  }

  private static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  private String run(Kind kind) {
    long empty = LiveHeap.bytes();
    String filled = "";
    // And the same again: what was given back can be taken again.
    for (int round = 0; round < 2; round++) {
      fill(kind);
      long charged = sandboxes.memoryUsed();
      require(charged <= limits.memoryBytesTotal(), "charged %d", charged);
      if (round == 0) {
        long taken = LiveHeap.bytes() - empty;
        require(taken <= charged, "%d bytes taken but %d charged", taken, charged);
        filled =
            "%d calls, %d sandboxes, %d of %d bytes charged, %d taken"
                .formatted(calls, sandboxes.size(), charged, limits.memoryBytesTotal(), taken);
      }
      for (Sandbox sandbox : List.copyOf(sandboxes.list(null))) {
        require(sandboxes.delete(sandbox.settings().name()).complete(), "not complete");
        require(sandbox.host().bugs() == 0, "bugs");
      }
      require(sandboxes.memoryUsed() == 0, "%d bytes not given back", sandboxes.memoryUsed());
    }
    return filled;
  }

  private void fill(Kind kind) {
    boolean many = kind == Kind.LABELS || kind == Kind.SIGNALS;
    for (int i = 0; ; i++) {
      Sandbox sandbox;
      try {
        sandbox =
            sandboxes.create(new SandboxSpec("rig-" + i, Duration.ofHours(1), 2, labels(many)));
      } catch (ErrnoException e) {
        require(e.errno() == Errno.ENFILE, "%s", e);
        require(e.sentence().contains("virq.memory.instance-share"), "%s", e);
        return;
      }
      Host host = sandbox.host();
      List<Kind> kinds = new ArrayList<>(List.of(kind));
      if (kind == Kind.MIX) {
        kinds = Arrays.stream(Kind.values()).filter(one -> one != Kind.MIX).toList();
      }
      new Client(host, kinds).work();
      host.waits().parked(LONG);
    }
  }

  private Map<String, String> labels(boolean some) {
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < (some ? 32 : 1); i++) {
      labels.put(NAME.substring(5) + i, NAME.substring(5) + i);
    }
    return labels;
  }

  /** One client of one sandbox. */
  private final class Client {
    private final Host host;
    private final List<Kind> kinds;
    private int refused;
    private int vms;
    private int vcpus;
    private int eventfds;
    private int signals;
    private long gsi = 5_000;

    /**
     * How much of what is never refused: more than is kept in some sandboxes, little in the rest.
     */
    private final int history;

    /** Whether it has made that. */
    private boolean enough;

    Client(Host host, List<Kind> kinds) {
      this.host = host;
      this.kinds = kinds;
      this.history = sandboxes.size() <= 10 ? 1_100 : 40;
    }

    void work() {
      attempt(this::vm);
      attempt(this::eventfd);
      attempt(() -> host.irqfds().assign(1, EventfdName.id(1), 5, null));
      // Long enough to be sure, and bounded for what is never refused.
      for (int i = 0; i < 200_000 && refused < 50 && !(enough && kinds.size() == 1); i++) {
        Kind kind = kinds.get(random.nextInt(kinds.size()));
        if (!attempt(() -> make(kind))) {
          refused++;
        } else if (kinds.size() == 1) {
          refused = 0;
        }
        if (i % SETTLED_EVERY == 0) {
          host.waits().parked(LONG);
        }
      }
    }

    private boolean attempt(Runnable call) {
      calls++;
      try {
        call.run();
        return true;
      } catch (ErrnoException e) {
        require(REFUSALS.contains(e.errno()), "%s", e);
        return false;
      }
    }

    private void vm() {
      host.vms().create(random.nextBoolean() ? NAME : null, IrqChip.Kind.KERNEL, 0);
      vms++;
    }

    private void eventfd() {
      host.eventfds().create(0, false, true, random.nextInt(4) == 0 ? NAME : null);
      eventfds++;
    }

    private EventfdName some() {
      return EventfdName.id(1L + random.nextInt(Math.max(1, eventfds)));
    }

    private long someVm() {
      return 1L + random.nextInt(Math.max(1, vms));
    }

    private void make(Kind kind) {
      switch (kind) {
        case TABLES -> {
          vm();
          host.chips().setRouting(vms, entries(random.nextInt(4_097)), 0);
        }
        case VMS -> {
          host.vms().create(NAME);
          vms++;
        }
        case VCPUS -> {
          // Before the VM has as many as it can have.
          if (++vcpus % VmVcpus.MOST_VCPUS == 0 || random.nextInt(1_000) == 0) {
            vm();
          }
          host.vcpus().create(vms, random.nextInt(VmVcpus.MAX_VCPUS));
        }
        case LINES -> {
          if (random.nextInt(1_000) == 0) {
            vm();
            host.chips().setRouting(vms, entries(4_096), 0);
          }
          host.chips().setLine(vms, random.nextInt(4_096), true);
        }
        case EVENTFDS -> eventfd();
        case DESCRIPTORS -> {
          int fd = host.eventfds().dup(some());
          if (random.nextInt(3) == 0) {
            host.eventfds().close(EventfdName.fd(fd));
          }
        }
        case IRQFDS -> {
          eventfd();
          host.irqfds()
              .assign(someVm(), EventfdName.id(eventfds), random.nextBoolean() ? 5 : gsi++, null);
          host.eventfds().write(EventfdName.id(eventfds), 1);
        }
        case RESAMPLERS -> {
          eventfd();
          host.irqfds()
              .assign(someVm(), EventfdName.id(eventfds), random.nextBoolean() ? 5 : gsi++, some());
        }
        case CLOSES -> {
          if (host.breakpoints().list().isEmpty()) {
            hold(1);
            host.eventfds().write(EventfdName.id(1), 1);
          }
          host.irqfds().deassign(1, 1L);
        }
        case HELD -> {
          hold(1 + random.nextInt(3));
          host.eventfds().write(some(), 1);
          if (random.nextInt(8) == 0) {
            host.eventfds().close(some());
          }
        }
        case TOMBSTONES -> {
          vm();
          int bound = 1 + random.nextInt(8);
          for (int i = 0; i < bound; i++) {
            host.chips().setLine(vms, i, true);
          }
          host.vms().close(vms);
          enough = vms > history;
        }
        case SIGNALS -> {
          host.eventfds().write(some(), 1);
          enough = ++signals > history;
        }
        case LABELS -> enough = true;
        case MIX -> throw new IllegalStateException("a mix is of kinds");
      }
    }

    private void hold(int hits) {
      host.setBreakpoint(
          new Breakpoint.Spec(
              Tracepoint.INJECT_DEREFERENCED,
              Breakpoint.Match.ANY,
              Breakpoint.Action.HOLD,
              0,
              0,
              hits,
              Duration.ofHours(1).toNanos()));
    }
  }

  private static List<RoutingEntry> entries(int count) {
    List<RoutingEntry> all = new ArrayList<>();
    for (int gsi = 0; gsi < count; gsi++) {
      all.add(
          gsi % 2 == 0
              ? new RoutingEntry.Message(gsi, 0xfee00000L, 0x30 + gsi % 64, 0, 0)
              : new RoutingEntry.Pin(gsi, 2, gsi % 24, 0));
    }
    return all;
  }

  @FormatMethod
  private static void require(boolean right, String wrong, Object... values) {
    if (!right) {
      throw new IllegalStateException(wrong.formatted(values));
    }
  }
}
