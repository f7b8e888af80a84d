package dev.virq.chip;

import java.util.List;

/**
 * One interrupt line at one moment. Level and edges are those of the pin that its first route leads
 * to; a line that leads to a message has none.
 *
 * @param gsi its number
 * @param routed whether it leads anywhere
 * @param level whether any source holds the pin high
 * @param raises times the pin went from low to high
 * @param lowers times the pin went from high to low
 */
public record IrqLine(long gsi, boolean routed, boolean level, long raises, long lowers) {
  /**
   * A pin of a chip, whole.
   *
   * @param heldBy sources that hold it high, each once, in their order
   * @param raises times it went from low to high
   * @param lowers times it went from high to low
   */
  public record PinState(List<IrqSource> heldBy, long raises, long lowers) {
    /** Copies the sources. */
    public PinState {
      heldBy = List.copyOf(heldBy);
    }
  }
}
