package dev.virq.errno;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Which of the known names was most likely meant by one that is not known. Case does not count. */
public final class NearestName {
  /** A name of a caller that is longer was no slip, and comparing it would take long. */
  private static final int LONGEST = 80;

  /** Up to this length a name has room for one slip only. */
  private static final int SHORT = 3;

  private NearestName() {}

  /**
   * The nearest one.
   *
   * @throws IllegalArgumentException when there are no names
   */
  public static String of(String wrong, Collection<String> names) {
    String lower = wrong.toLowerCase(Locale.ROOT);
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(lower, name.toLowerCase(Locale.ROOT))))
        .orElseThrow(() -> new IllegalArgumentException("there are no names"));
  }

  /** What a refusal adds when one of the names is near: {@code ; did you mean NAME?}, or "". */
  public static String hint(String wrong, Collection<String> names) {
    if (names.isEmpty() || wrong.length() > LONGEST) {
      return "";
    }
    // In order, so that of two that are as near it is always the same one.
    String name = of(wrong, names.stream().sorted().toList());
    int slips = name.length() <= SHORT ? 1 : Math.max(2, name.length() / 3);
    boolean near = distance(wrong.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT)) <= slips;
    return near ? "; did you mean " + name + "?" : "";
  }

  /** Edits between two names; fewer when only the place in the tree is wrong. */
  private static int distance(String wrong, String name) {
    return Math.min(edits(wrong, name), 1 + edits(last(wrong), last(name)));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Letters to insert, remove or replace, after Levenshtein. */
  public static int edits(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
