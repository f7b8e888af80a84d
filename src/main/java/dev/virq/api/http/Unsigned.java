package dev.virq.api.http;

/**
 * An unsigned number of 64 bits, as a request's body carries it: a JSON number or a decimal string.
 *
 * @param bits the value; more than 2^63-1 is negative here
 */
public record Unsigned(long bits) {
  /** One, the value of a signal without a body. */
  public static final Unsigned ONE = new Unsigned(1);

  /** Zero, the counter of a new eventfd. */
  public static final Unsigned ZERO = new Unsigned(0);
}
