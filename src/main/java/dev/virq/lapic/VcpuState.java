package dev.virq.lapic;

import java.math.BigInteger;
import java.util.List;

/**
 * A vCPU with its local APIC, whole. INIT and start-up messages are not in it: they have been taken
 * by whoever looks.
 *
 * @param number its number
 * @param runState whether it runs; never SIPI_RECEIVED
 * @param kicked whether a kick has come since it was last set running
 * @param nmis NMIs not taken yet
 * @param nmiMasked whether it takes none
 * @param nmiNews whether one came since it ran last, which wakes it if it is halted
 * @param hasRun whether it has run, and its CPUID table is fixed
 * @param mapped whether messages reach it by the map, and not by broadcasts only
 * @param lastLoad what its last loads from emulated memory left, unsigned 64 bits
 * @param forwarded vectors whose end is reported to the I/O APIC or user space, ascending
 * @param stale whether that set has to be computed before the guest runs again
 * @param leftOver the highest of them that only an older entry sent here; -1 for none
 * @param lapic its local APIC
 */
public record VcpuState(
    int number,
    RunState runState,
    boolean kicked,
    int nmis,
    boolean nmiMasked,
    boolean nmiNews,
    boolean hasRun,
    boolean mapped,
    BigInteger lastLoad,
    List<Integer> forwarded,
    boolean stale,
    int leftOver,
    LocalApicState lapic) {
  /** Copies the list. */
  public VcpuState {
    forwarded = List.copyOf(forwarded);
  }
}
