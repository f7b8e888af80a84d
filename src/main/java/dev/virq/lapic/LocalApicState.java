package dev.virq.lapic;

import java.util.List;

/**
 * A local APIC, whole: what KVM_GET_LAPIC shows of it and the rest. Registers are unsigned 32 bits;
 * sets of vectors are ascending.
 *
 * @param base the APIC base
 * @param x2apic whether the vCPU's CPUID table has x2APIC
 * @param id bits 31-24; in x2APIC mode all 32
 * @param svr spurious vector; bit 8 enables
 * @param tpr task priority
 * @param ppr processor priority
 * @param ldr logical destination, bits 31-24; in x2APIC mode all 32
 * @param dfr destination format
 * @param esr error status
 * @param lvt local vectors: timer, thermal, performance, LINT0, LINT1, error
 * @param icrLow the low half of the command register
 * @param icrHigh its high half in xAPIC mode
 * @param icrWide its high half in x2APIC mode
 * @param irr pending vectors
 * @param isr vectors in service
 * @param tmr vectors last accepted as level-triggered
 * @param timer the timer
 */
public record LocalApicState(
    long base,
    boolean x2apic,
    long id,
    long svr,
    long tpr,
    long ppr,
    long ldr,
    long dfr,
    long esr,
    List<Long> lvt,
    long icrLow,
    long icrHigh,
    long icrWide,
    List<Integer> irr,
    List<Integer> isr,
    List<Integer> tmr,
    TimerState timer) {
  /** Local vectors. */
  public static final int LVTS = 6;

  /** Copies the lists. */
  public LocalApicState {
    lvt = List.copyOf(lvt);
    irr = List.copyOf(irr);
    isr = List.copyOf(isr);
    tmr = List.copyOf(tmr);
  }
}
