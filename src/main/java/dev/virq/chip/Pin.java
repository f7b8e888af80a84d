package dev.virq.chip;

import java.util.Arrays;

/**
 * A pin of a chip and the sources that drive it: one bit a source, high while any is set. The bits
 * live here and not in the line, so that a line that is routed away leaves the pin as it was:
 * behaviour.md §5.
 */
public final class Pin {
  private int sources;
  private long raises;
  private long lowers;

  /** Drives it on behalf of a source; the level afterwards. */
  boolean drive(IrqSource source, boolean high) {
    boolean before = level();
    int bit = 1 << source.ordinal();
    sources = high ? sources | bit : sources & ~bit;
    if (!before && level()) {
      raises++;
    } else if (before && !level()) {
      lowers++;
    }
    return level();
  }

  /** All of it at one moment. */
  IrqLine.PinState whole() {
    return new IrqLine.PinState(
        Arrays.stream(IrqSource.values())
            .filter(source -> (sources & 1 << source.ordinal()) != 0)
            .toList(),
        raises,
        lowers);
  }

  /** Becomes what another was; nothing is driven. */
  void become(IrqLine.PinState state) {
    sources = 0;
    for (IrqSource source : state.heldBy()) {
      sources |= 1 << source.ordinal();
    }
    raises = state.raises();
    lowers = state.lowers();
  }

  public boolean level() {
    return sources != 0;
  }

  /** Times it went from low to high. */
  public long raises() {
    return raises;
  }

  /** Times it went from high to low. */
  public long lowers() {
    return lowers;
  }
}
