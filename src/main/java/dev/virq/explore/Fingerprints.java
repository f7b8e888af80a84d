package dev.virq.explore;

/** How many different schedules there were, exactly up to a bound. One thread. */
final class Fingerprints {
  /** No more are told apart. */
  static final int MOST = 1 << 16;

  private final long[] slots = new long[MOST * 2];
  private int size;

  /** Counts a schedule, unless it was counted before or there are too many. */
  void add(int[] choices) {
    if (size == MOST) {
      return;
    }
    // FNV-1a over the choices, mixed; 0 marks an empty slot.
    long hash = 0xcbf29ce484222325L;
    for (int choice : choices) {
      hash = (hash ^ (choice + 1)) * 0x100000001b3L;
    }
    hash ^= hash >>> 32;
    hash = hash == 0 ? 1 : hash;
    int at = (int) ((hash * 0x9e3779b97f4a7c15L) >>> 47);
    while (slots[at] != 0 && slots[at] != hash) {
      at = (at + 1) & (slots.length - 1);
    }
    if (slots[at] == 0) {
      slots[at] = hash;
      size++;
    }
  }

  int size() {
    return size;
  }
}
