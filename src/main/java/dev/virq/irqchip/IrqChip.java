package dev.virq.irqchip;

import org.jspecify.annotations.Nullable;

/**
 * The lines of one VM's interrupt controller.
 *
 * <p>Not thread-safe by itself: every call but those that ask a yes or no is made with the VM's
 * lock held, as in the thread ({@code kvm->lock} around {@code kvm_set_irq}).
 *
 * <p>Deviation: the 8259 pair and the I/O APIC are not simulated yet, so a line behaves as if the
 * guest acknowledged every edge at once: raising a low line is delivered, raising a high one adds
 * nothing. Local APICs are not simulated either: a message reaches nobody.
 */
public final class IrqChip {
  /** Lines of the full controller that Linux routes by default: 0 to 23. */
  public static final int DEFAULT_LINES = 24;

  /** Largest number of reserved pins of a split controller. */
  public static final int MAX_RESERVED_PINS = 4096;

  /** What kind of controller a VM has. */
  public enum Kind {
    /** 8259 pair, I/O APIC and local APICs, with the default routes. */
    KERNEL,
    /** Local APICs only; the routing table starts empty. */
    SPLIT
  }

  private final Kind kind;
  private final int reservedPins;

  // Guarded by the VM's lock. One entry a routed line; sources is one bit an IrqSource.
  private final byte[] sources;
  private final long[] raises;
  private final long[] lowers;

  // Written under the VM's lock, volatile for those who only look. Null stands for default routes.
  private volatile boolean vcpus;
  private volatile boolean messageLost;
  private volatile @Nullable RoutingTable routes;

  /**
   * A controller in its reset state.
   *
   * @param kind which controller
   * @param reservedPins pins that user space keeps for an I/O APIC of its own; split controller
   *     only
   */
  public IrqChip(Kind kind, int reservedPins) {
    this.kind = kind;
    this.reservedPins = reservedPins;
    int lines = kind == Kind.KERNEL ? DEFAULT_LINES : 0;
    sources = new byte[lines];
    raises = new long[lines];
    lowers = new long[lines];
  }

  /** Which controller this is. */
  public Kind kind() {
    return kind;
  }

  /** Pins reserved for user space; 0 for the full controller. */
  public int reservedPins() {
    return reservedPins;
  }

  /** Whether the line leads to a pin. */
  public boolean routed(long gsi) {
    // A table that was set leads to no chip: RoutingTable refuses those.
    return gsi >= 0 && gsi < sources.length && routes == null;
  }

  /** Whether the line leads to a message. */
  public boolean routedToMessage(long gsi) {
    RoutingTable table = routes;
    return table != null && table.toMessage(gsi);
  }

  /** Replaces the routes. What lines hold high stays so in their pins. */
  public void route(RoutingTable table) {
    routes = table;
  }

  /** The VM has a vCPU from now on. */
  public void vcpuCreated() {
    vcpus = true;
  }

  /** Whether there is a vCPU that a message might have been for. */
  public boolean hasVcpus() {
    return vcpus;
  }

  /** Whether a message was sent that a vCPU, were its local APIC simulated, might have taken. */
  public boolean messageLost() {
    return messageLost;
  }

  /**
   * Drives a line: {@code kvm_set_irq}. A message is sent when the line rises.
   *
   * @param source on whose behalf
   * @param gsi the line; any number
   * @param high the level
   * @return as KVM_IRQ_LINE_STATUS: more than 0 delivered, 0 coalesced, -1 no route or nobody there
   */
  public int setIrq(IrqSource source, long gsi, boolean high) {
    if (!routed(gsi)) {
      if (high && vcpus && routedToMessage(gsi)) {
        messageLost = true;
      }
      return -1;
    }
    int line = (int) gsi;
    int bit = 1 << source.ordinal();
    boolean before = sources[line] != 0;
    sources[line] = (byte) (high ? sources[line] | bit : sources[line] & ~bit);
    boolean after = sources[line] != 0;
    if (!before && after) {
      raises[line]++;
    } else if (before && !after) {
      lowers[line]++;
    }
    return high && before ? 0 : 1;
  }

  /** The line as it is now. */
  public IrqLine line(long gsi) {
    if (!routed(gsi)) {
      return new IrqLine(gsi, false, false, 0, 0);
    }
    int line = (int) gsi;
    return new IrqLine(gsi, true, sources[line] != 0, raises[line], lowers[line]);
  }
}
