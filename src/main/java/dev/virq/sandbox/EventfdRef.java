package dev.virq.sandbox;

/**
 * How a caller names an eventfd: by id, which is never used again, or by descriptor number, which
 * POSIX reuses.
 *
 * @param byId whether the number is an id
 * @param number the id or the descriptor
 */
public record EventfdRef(boolean byId, long number) {
  /** By id. */
  public static EventfdRef id(long number) {
    return new EventfdRef(true, number);
  }

  /** By descriptor. */
  public static EventfdRef fd(long number) {
    return new EventfdRef(false, number);
  }

  @Override
  public String toString() {
    return byId ? "efd-" + number : "fd " + number;
  }
}
