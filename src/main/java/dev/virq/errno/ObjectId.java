package dev.virq.errno;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the objects of a sandbox are named to callers: a prefix for the kind, and the number that the
 * object keeps for life, as in {@code vm-3}.
 *
 * <p>The one place where an id is formatted or read. Numbers count from 1 within their kind and are
 * never used again.
 */
public enum ObjectId {
  /** A virtual machine: {@code vm-3}. */
  VM("vm-"),
  /** An eventfd, whichever descriptor it has: {@code efd-3}. */
  EVENTFD("efd-"),
  /** A binding of an eventfd to a line: {@code irqfd-3}. */
  IRQFD("irqfd-"),
  /** A write to an eventfd: {@code sig-3}. */
  SIGNAL("sig-"),
  /** A breakpoint: {@code bp-3}. */
  BREAKPOINT("bp-");

  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,18}");

  private final String prefix;

  ObjectId(String prefix) {
    this.prefix = prefix;
  }

  /** The id of the object with that number. */
  public String of(long number) {
    return prefix + number;
  }

  /** The number in an id of this kind, or null when the text is not one. */
  public @Nullable Long number(String id) {
    String digits = id.startsWith(prefix) ? id.substring(prefix.length()) : "";
    try {
      return NUMBER.matcher(digits).matches() ? Long.valueOf(digits) : null;
    } catch (NumberFormatException e) {
      return null; // Past 2^63-1, which no object ever reaches.
    }
  }

  /** What ids of this kind look like, with N for the number. */
  public String form() {
    return prefix + "N";
  }
}
