package dev.virq.lapic;

import java.util.List;

/**
 * A local APIC at one moment: raw 32-bit registers, and sets of vectors as ascending lists.
 *
 * @param id bits 31-24
 * @param svr spurious vector; bit 8 enables
 * @param tpr task priority
 * @param ppr processor priority
 * @param ldr logical destination, bits 31-24
 * @param dfr destination format
 * @param esr error status
 * @param lvtt local vector of the timer, with its mode
 * @param lvt0 local vector of LINT0
 * @param lvt1 local vector of LINT1
 * @param irr pending vectors
 * @param isr vectors in service
 * @param tmr vectors last accepted as level-triggered
 */
public record LapicState(
    int id,
    int svr,
    int tpr,
    int ppr,
    int ldr,
    int dfr,
    int esr,
    int lvtt,
    int lvt0,
    int lvt1,
    List<Integer> irr,
    List<Integer> isr,
    List<Integer> tmr) {
  /** Copies the lists. */
  public LapicState {
    irr = List.copyOf(irr);
    isr = List.copyOf(isr);
    tmr = List.copyOf(tmr);
  }

  /** The same with other vectors in service. */
  public LapicState withIsr(List<Integer> vectors) {
    return new LapicState(id, svr, tpr, ppr, ldr, dfr, esr, lvtt, lvt0, lvt1, irr, vectors, tmr);
  }
}
