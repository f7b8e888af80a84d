package dev.virq.errno;

/**
 * How a caller names an eventfd: by id, which is never used again, or by descriptor number, which
 * POSIX reuses.
 *
 * @param byId whether the number is an id
 * @param number the id or the descriptor
 */
public record EventfdName(boolean byId, long number) {
  /** By id. */
  public static EventfdName id(long number) {
    return new EventfdName(true, number);
  }

  /** By descriptor. */
  public static EventfdName fd(long number) {
    return new EventfdName(false, number);
  }

  @Override
  public String toString() {
    return byId ? "efd-" + number : "fd " + number;
  }
}
