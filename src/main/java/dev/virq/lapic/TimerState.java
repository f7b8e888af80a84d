package dev.virq.lapic;

import java.math.BigInteger;

/**
 * The timer of a local APIC, whole: what the registers show, and what follows from the past.
 *
 * @param modes mode bits that the vCPU's CPUID table lets a guest set: 0, 1 or 3
 * @param mode the mode, of the same bits: 0 one-shot, 1 periodic, 2 up to a deadline, 3 stands
 * @param initial the initial count, 32 bits
 * @param divide the divide register
 * @param periodNanos what the initial count stands for; 0 when there is none
 * @param leftNanos until it runs out; 0 when it has
 * @param armed whether it will run out
 * @param pending whether an expiry waits for the vCPU to run
 * @param kept whether that expiry was not taken when it could be
 * @param deadline of the time-stamp counter, unsigned 64 bits; 0 for none
 */
public record TimerState(
    int modes,
    int mode,
    long initial,
    int divide,
    long periodNanos,
    long leftNanos,
    boolean armed,
    boolean pending,
    boolean kept,
    BigInteger deadline) {}
