package dev.virq.irqchip;

/**
 * The lines of one VM's interrupt controller.
 *
 * <p>Not thread-safe by itself: every call is made with the VM's lock held, as in the thread
 * ({@code kvm->lock} around {@code kvm_set_irq}).
 *
 * <p>Deviation: the 8259 pair and the I/O APIC are not simulated yet, so a line behaves as if the
 * guest acknowledged every edge at once: raising a low line is delivered, raising a high one adds
 * nothing.
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
    return gsi >= 0 && gsi < sources.length;
  }

  /**
   * Drives a line: {@code kvm_set_irq}.
   *
   * @param source on whose behalf
   * @param gsi the line; any number
   * @param high the level
   * @return as KVM_IRQ_LINE_STATUS: more than 0 delivered, 0 coalesced, -1 no route
   */
  public int setIrq(IrqSource source, long gsi, boolean high) {
    if (!routed(gsi)) {
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
