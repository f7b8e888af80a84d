package dev.virq.lapic;

import dev.virq.message.Message;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A local APIC: its registers as a guest finds them in memory and as the host does. What a guest
 * sees of it in x2APIC mode is in {@link X2Apic}, the life of a vector in {@link PendingVectors}.
 *
 * <p>Source: Intel SDM volume 3, "Advanced Programmable Interrupt Controller (APIC)", section on
 * the local APIC's registers; behaviour.md §8. Performance counters are registers without effect.
 */
public final class LocalApic implements Destinations.Target {
  /** Offset of the end-of-interrupt register. */
  static final int EOI = 0xb0;

  static final int ID = 0x20;
  static final int LDR = 0xd0;
  static final int DFR = 0xe0;
  static final int SVR = 0xf0;
  static final int ICR_LOW = 0x300;

  /** What a load answers where there is nothing to read. */
  static final long NOT_READABLE = -1;

  /** A bit of the command register that a store does not keep. */
  static final int BUSY = 1 << 12;

  static final int VERSION = 0x30;
  static final int TPR = 0x80;
  static final int ARBITRATION = 0x90;
  private static final int PPR = 0xa0;
  private static final int ISR = 0x100;
  private static final int TMR = 0x180;
  private static final int IRR = 0x200;
  private static final int AFTER_IRR = IRR + 0x80;
  static final int ERRORS = 0x280;
  static final int ICR_HIGH = 0x310;
  static final int TIMER_INITIAL = 0x380;
  private static final int TIMER_CURRENT = 0x390;
  static final int TIMER_DIVIDE = 0x3e0;

  /** Version 0x14, six local vectors. */
  private static final int VERSION_VALUE = 0x0005_0014;

  /** In the version: SVR can suppress the broadcast of ends. */
  private static final int CAN_SUPPRESS = 1 << 24;

  private static final int ENABLED = 1 << 8;
  private static final int SUPPRESS_BROADCAST = 1 << 12;
  private static final int DFR_FLAT = 0xffff_ffff;
  private static final int DFR_CLUSTER = 0x0fff_ffff;

  private final int number;
  private final boolean boot;
  private final boolean split;
  private final X2ApicApi api;
  private final ApicBase base;
  private final PendingVectors vectors = new PendingVectors();
  private final LocalVectors lvt = new LocalVectors();
  private int id;
  private int svr;
  private int ldr;
  private int dfr;

  /** What the host restored: nothing here makes an error. */
  private int esr;

  private int icrLow;
  private int icrHigh;

  /** The high half of the command register of x2APIC mode, which is a register of its own. */
  private int icrWide;

  private final LapicTimer timer;

  /**
   * In its reset state, for the vCPU of that number.
   *
   * @param boot whether it is the boot processor's
   * @param clock nanoseconds, for the timer
   */
  LocalApic(int vcpu, boolean boot, LongSupplier clock) {
    this(vcpu, boot, clock, false, new X2ApicApi());
  }

  /**
   * As the other.
   *
   * @param split whether the I/O APIC is in user space
   * @param api what the VM's user has agreed to
   */
  LocalApic(int vcpu, boolean boot, LongSupplier clock, boolean split, X2ApicApi api) {
    this.number = vcpu;
    this.boot = boot;
    this.split = split;
    this.api = api;
    base = new ApicBase(boot);
    id = vcpu << 24;
    timer = new LapicTimer(clock);
    reset();
  }

  /** Everything but the id and the base back to reset; in x2APIC mode LDR follows from the id. */
  void reset() {
    vectors.reset();
    lvt.reset(boot);
    svr = 0xff;
    dfr = DFR_FLAT;
    esr = 0;
    icrLow = 0;
    if (base.extended()) {
      icrWide = 0;
    } else {
      ldr = 0;
      icrHigh = 0;
    }
    timer.reset();
  }

  // ---- what others ask of it

  /** Whether its vCPU was chosen as the boot processor. */
  boolean boot() {
    return boot;
  }

  /** The number of its vCPU, which is its id in x2APIC mode. */
  @Override
  public int number() {
    return number;
  }

  /** Where it is, and in which mode. */
  public ApicBase base() {
    return base;
  }

  /** Whether a guest finds its registers in memory. */
  public boolean inMemory() {
    return base.enabled() && !base.extended();
  }

  /** Whether a guest finds its registers in model-specific ones. */
  public boolean inX2Apic() {
    return base.extended();
  }

  /** The base gets a value that would not be refused: the mode that begins sets the id. */
  void rebase(long next) {
    long changed = base.value() ^ next;
    base.set(next);
    if ((changed & (ApicBase.ENABLED | ApicBase.EXTENDED)) == 0 || !base.enabled()) {
      return;
    }
    if (base.extended()) {
      id = number;
      ldr = Destinations.logical(number);
    } else {
      id = number << 24;
    }
  }

  /** Software-enabled. */
  boolean enabled() {
    return (svr & ENABLED) != 0;
  }

  LapicTimer timer() {
    return timer;
  }

  /** The entry of LINT0, raw; what it lets in is in {@link #acceptsPic}. */
  public int lint0() {
    return lvt.get(LocalVectors.LINT0);
  }

  /** What an expiry of the timer sends; null while its local vector is masked. */
  @Nullable Message timerMessage() {
    return lvt.timerMasked() || !base.enabled() ? null : Message.local(lvt.get(LocalVectors.TIMER));
  }

  /** The id that messages name. */
  @Override
  public int physicalId() {
    return base.extended() ? number : id >>> 24;
  }

  /** The whole register. */
  @Override
  public int logicalDestination() {
    return ldr;
  }

  @Override
  public boolean flat() {
    return dfr == DFR_FLAT;
  }

  @Override
  public boolean cluster() {
    return dfr == DFR_CLUSTER;
  }

  @Override
  public boolean extended() {
    return base.extended();
  }

  /** Whether a destination of an entry or a message means this APIC. */
  public boolean matches(int destination, boolean logical) {
    return matches(destination, logical, false);
  }

  /** As the other; {@code interprocessor} when a vCPU sends it. */
  boolean matches(int destination, boolean logical, boolean interprocessor) {
    return Destinations.match(this, destination, logical, interprocessor, api);
  }

  /** Whether interrupts of the 8259 pair come through LINT0, or past an APIC that is disabled. */
  public boolean acceptsPic() {
    return !base.enabled() || lvt.acceptsPic();
  }

  /** Whether the vector is pending or in service. */
  public boolean owes(int vector) {
    return vectors.owes(vector);
  }

  /**
   * Whether ends of level interrupts are not reported to I/O APICs. A guest's store keeps the bit
   * where the version says so; a restore sets it anyway.
   */
  public boolean suppressesBroadcast() {
    return (svr & SUPPRESS_BROADCAST) != 0;
  }

  /** Whether the vector was last accepted as level-triggered. */
  public boolean levelTriggered(int vector) {
    return vectors.levelTriggered(vector);
  }

  // ---- the life of a vector

  /** Accepts a vector, also below 16 and when pending already; false when disabled. */
  boolean accept(int vector, boolean level) {
    if (!enabled() || !base.enabled()) {
      return false;
    }
    vectors.accept(vector, level);
    return true;
  }

  /** The vector that would be taken into service next, or -1. */
  public int deliverable() {
    return vectors.deliverable();
  }

  /** Whether its vCPU finds a vector to take: one that is disabled by its base asks for nothing. */
  public boolean requests() {
    return base.enabled() && deliverable() >= 0;
  }

  /** Takes a deliverable vector into service. */
  void take(int vector) {
    vectors.take(vector);
  }

  /** Ends the highest vector in service; it, or -1 when there is none. */
  int end() {
    return vectors.end();
  }

  // ---- registers

  /**
   * A guest's load of some bytes of one register, unsigned; {@link #NOT_READABLE} where there is
   * none to read, or they are not 1, 2 or 4 within the register.
   */
  long read(int offset, int bytes) {
    int place = offset & 0xf;
    if (bytes == 3 || place + bytes > Integer.BYTES) {
      return NOT_READABLE;
    }
    long whole = read(offset - place);
    return whole == NOT_READABLE ? NOT_READABLE : whole >>> (8 * place) & -1L >>> (64 - 8 * bytes);
  }

  /** The register of 32 bits, unsigned; {@link #NOT_READABLE} where there is none to read. */
  long read(int offset) {
    if ((offset & 0xf) != 0) {
      return NOT_READABLE;
    }
    if (offset >= ISR && offset < AFTER_IRR) {
      int place = offset >> 4 & 7;
      return Integer.toUnsignedLong(
          switch (offset & 0x380) {
            case ISR -> vectors.isr(place);
            case TMR -> vectors.tmr(place);
            default -> vectors.irr(place);
          });
    }
    if (LocalVectors.has(offset)) {
      return Integer.toUnsignedLong(lvt.at(offset));
    }
    return switch (offset) {
      case ID -> Integer.toUnsignedLong(id);
      case VERSION -> VERSION_VALUE | (canSuppress() ? CAN_SUPPRESS : 0);
      case TPR -> Integer.toUnsignedLong(vectors.tpr());
      case PPR -> Integer.toUnsignedLong(vectors.ppr());
      case LDR -> Integer.toUnsignedLong(ldr);
      case DFR -> Integer.toUnsignedLong(dfr);
      case SVR -> Integer.toUnsignedLong(svr);
      case ICR_LOW -> Integer.toUnsignedLong(icrLow);
      case ICR_HIGH -> Integer.toUnsignedLong(icrHigh);
      case TIMER_INITIAL -> Integer.toUnsignedLong(timer.initial());
      case TIMER_CURRENT -> Integer.toUnsignedLong(timer.current());
      case TIMER_DIVIDE -> Integer.toUnsignedLong(timer.divide());
      case ERRORS -> Integer.toUnsignedLong(esr);
      case ARBITRATION -> 0;
      default -> NOT_READABLE;
    };
  }

  /**
   * A guest's store of 32 bits, except to the end-of-interrupt register. A store to something
   * read-only, or to no register, is ignored.
   *
   * @return whether the APIC map has to be rebuilt
   */
  boolean write(int offset, int value) {
    if ((offset & 0xf) != 0) {
      return false;
    }
    if (LocalVectors.has(offset)) {
      lvt.store(offset, value, enabled(), timer.modes());
      if (offset == LocalVectors.FIRST) {
        timer.follow(lvt.get(LocalVectors.TIMER));
      }
      return false;
    }
    switch (offset) {
      case ID -> {
        id = value & 0xff00_0000;
        return true;
      }
      case LDR -> {
        ldr = value & 0xff00_0000;
        return true;
      }
      case DFR -> {
        dfr = value | 0x0fff_ffff;
        return true;
      }
      case SVR -> {
        return writeSpurious(value & (canSuppress() ? 0x3ff | SUPPRESS_BROADCAST : 0x3ff));
      }
      case TPR -> vectors.tpr(value);
      case ICR_LOW -> icrLow = value & ~BUSY;
      case ICR_HIGH -> icrHigh = value & 0xff00_0000;
      case TIMER_INITIAL -> timer.count(value);
      case TIMER_DIVIDE -> timer.divide(value);
      default -> {}
    }
    return false;
  }

  private boolean writeSpurious(int value) {
    boolean before = enabled();
    svr = value;
    if (!enabled()) {
      lvt.mask();
      timer.forgetExpiry();
    }
    return before != enabled();
  }

  private boolean canSuppress() {
    return split && base.extensible();
  }

  /** The command register of x2APIC mode. */
  long command64() {
    return (long) icrWide << 32 | Integer.toUnsignedLong(icrLow);
  }

  /** A store to it; the message that it sends. */
  Message command64(long value) {
    icrLow = (int) value;
    icrWide = (int) (value >>> 32);
    return Message.interprocessor(icrLow, icrWide);
  }

  /** The message that a store to the command register sends. */
  Message command() {
    return Message.interprocessor(icrLow, icrHigh >>> 24);
  }

  // ---- the host's side

  /** All of it at one moment. */
  LapicState state() {
    return new LapicState(
        base.extended() && !api.wideIds() ? number << 24 : id,
        svr,
        vectors.tpr(),
        vectors.ppr(),
        ldr,
        dfr,
        esr,
        lvt.get(LocalVectors.TIMER),
        lvt.get(LocalVectors.LINT0),
        lvt.get(LocalVectors.LINT1),
        vectors.irr(),
        vectors.isr(),
        vectors.tmr());
  }

  /**
   * All of it, with what no register shows; what is left of the timer is left from that time on.
   */
  LocalApicState whole(long now) {
    return new LocalApicState(
        base.value(),
        base.extensible(),
        Integer.toUnsignedLong(id),
        Integer.toUnsignedLong(svr),
        Integer.toUnsignedLong(vectors.tpr()),
        Integer.toUnsignedLong(vectors.ppr()),
        Integer.toUnsignedLong(ldr),
        Integer.toUnsignedLong(dfr),
        Integer.toUnsignedLong(esr),
        lvt.list(),
        Integer.toUnsignedLong(icrLow),
        Integer.toUnsignedLong(icrHigh),
        Integer.toUnsignedLong(icrWide),
        vectors.irr(),
        vectors.isr(),
        vectors.tmr(),
        timer.whole(now));
  }

  /** Becomes what another was, and nothing follows from it. */
  void become(LocalApicState state, long now) {
    base.set(state.base());
    base.allow(state.x2apic());
    id = (int) state.id();
    svr = (int) state.svr();
    ldr = (int) state.ldr();
    dfr = (int) state.dfr();
    esr = (int) state.esr();
    lvt.become(state.lvt());
    icrLow = (int) state.icrLow();
    icrHigh = (int) state.icrHigh();
    icrWide = (int) state.icrWide();
    vectors.become((int) state.tpr(), (int) state.ppr(), state.irr(), state.isr(), state.tmr());
    timer.become(state.timer(), now);
  }

  /** Why a restore would be refused, after which SVR is set and nothing else; null if not. */
  @Nullable String refusal(LapicState state) {
    return base.extended() && api.wideIds() && state.id() != number
        ? "has id %d, and in x2APIC mode that is %d, the number of the vCPU"
            .formatted(Integer.toUnsignedLong(state.id()), number)
        : null;
  }

  /**
   * What a refused restore leaves behind.
   *
   * @return whether that enables or disables it
   */
  boolean loadSpurious(LapicState state) {
    boolean before = enabled();
    svr = state.svr();
    return enabled() != before;
  }

  /** A host restore: raw registers, and the timer starts again with what is left of its count. */
  void restore(LapicState state) {
    load(state);
    timer.restore(state.lvtt());
  }

  /**
   * Loads raw registers; the processor priority follows from the others. In x2APIC mode id and LDR
   * follow from the number, and both halves of the command register are what was shown.
   */
  void load(LapicState state) {
    id = state.id();
    svr = state.svr();
    ldr = state.ldr();
    dfr = state.dfr();
    esr = state.esr();
    if (base.extended()) {
      id = number;
      ldr = Destinations.logical(number);
      icrHigh = icrWide;
    }
    lvt.set(LocalVectors.TIMER, state.lvtt());
    lvt.set(LocalVectors.LINT0, state.lvt0());
    lvt.set(LocalVectors.LINT1, state.lvt1());
    vectors.load(state.tpr(), state.irr(), state.isr(), state.tmr());
  }
}
