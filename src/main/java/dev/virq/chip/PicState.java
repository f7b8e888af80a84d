package dev.virq.chip;

import java.util.List;

/**
 * One half of the 8259 pair at one moment: {@code struct kvm_pic_state}; each value has 8 bits.
 *
 * @param irr requests
 * @param lastIrr levels of the lines, for finding edges
 * @param imr masked lines
 * @param isr lines in service
 * @param elcr level-triggered lines
 * @param elcrMask lines that may be
 * @param irqBase vector of line 0
 * @param priorityAdd the line of the highest priority
 * @param autoEoi whether acknowledgement ends the interrupt
 * @param rotateOnAutoEoi whether that moves the priority
 * @param specialFullyNestedMode whether a slave in service lets its higher lines through
 * @param specialMask without effect
 * @param initState the initialisation command word expected, 0 for none
 * @param init4 whether a fourth is announced
 * @param readRegSelect whether the command port reads isr rather than irr
 * @param poll whether the next read polls
 */
public record PicState(
    int irr,
    int lastIrr,
    int imr,
    int isr,
    int elcr,
    int elcrMask,
    int irqBase,
    int priorityAdd,
    int autoEoi,
    int rotateOnAutoEoi,
    int specialFullyNestedMode,
    int specialMask,
    int initState,
    int init4,
    int readRegSelect,
    int poll) {
  /**
   * The pair, whole.
   *
   * @param master the half that is wired to the vCPUs
   * @param slave the half behind its line 2
   * @param output whether the pair asks for a processor
   * @param pins the lines of the master, then those of the slave
   */
  public record Pair(PicState master, PicState slave, boolean output, List<IrqLine.PinState> pins) {
    /** Lines of both halves. */
    public static final int PINS = 16;

    /** Copies the pins. */
    public Pair {
      pins = List.copyOf(pins);
    }
  }
}
