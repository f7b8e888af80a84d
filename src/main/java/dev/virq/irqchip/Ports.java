package dev.virq.irqchip;

import dev.virq.chip.PicPair;
import dev.virq.pit.Pit;
import org.jspecify.annotations.Nullable;

/** The ports of a guest: those of the 8259 pair and of the PIT. The chip lock is held. */
final class Ports {
  private final @Nullable PicPair pics;
  private final PitWire wire;

  Ports(@Nullable PicPair pics, PitWire wire) {
    this.pics = pics;
    this.wire = wire;
  }

  /**
   * 1, 2 or 4 bytes to a port. Ports of the 8259 pair claim 2 and ignore them.
   *
   * @param accepted whether some vCPU takes interrupts of the pair
   */
  Access write(int port, int bytes, int value, boolean accepted) {
    if (pics != null
        && (bytes == 1 ? pics.write(port, value & 0xff, accepted) : PicPair.spans(port, bytes))) {
      return Access.DONE;
    }
    Pit pit = wire.pit();
    return pit != null && pit.write(port, bytes, value) ? Access.DONE : Access.UNHANDLED;
  }

  /** 1, 2 or 4 bytes from a port. Ports of the 8259 pair answer 0 to 2. */
  Access read(int port, int bytes) {
    int value = pics == null ? PicPair.NOT_HERE : readPics(pics, port, bytes);
    Pit pit = wire.pit();
    if (value == PicPair.NOT_HERE && pit != null) {
      value = pit.read(port, bytes);
    }
    return value < 0 ? Access.UNHANDLED : Access.read(value);
  }

  private static int readPics(PicPair pics, int port, int bytes) {
    if (bytes > 1) {
      return PicPair.spans(port, bytes) ? 0 : PicPair.NOT_HERE;
    }
    return pics.read(port);
  }
}
