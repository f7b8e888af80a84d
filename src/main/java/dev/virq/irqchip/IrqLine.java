package dev.virq.irqchip;

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
public record IrqLine(long gsi, boolean routed, boolean level, long raises, long lowers) {}
