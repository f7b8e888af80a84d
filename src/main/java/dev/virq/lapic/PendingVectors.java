package dev.virq.lapic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The life of a vector in a local APIC: pending, in service, ended, as the task's and the
 * processor's priority let it.
 *
 * <p>Source: Intel SDM volume 3, "Advanced Programmable Interrupt Controller (APIC)", sections on
 * interrupt acceptance for fixed interrupts and on the processor priority.
 */
final class PendingVectors {
  private final Vectors irr = new Vectors();
  private final Vectors isr = new Vectors();
  private final Vectors tmr = new Vectors();
  private int tpr;
  private int ppr;

  /** None is pending or in service, and every priority is let through. */
  void reset() {
    irr.clear();
    isr.clear();
    tmr.clear();
    tpr = 0;
    updatePriority();
  }

  /** Becomes pending, or stays so, with that trigger mode. */
  void accept(int vector, boolean level) {
    if (level) {
      tmr.add(vector);
    } else {
      tmr.remove(vector);
    }
    irr.add(vector);
  }

  /** The vector that would be taken into service next, or -1. */
  int deliverable() {
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

  /** Whether the vector is pending or in service. */
  boolean owes(int vector) {
    return irr.has(vector) || isr.has(vector);
  }

  /** Whether the vector was last accepted as level-triggered. */
  boolean levelTriggered(int vector) {
    return tmr.has(vector);
  }

  // ---- as registers

  /** The task priority. */
  int tpr() {
    return tpr;
  }

  /** A guest's store to the task priority. */
  void tpr(int value) {
    tpr = value & 0xff;
    updatePriority();
  }

  /** The processor priority. */
  int ppr() {
    return ppr;
  }

  /** 32 bits of the pending vectors. */
  int irr(int place) {
    return irr.word(place);
  }

  /** 32 bits of the vectors in service. */
  int isr(int place) {
    return isr.word(place);
  }

  /** 32 bits of the trigger modes. */
  int tmr(int place) {
    return tmr.word(place);
  }

  // ---- the host's side

  List<Integer> irr() {
    return irr.list();
  }

  List<Integer> isr() {
    return isr.list();
  }

  List<Integer> tmr() {
    return tmr.list();
  }

  /** Loads what a host restores, raw; the processor priority follows. */
  void load(int priority, List<Integer> pending, List<Integer> inService, List<Integer> level) {
    become(priority, ppr, pending, inService, level);
    updatePriority();
  }

  /** Becomes what another was, and nothing follows from it. */
  void become(
      int priority,
      int processorPriority,
      List<Integer> pending,
      List<Integer> inService,
      List<Integer> level) {
    tpr = priority;
    ppr = processorPriority;
    irr.set(pending);
    isr.set(inService);
    tmr.set(level);
  }

  /** A set of the vectors 0 to 255: one of a local APIC's 256-bit registers. */
  static final class Vectors {
    private final long[] bits = new long[4];

    boolean has(int vector) {
      return (bits[vector >> 6] >>> vector & 1) != 0;
    }

    void add(int vector) {
      bits[vector >> 6] |= 1L << vector;
    }

    void remove(int vector) {
      bits[vector >> 6] &= ~(1L << vector);
    }

    void clear() {
      Arrays.fill(bits, 0);
    }

    /** The highest vector, or -1. */
    int highest() {
      for (int word = 3; word >= 0; word--) {
        if (bits[word] != 0) {
          return word * 64 + 63 - Long.numberOfLeadingZeros(bits[word]);
        }
      }
      return -1;
    }

    /** 32 of the bits, as the register at that place shows them. */
    int word(int place) {
      return (int) (bits[place >> 1] >>> ((place & 1) * 32));
    }

    /** All of them, ascending. */
    List<Integer> list() {
      List<Integer> all = new ArrayList<>();
      for (int vector = 0; vector < 256; vector++) {
        if (has(vector)) {
          all.add(vector);
        }
      }
      return List.copyOf(all);
    }

    /** Makes it these. */
    void set(List<Integer> vectors) {
      clear();
      vectors.forEach(this::add);
    }
  }
}
