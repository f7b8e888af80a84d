package dev.virq.irqchip;

import dev.virq.chip.IoApic;
import dev.virq.chip.IrqLine;
import dev.virq.chip.IrqSource;
import dev.virq.chip.PicPair;
import dev.virq.chip.Pin;
import dev.virq.clock.SandboxClock;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import dev.virq.message.Message;
import dev.virq.routing.Chip;
import dev.virq.routing.Route;
import dev.virq.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The interrupt controllers of one VM, wired together: 8259 pair, I/O APIC, local APICs, and the
 * routing table that leads lines to them. What the host and the guest do to the chips themselves is
 * in {@link HostPort} and {@link GuestPort}.
 *
 * <p>Any thread. One short lock, the chip lock, guards all chips: a leaf, held for no longer than
 * one operation takes, and released while an {@link AckNotifier} is called. So lines may be driven
 * under a VM's lock, and messages sent under an eventfd's wait-queue lock. The routing table is an
 * immutable snapshot: reading it never waits for a writer. INIT and start-up messages sent before
 * an operation have been taken when it begins.
 */
public final class IrqChip {
  /** Largest number of reserved pins of a split controller. */
  public static final int MAX_RESERVED_PINS = 4096;

  /** Tries to take the lock before a thread goes to sleep for it. */
  private static final int SPINS = 1_000;

  /** What {@link #sendAtOnce} answers when the line has to be driven outside of the wake-up. */
  public static final int NOT_AT_ONCE = ApicBus.TAKES_A_WALK;

  /** What kind of controller a VM has. */
  public enum Kind {
    /** All in the kernel: 8259 pair, I/O APIC and local APICs, with the default routes. */
    KERNEL,
    /** Local APICs only; the routing table starts empty. */
    SPLIT
  }

  private final Kind kind;
  private final int reservedPins;
  private final ReentrantLock lock = new ReentrantLock();
  private final DueWork due;
  private final HostPort host;
  private final GuestPort guest;
  private final PitPort pit;

  // All guarded by lock, with what they contain. No annotation says so: locked() takes the lock and
  // runs a lambda, and the compiler follows neither.
  private final ApicBus bus;
  private final @Nullable PicPair pics;
  private final @Nullable IoApic ioapic;
  private final Notifiers notifiers;

  /** Whom the operation under way has told of acknowledgements. */
  private List<Long> told = new ArrayList<>();

  /** The thread that tells of one now, without the lock: the last, if there are several. */
  private @Nullable Thread telling;

  /** Written under the lock, volatile for readers without the lock. */
  private volatile RoutingTable routing;

  /**
   * A controller in its reset state.
   *
   * @param kind which controller
   * @param reservedPins pins that user space keeps for an I/O APIC of its own; split controller
   *     only
   */
  public IrqChip(Kind kind, int reservedPins) {
    this(kind, reservedPins, SandboxClock.standing());
  }

  /**
   * As the other, with timers that go by a clock.
   *
   * @param clock of the timers
   */
  public IrqChip(Kind kind, int reservedPins, SandboxClock clock) {
    this.kind = kind;
    this.reservedPins = reservedPins;
    bus = new ApicBus(clock, kind == Kind.SPLIT);
    PitWire wire = new PitWire(clock, bus, high -> drive(IrqSource.PIT, PitWire.LINE, high, false));
    notifiers = new Notifiers(this::routing, this::tell, wire);
    boolean full = kind == Kind.KERNEL;
    pics = full ? new PicPair(notifiers) : null;
    ioapic = full ? new IoApic(bus, notifiers, clock) : null;
    routing = full ? RoutingTable.DEFAULT : RoutingTable.EMPTY;
    due = new DueWork(clock, bus, ioapic, wire);
    host = new HostPort(this, bus, pics, ioapic, wire);
    guest = new GuestPort(this, bus, pics, ioapic, wire);
    pit = new PitPort(this::locked, wire, full);
  }

  /** Which controller this is. */
  public Kind kind() {
    return kind;
  }

  /** Pins reserved for user space; 0 for the full controller. */
  public int reservedPins() {
    return reservedPins;
  }

  /** The chips as the host sees them. */
  public HostPort host() {
    return host;
  }

  /** The chips as a guest sees them. */
  public GuestPort guest() {
    return guest;
  }

  /** The PIT as the host sees it. */
  public PitPort pit() {
    return pit;
  }

  // ---- routing

  /** The routing table. */
  public RoutingTable routing() {
    return routing;
  }

  /** Whether the line leads anywhere. */
  public boolean routed(long gsi) {
    return !routing.routes(gsi).isEmpty();
  }

  /** Replaces the routes; injections that begin later follow them. Pins keep their level. */
  public void route(RoutingTable table) {
    locked(() -> {
      routing = table;
      if (kind == Kind.SPLIT) {
        bus.makeStale();
      }
      return table;
    });
  }

  // ---- lines

  /** Drives a line without asking for the status: as an irqfd does, and KVM_IRQ_LINE. */
  public int setIrq(IrqSource source, long gsi, boolean high) {
    return setIrq(source, gsi, high, false);
  }

  /**
   * Drives a line: {@code kvm_set_irq}. A message is sent when the line rises.
   *
   * @param source on whose behalf
   * @param gsi the line; any number
   * @param high the level
   * @param tracked whether the status is asked for, which matters for pin 8
   * @return as KVM_IRQ_LINE_STATUS: more than 0 delivered, 0 coalesced, -1 ignored
   */
  public int setIrq(IrqSource source, long gsi, boolean high, boolean tracked) {
    // Not by locked(): an operation as an object would be made twice for each signal.
    takeLockWithNothingDue();
    try {
      return drive(source, gsi, high, tracked);
    } finally {
      lock.unlock();
    }
  }

  private int drive(IrqSource source, long gsi, boolean high, boolean tracked) {
    int status = -1;
    List<Route> routes = routing.routes(gsi);
    // By index: an iterator would be made twice for each signal.
    for (int i = 0; i < routes.size(); i++) {
      int answer = drive(routes.get(i), source, high, tracked);
      if (answer >= 0) {
        status = Math.max(status, 0) + answer;
      }
    }
    return status;
  }

  private int drive(Route route, IrqSource source, boolean high, boolean tracked) {
    return switch (route) {
      case Route.Pin(Chip chip, int pin) when ioapic != null && chip == Chip.IOAPIC ->
          ioapic.drive(pin, source, high, tracked);
      case Route.Pin(Chip chip, int pin) when pics != null -> pics.drive(chip, pin, source, high);
      case Route.Send send when high && sendable(send) -> bus.deliver(message(send));
      default -> -1;
    };
  }

  /**
   * Sends the message of a line that leads to one message and nothing else, if that takes no walk
   * over all vCPUs. Never blocks for longer than the chip lock.
   *
   * @return how many accepted it, or {@link #NOT_AT_ONCE}: nothing happened then
   */
  public int sendAtOnce(long gsi) {
    if (routing.onlyMessage(gsi) == null) {
      return NOT_AT_ONCE;
    }
    return locked(() -> {
      List<Route> routes = routing.routes(gsi);
      if (routes.size() != 1 || !(routes.getFirst() instanceof Route.Send send)) {
        return NOT_AT_ONCE;
      }
      return sendable(send) ? bus.deliverByMap(message(send), ApicBus.Acceptance.UNTOLD) : -1;
    });
  }

  /** What a route sends, as the width of ids is now. Lock held. */
  Message message(Route.Send send) {
    return send.message(bus.api().wideIds());
  }

  private boolean sendable(Route.Send send) {
    return !bus.api().wideIds() || Message.isWideAddress(send.addressHigh());
  }

  /**
   * Sends a message of a user.
   *
   * @param address 64 bits
   * @param data 32 bits
   * @return how many accepted it, or -1 when no vCPU is addressed
   * @throws ErrnoException EINVAL when ids have 32 bits, and the address is none
   */
  public int sendMsi(long address, long data) {
    return locked(() -> {
      Route.Send send = new Route.Send(Message.msi(address, data), address >>> 32);
      if (!sendable(send)) {
        throw new ErrnoException(
            Errno.EINVAL,
            "address 0x%x has other bits above 32 than the 24 of a destination".formatted(address));
      }
      return bus.deliver(message(send));
    });
  }

  /** Sends a message: how many accepted it, or -1 when no vCPU is addressed. */
  public int send(Message message) {
    return locked(() -> bus.deliver(message));
  }

  /** The line as it is now. */
  public IrqLine line(long gsi) {
    return locked(() -> {
      Pin pin = null;
      List<Route> routes = routing.routes(gsi);
      if (!routes.isEmpty() && routes.getFirst() instanceof Route.Pin first) {
        pin = pin(first);
      }
      return pin == null
          ? new IrqLine(gsi, !routes.isEmpty(), false, 0, 0)
          : new IrqLine(gsi, true, pin.level(), pin.raises(), pin.lowers());
    });
  }

  private @Nullable Pin pin(Route.Pin route) {
    if (route.chip() == Chip.IOAPIC) {
      return ioapic == null ? null : ioapic.pin(route.pin());
    }
    return pics == null ? null : pics.pin(route.chip(), route.pin());
  }

  /** The first line after that number that leads somewhere, or -1. */
  public long nextRouted(long after) {
    RoutingTable table = routing;
    if (after >= table.size()) {
      return -1;
    }
    for (long gsi = Math.max(0, after + 1); gsi < table.size(); gsi++) {
      if (!table.routes(gsi).isEmpty()) {
        return gsi;
      }
    }
    return -1;
  }

  /** All lines that lead somewhere, in order. */
  public List<IrqLine> lines() {
    List<IrqLine> lines = new ArrayList<>();
    RoutingTable table = routing;
    for (long gsi = 0; gsi < table.size(); gsi++) {
      if (!table.routes(gsi).isEmpty()) {
        lines.add(line(gsi));
      }
    }
    return List.copyOf(lines);
  }

  /**
   * Lets go of everything that can be large: its VM is destroyed, and nothing drives a line or
   * sends a message any more. An irqfd on its way out may refer to it for as long as a breakpoint
   * says.
   */
  public void retire() {
    locked(() -> {
      routing = RoutingTable.EMPTY;
      notifiers.clear();
      bus.clear();
      return bus;
    });
  }

  // ---- vCPUs

  /** How many NMIs can be pending for a vCPU, also for one without a local APIC. */
  public static int mostNmis(boolean masked) {
    return Vcpu.mostNmis(masked);
  }

  /** Adds a vCPU whose number is free; 0 is the boot processor. */
  public void createVcpu(int number) {
    createVcpu(number, number == 0);
  }

  /**
   * Adds a vCPU.
   *
   * @param number one that is free
   * @param boot whether it is the boot processor
   */
  public void createVcpu(int number, boolean boot) {
    locked(() -> {
      bus.create(number, boot);
      return number;
    });
  }

  /**
   * What a vCPU whose number is taken leaves behind: Linux makes it before it looks, so the map of
   * the local APICs is rebuilt.
   */
  public void refuseVcpu() {
    locked(() -> {
      bus.rebuild();
      return bus;
    });
  }

  // ---- acknowledgements

  /** Begins to report acknowledgements of a line; there is one notifier a line. */
  public void register(AckNotifier notifier) {
    locked(() -> {
      notifiers.add(notifier);
      bus.makeStale();
      return notifier;
    });
  }

  /** Ends that; a notifier that is being called may still be running. */
  public void unregister(AckNotifier notifier) {
    locked(() -> {
      notifiers.remove(notifier);
      bus.makeStale();
      return notifier;
    });
  }

  private void tell(Supplier<List<Long>> call) {
    if (lock.getHoldCount() != 1) {
      throw new IllegalStateException("acknowledgement passed on inside another operation");
    }
    // Another operation may run meanwhile, and notify others.
    List<Long> mine = told;
    Thread before = telling;
    telling = Thread.currentThread();
    lock.unlock();
    List<Long> more;
    try {
      more = call.get();
    } finally {
      takeLock();
      told = mine;
      telling = before;
    }
    mine.addAll(more);
  }

  // ---- for this package

  /** Begins to remember which irqfds are notified of acknowledgements. Lock held. */
  List<Long> beginTelling() {
    List<Long> fresh = new ArrayList<>(0);
    told = fresh;
    return fresh;
  }

  private void takeLock() {
    // Its holder will give it up sooner than this thread could sleep and be woken.
    for (int i = 0; i < SPINS; i++) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  /**
   * Runs an operation under the chip lock. What is due comes before it; but not within an end whose
   * notifier drives the line: the PIT's next tick comes when that end is over.
   */
  <R> R locked(Supplier<R> operation) {
    takeLockWithNothingDue();
    try {
      return operation.get();
    } finally {
      lock.unlock();
    }
  }

  private void takeLockWithNothingDue() {
    takeLock();
    boolean caughtUp = false;
    try {
      if (!Thread.currentThread().equals(telling)) {
        due.catchUp();
      }
      caughtUp = true;
    } finally {
      if (!caughtUp) {
        lock.unlock();
      }
    }
  }
}
