package dev.virq.lapic;

import java.util.Arrays;
import java.util.List;

/**
 * The local vector table: timer, thermal, performance, LINT0, LINT1, error. Raw entries of 32 bits.
 *
 * <p>Source: Intel SDM volume 3, "Local Vector Table". Not thread-safe: the chip lock is held.
 */
final class LocalVectors {
  /** Offset of the first entry, and of the last; they are 16 bytes apart. */
  static final int FIRST = 0x320;

  static final int LAST = 0x370;

  static final int TIMER = 0;
  static final int LINT0 = 3;
  static final int LINT1 = 4;

  private static final int MASKED = 1 << 16;
  private static final int MODE = 0x700;
  private static final int MODE_EXTINT = 0x700;

  /** Writable bits of each. */
  private static final int[] BITS = {0x110ff, 0x117ff, 0x117ff, 0x1f7ff, 0x1f7ff, 0x110ff};

  private final int[] entries = new int[BITS.length];

  /**
   * All masked.
   *
   * @param boot the boot processor begins with the 8259 pair connected
   */
  void reset(boolean boot) {
    Arrays.fill(entries, MASKED);
    entries[LINT0] = boot ? MODE_EXTINT : MASKED;
  }

  /** Whether a register of the local APIC is one of these. */
  static boolean has(int offset) {
    return offset >= FIRST && offset <= LAST;
  }

  /** The entry at an offset of the local APIC. */
  int at(int offset) {
    return entries[(offset - FIRST) >> 4];
  }

  /** An entry by its place. */
  int get(int place) {
    return entries[place];
  }

  /** A host sets an entry to anything. */
  void set(int place, int entry) {
    entries[place] = entry;
  }

  /**
   * A guest's store.
   *
   * @param enabled whether the local APIC is software-enabled; else the entry stays masked
   * @param modes mode bits of the timer that the guest can set
   */
  void store(int offset, int value, boolean enabled, int modes) {
    int place = (offset - FIRST) >> 4;
    int bits = place == TIMER ? BITS[place] | modes : BITS[place];
    entries[place] = (enabled ? value : value | MASKED) & bits;
  }

  /** Masks all. */
  void mask() {
    for (int place = 0; place < entries.length; place++) {
      entries[place] |= MASKED;
    }
  }

  /** Whether the timer's entry is masked. */
  boolean timerMasked() {
    return (entries[TIMER] & MASKED) != 0;
  }

  /** Whether interrupts of the 8259 pair come through LINT0. */
  boolean acceptsPic() {
    return (entries[LINT0] & (MASKED | MODE)) == MODE_EXTINT;
  }

  /** All of them, unsigned. */
  List<Long> list() {
    return Arrays.stream(entries).mapToObj(Integer::toUnsignedLong).toList();
  }

  /** Makes them these. */
  void become(List<Long> all) {
    for (int place = 0; place < entries.length; place++) {
      entries[place] = all.get(place).intValue();
    }
  }
}
