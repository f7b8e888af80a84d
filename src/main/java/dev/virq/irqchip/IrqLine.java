package dev.virq.irqchip;

/**
 * One interrupt line at one moment.
 *
 * @param gsi its number
 * @param routed whether it leads to a controller pin
 * @param level whether anybody holds it high
 * @param raises times it went from low to high
 * @param lowers times it went from high to low
 */
public record IrqLine(long gsi, boolean routed, boolean level, long raises, long lowers) {}
