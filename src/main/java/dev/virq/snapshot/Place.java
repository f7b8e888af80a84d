package dev.virq.snapshot;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * A place in a document, and what may stand there.
 *
 * @param pointer its path, such as {@code /vms/0}
 */
record Place(String pointer) {
  static final Place ROOT = new Place("");

  /** The largest number of 32 bits. */
  static final long WORD = 0xffff_ffffL;

  private static final int VECTORS = 256;

  Place at(String member) {
    return new Place(pointer + "/" + member);
  }

  Place at(int index) {
    return new Place(pointer + "/" + index);
  }

  SnapshotFault fault(String sentence) {
    return new SnapshotFault(pointer, sentence);
  }

  /** A number between bounds, the bounds included. */
  void between(long value, long least, long most) {
    if (value < least || value > most) {
      throw fault(value + " is outside " + least + ".." + most);
    }
  }

  /** Exactly that many. */
  void size(Collection<?> all, int size) {
    if (all.size() != size) {
      throw fault("has " + all.size() + " elements, not " + size);
    }
  }

  /** Vectors, ascending. */
  void vectors(List<Integer> all) {
    ascending(all, 0, VECTORS - 1);
  }

  /** Numbers between bounds, ascending, each once. */
  void ascending(List<? extends Number> all, long least, long most) {
    long before = least - 1;
    for (int i = 0; i < all.size(); i++) {
      long value = all.get(i).longValue();
      at(i).between(value, least, most);
      if (value <= before) {
        throw at(i).fault(value + " comes after " + before + ": numbers ascend, each once");
      }
      before = value;
    }
  }

  /** What another member says, too. */
  void same(Object value, Object expected, String why) {
    if (!Objects.equals(value, expected)) {
      throw fault(value + " is not " + expected + ", " + why);
    }
  }
}
