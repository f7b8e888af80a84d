package dev.virq.api.http;

/**
 * How many of something, as a request's body carries it: a number from 1, or the word ALL.
 *
 * @param count at most so many; the largest int stands for all
 */
public record CountOrAll(int count) {
  /** All of them. */
  public static final CountOrAll ALL = new CountOrAll(Integer.MAX_VALUE);
}
