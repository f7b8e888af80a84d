package dev.virq.schedule;

import java.util.Arrays;

/**
 * The threads that can go on at a choice point: first the one that has just run, if it can, then
 * the others in the order in which they were started.
 *
 * <p>One object for a whole run, filled by the thread that has the turn.
 */
public final class Moment {
  // Both guarded by the turn, which no annotation can name.
  private Player[] able = new Player[16];
  private int size;

  /** Whether the first is the one that has just run: choosing another then preempts it. */
  private boolean continues;

  Moment() {}

  /** How many can go on. */
  public int size() {
    return size;
  }

  /** Whether the first is the one that has just run, so that choosing another preempts it. */
  public boolean continues() {
    return continues;
  }

  /** The number of the thread at that place: 0, 1, … in the order of starting. */
  public int thread(int place) {
    return able[place].number;
  }

  /**
   * Whether the order of two of them may matter: they stand at steps about one object, or one of
   * them has not said yet what it is about.
   */
  public boolean conflict(int place, int other) {
    return able[place].conflictsWith(able[other]);
  }

  void begin() {
    size = 0;
    continues = false;
  }

  /**
   * A thread that can go on. Of workers of one queue that have not begun only the first is one: the
   * others would do the same.
   */
  void add(Player player, boolean hasJustRun) {
    for (int i = 0; i < size; i++) {
      if (able[i].isLike(player)) {
        return;
      }
    }
    if (size == able.length) {
      able = Arrays.copyOf(able, size * 2);
    }
    able[size++] = player;
    continues |= hasJustRun;
  }

  Player player(int place) {
    return able[place];
  }
}
