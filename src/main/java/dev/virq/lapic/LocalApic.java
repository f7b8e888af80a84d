package dev.virq.lapic;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A local APIC in xAPIC mode: registers, pending and in-service vectors, priorities.
 *
 * <p>Source: Intel SDM volume 3, "Advanced Programmable Interrupt Controller (APIC)", sections on
 * the local APIC's registers, on interrupt acceptance for fixed interrupts, and on the processor
 * priority; behaviour.md §8. Performance counters are registers without effect.
 */
public final class LocalApic {
  /** Offset of the end-of-interrupt register. */
  static final int EOI = 0xb0;

  static final int ID = 0x20;
  static final int LDR = 0xd0;
  static final int DFR = 0xe0;
  static final int SVR = 0xf0;
  static final int ICR_LOW = 0x300;

  /** What a load answers where there is nothing to read. */
  static final long NOT_READABLE = -1;

  private static final int VERSION = 0x30;
  private static final int TPR = 0x80;
  private static final int ARBITRATION = 0x90;
  private static final int PPR = 0xa0;
  private static final int ISR = 0x100;
  private static final int TMR = 0x180;
  private static final int IRR = 0x200;
  private static final int AFTER_IRR = IRR + 0x80;
  private static final int ERRORS = 0x280;
  private static final int ICR_HIGH = 0x310;
  private static final int LVT_FIRST = 0x320;
  private static final int LVT_LAST = 0x370;
  private static final int TIMER_INITIAL = 0x380;
  private static final int TIMER_CURRENT = 0x390;
  private static final int TIMER_DIVIDE = 0x3e0;

  /** Version 0x14, six local vectors. */
  private static final int VERSION_VALUE = 0x0005_0014;

  private static final int ENABLED = 1 << 8;
  private static final int SUPPRESS_BROADCAST = 1 << 12;
  private static final int MASKED = 1 << 16;
  private static final int MODE = 0x700;
  private static final int MODE_EXTINT = 0x700;
  private static final int DFR_FLAT = 0xffff_ffff;
  private static final int DFR_CLUSTER = 0x0fff_ffff;

  /** Writable bits of the local vectors: timer, thermal, performance, LINT0, LINT1, error. */
  private static final int[] LVT_BITS = {0x110ff, 0x117ff, 0x117ff, 0x1f7ff, 0x1f7ff, 0x110ff};

  private static final int LVT_TIMER = 0;
  private static final int LVT_LINT0 = 3;
  private static final int LVT_LINT1 = 4;

  private final boolean boot;
  private final Vectors irr = new Vectors();
  private final Vectors isr = new Vectors();
  private final Vectors tmr = new Vectors();
  private final int[] lvt = new int[LVT_BITS.length];
  private int id;
  private int svr;
  private int tpr;
  private int ppr;
  private int ldr;
  private int dfr;
  private int icrLow;
  private int icrHigh;
  private final LapicTimer timer;

  /**
   * In its reset state, for the vCPU of that number.
   *
   * @param boot whether it is the boot processor's
   * @param clock nanoseconds, for the timer
   */
  LocalApic(int vcpu, boolean boot, LongSupplier clock) {
    this.boot = boot;
    id = vcpu << 24;
    timer = new LapicTimer(clock);
    reset();
  }

  /** Everything but the id back to reset. */
  void reset() {
    irr.clear();
    isr.clear();
    tmr.clear();
    Arrays.fill(lvt, MASKED);
    // The boot processor begins with the 8259 pair connected.
    lvt[LVT_LINT0] = boot ? MODE_EXTINT : MASKED;
    svr = 0xff;
    tpr = 0;
    ldr = 0;
    dfr = DFR_FLAT;
    icrLow = 0;
    icrHigh = 0;
    timer.reset();
    updatePriority();
  }

  // ---- what others ask of it

  /** Whether it is the boot processor's. */
  boolean boot() {
    return boot;
  }

  /** Software-enabled. */
  boolean enabled() {
    return (svr & ENABLED) != 0;
  }

  LapicTimer timer() {
    return timer;
  }

  /** What an expiry of the timer sends; null while its local vector is masked. */
  @Nullable Message timerMessage() {
    int vector = lvt[LVT_TIMER];
    return (vector & MASKED) != 0 ? null : Message.local(vector);
  }

  int physicalId() {
    return id >>> 24;
  }

  /** The whole register. */
  int logicalDestination() {
    return ldr;
  }

  boolean flat() {
    return dfr == DFR_FLAT;
  }

  /** Whether a destination means this APIC, each comparing for itself. */
  public boolean matches(int destination, boolean logical) {
    if (destination == Message.BROADCAST) {
      return true;
    }
    if (!logical) {
      return destination == physicalId();
    }
    int own = ldr >>> 24;
    return switch (dfr) {
      case DFR_FLAT -> (own & destination) != 0;
      case DFR_CLUSTER -> own >> 4 == destination >> 4 && (own & destination & 0xf) != 0;
      default -> false;
    };
  }

  /** Whether interrupts of the 8259 pair come through LINT0. */
  public boolean acceptsPic() {
    return (lvt[LVT_LINT0] & (MASKED | MODE)) == MODE_EXTINT;
  }

  /** Whether the vector is pending or in service. */
  public boolean owes(int vector) {
    return irr.has(vector) || isr.has(vector);
  }

  /**
   * Whether ends of level interrupts are not reported to I/O APICs. Only a restore can set it: a
   * guest's store keeps ten bits.
   */
  public boolean suppressesBroadcast() {
    return (svr & SUPPRESS_BROADCAST) != 0;
  }

  /** Whether the vector was last accepted as level-triggered. */
  public boolean levelTriggered(int vector) {
    return tmr.has(vector);
  }

  // ---- the life of a vector

  /** Accepts a vector, also below 16 and when pending already; false when software-disabled. */
  boolean accept(int vector, boolean level) {
    if (!enabled()) {
      return false;
    }
    if (level) {
      tmr.add(vector);
    } else {
      tmr.remove(vector);
    }
    irr.add(vector);
    return true;
  }

  /** The vector that would be taken into service next, or -1. */
  public int deliverable() {
    int vector = irr.highest();
    return vector >= 0 && (vector & 0xf0) > (ppr & 0xf0) ? vector : -1;
  }

  /** Takes a deliverable vector into service. */
  void take(int vector) {
    irr.remove(vector);
    isr.add(vector);
  }

  /** Ends the highest vector in service; it, or -1 when there is none. */
  int end() {
    int vector = isr.highest();
    if (vector >= 0) {
      isr.remove(vector);
      updatePriority();
    }
    return vector;
  }

  private void updatePriority() {
    int service = Math.max(isr.highest(), 0) & 0xf0;
    ppr = (tpr & 0xf0) >= service ? tpr & 0xff : service;
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
            case ISR -> isr.word(place);
            case TMR -> tmr.word(place);
            default -> irr.word(place);
          });
    }
    if (offset >= LVT_FIRST && offset <= LVT_LAST) {
      return Integer.toUnsignedLong(lvt[(offset - LVT_FIRST) >> 4]);
    }
    return switch (offset) {
      case ID -> Integer.toUnsignedLong(id);
      case VERSION -> VERSION_VALUE;
      case TPR -> Integer.toUnsignedLong(tpr);
      case PPR -> Integer.toUnsignedLong(ppr);
      case LDR -> Integer.toUnsignedLong(ldr);
      case DFR -> Integer.toUnsignedLong(dfr);
      case SVR -> Integer.toUnsignedLong(svr);
      case ICR_LOW -> Integer.toUnsignedLong(icrLow);
      case ICR_HIGH -> Integer.toUnsignedLong(icrHigh);
      case TIMER_INITIAL -> Integer.toUnsignedLong(timer.initial());
      case TIMER_CURRENT -> Integer.toUnsignedLong(timer.current());
      case TIMER_DIVIDE -> Integer.toUnsignedLong(timer.divide());
      case ARBITRATION, ERRORS -> 0;
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
    if (offset >= LVT_FIRST && offset <= LVT_LAST) {
      int place = (offset - LVT_FIRST) >> 4;
      int bits = place == LVT_TIMER ? LVT_BITS[place] | timer.modes() : LVT_BITS[place];
      lvt[place] = (enabled() ? value : value | MASKED) & bits;
      if (place == LVT_TIMER) {
        timer.follow(lvt[place]);
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
        return writeSpurious(value & 0x3ff);
      }
      case TPR -> {
        tpr = value & 0xff;
        updatePriority();
      }
      case ICR_LOW -> icrLow = value & ~(1 << 12);
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
      for (int place = 0; place < lvt.length; place++) {
        lvt[place] |= MASKED;
      }
      timer.forgetExpiry();
    }
    return before != enabled();
  }

  /** The message that a store to the command register sends. */
  Message command() {
    return Message.interprocessor(icrLow, icrHigh);
  }

  // ---- the host's side

  /** All of it at one moment. */
  LapicState state() {
    return new LapicState(
        id,
        svr,
        tpr,
        ppr,
        ldr,
        dfr,
        lvt[LVT_TIMER],
        lvt[LVT_LINT0],
        lvt[LVT_LINT1],
        irr.list(),
        isr.list(),
        tmr.list());
  }

  /**
   * All of it, with what no register shows; what is left of the timer is left from that time on.
   */
  LocalApicState whole(long now) {
    return new LocalApicState(
        Integer.toUnsignedLong(id),
        Integer.toUnsignedLong(svr),
        Integer.toUnsignedLong(tpr),
        Integer.toUnsignedLong(ppr),
        Integer.toUnsignedLong(ldr),
        Integer.toUnsignedLong(dfr),
        Arrays.stream(lvt).mapToObj(Integer::toUnsignedLong).toList(),
        Integer.toUnsignedLong(icrLow),
        Integer.toUnsignedLong(icrHigh),
        irr.list(),
        isr.list(),
        tmr.list(),
        timer.whole(now));
  }

  /** Becomes what another was, and nothing follows from it. */
  void become(LocalApicState state, long now) {
    id = (int) state.id();
    svr = (int) state.svr();
    tpr = (int) state.tpr();
    ppr = (int) state.ppr();
    ldr = (int) state.ldr();
    dfr = (int) state.dfr();
    List<Long> vectors = state.lvt();
    for (int place = 0; place < lvt.length; place++) {
      lvt[place] = vectors.get(place).intValue();
    }
    icrLow = (int) state.icrLow();
    icrHigh = (int) state.icrHigh();
    irr.set(state.irr());
    isr.set(state.isr());
    tmr.set(state.tmr());
    timer.become(state.timer(), now);
  }

  /** A host restore: raw registers, and the timer starts again with what is left of its count. */
  void restore(LapicState state) {
    load(state);
    timer.restore(state.lvtt());
  }

  /** Loads raw registers; the processor priority follows from the others. */
  void load(LapicState state) {
    id = state.id();
    svr = state.svr();
    tpr = state.tpr();
    ldr = state.ldr();
    dfr = state.dfr();
    lvt[LVT_TIMER] = state.lvtt();
    lvt[LVT_LINT0] = state.lvt0();
    lvt[LVT_LINT1] = state.lvt1();
    irr.set(state.irr());
    isr.set(state.isr());
    tmr.set(state.tmr());
    updatePriority();
  }
}
