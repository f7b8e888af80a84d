package dev.virq.lapic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A set of the vectors 0 to 255: one of a local APIC's 256-bit registers. */
final class Vectors {
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
