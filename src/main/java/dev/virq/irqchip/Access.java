package dev.virq.irqchip;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an access of a guest did.
 *
 * @param handled whether some chip claims the port or address, all of it
 * @param value what was read, unsigned, or the vector taken; null when there is none
 * @param nmis NMIs taken
 * @param ended the vector whose end of interrupt this was, or null
 * @param eoiExit the vector whose end was reported to user space, or null
 * @param told numbers of the irqfds whose resample eventfd was signalled
 */
public record Access(
    boolean handled,
    @Nullable Long value,
    int nmis,
    @Nullable Integer ended,
    @Nullable Integer eoiExit,
    List<Long> told) {
  static final Access DONE = new Access(true, null, 0, null, null, List.of());

  /** A load of 0, or a store. */
  public static final Access ZERO = read(0);

  /** Not claimed by any chip. */
  public static final Access UNHANDLED = new Access(false, null, 0, null, null, List.of());

  static Access read(int value) {
    return read(true, Integer.toUnsignedLong(value));
  }

  static Access read(boolean claimed, @Nullable Long value) {
    return new Access(claimed, value, 0, null, null, List.of());
  }

  /** As this, by a vCPU that took so many NMIs before. */
  public Access after(int taken) {
    return new Access(handled, value, taken, ended, eoiExit, told);
  }

  Access with(int taken, List<Long> acknowledged) {
    return new Access(handled, value, taken, ended, eoiExit, List.copyOf(acknowledged));
  }
}
