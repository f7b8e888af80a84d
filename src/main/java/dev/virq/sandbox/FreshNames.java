package dev.virq.sandbox;

import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Names that nobody has had, on this instance or another, in this life or an earlier one: fifty
 * random bits each.
 */
final class FreshNames {
  private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int LENGTH = 10;
  private static final int LONGEST = 63;

  private final RandomGenerator random;

  /** Names by that generator, which any thread may use. */
  FreshNames(RandomGenerator random) {
    this.random = random;
  }

  /**
   * A name that begins with the prefix.
   *
   * @param prefix of at most 53 of a-z, 0-9 and -, the first no -
   * @param taken whether a sandbox has that name now
   */
  String next(String prefix, Predicate<String> taken) {
    if (prefix.length() > LONGEST - LENGTH) {
      throw new IllegalArgumentException(
          "prefix " + prefix + " leaves no room for " + LENGTH + " of " + LONGEST + " characters");
    }
    while (true) {
      StringBuilder name = new StringBuilder(prefix);
      long bits = random.nextLong();
      for (int i = 0; i < LENGTH; i++) {
        name.append(DIGITS.charAt((int) (bits & 31)));
        bits >>>= 5;
      }
      if (!taken.test(name.toString())) {
        return name.toString();
      }
    }
  }
}
