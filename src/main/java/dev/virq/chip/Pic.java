package dev.virq.chip;

import dev.virq.routing.Chip;

/**
 * One 8259: eight lines, requests, mask, service, priorities, and its two ports.
 *
 * <p>Source: Intel 8259A data sheet, "Interrupt Sequence", "Initialization Command Words",
 * "Operation Command Words", "Poll Command", "Reading the 8259A Status"; behaviour.md §6. Not
 * thread-safe: the chip lock is held. It is released while an acknowledgement is reported, so
 * nothing is kept in local variables across {@link #ended}.
 */
final class Pic {
  private static final int LINES = 8;
  private static final int ALL = 0xff;

  /** The master's line that the slave is connected to. */
  static final int CASCADE = 2;

  private final Chip chip;
  private final Acks acks;
  private int irr;
  private int lastIrr;
  private int imr;
  private int isr;
  private int elcr;
  private int elcrMask;
  private int irqBase;
  private int priorityAdd;
  private int autoEoi;
  private int rotateOnAutoEoi;
  private int specialFullyNestedMode;
  private int specialMask;
  private int initState;
  private int init4;
  private int readRegSelect;
  private int poll;

  /**
   * In its reset state.
   *
   * @param chip which of the two
   * @param elcrMask lines that may be level-triggered
   * @param acks where ends of interrupts are reported
   */
  Pic(Chip chip, int elcrMask, Acks acks) {
    this.chip = chip;
    this.elcrMask = elcrMask;
    this.acks = acks;
  }

  // ---- lines and requests

  /** Sets the level of a line; -1 masked, 0 requested already, 1 otherwise. */
  int setLine(int line, boolean high) {
    int bit = 1 << line;
    int answer = 1;
    if ((elcr & bit) != 0) {
      if (high) {
        answer = (irr & bit) == 0 ? 1 : 0;
        irr |= bit;
        lastIrr |= bit;
      } else {
        irr &= ~bit;
        lastIrr &= ~bit;
      }
    } else if (high) {
      if ((lastIrr & bit) == 0) {
        answer = (irr & bit) == 0 ? 1 : 0;
        irr |= bit;
      }
      lastIrr |= bit;
    } else {
      lastIrr &= ~bit;
    }
    return (imr & bit) == 0 ? answer : -1;
  }

  /** The line that asks for service, or -1: requests against what is in service. */
  int wanted() {
    int request = rank(irr & ~imr);
    int inService = isr;
    if (specialFullyNestedMode != 0 && chip == Chip.MASTER) {
      inService &= ~(1 << CASCADE);
    }
    return request < rank(inService) ? lineOf(request) : -1;
  }

  /** How far the first of these lines is from the one of the highest priority; 8 for none. */
  private int rank(int lines) {
    int rank = 0;
    while (rank < LINES && (lines & 1 << lineOf(rank)) == 0) {
      rank++;
    }
    return rank;
  }

  private int lineOf(int rank) {
    return rank + priorityAdd & LINES - 1;
  }

  /** Puts a line in service; ends it at once with automatic end of interrupt. */
  void acknowledge(int line) {
    isr |= 1 << line;
    if ((elcr & 1 << line) == 0) {
      irr &= ~(1 << line);
    }
    if (autoEoi != 0) {
      if (rotateOnAutoEoi != 0) {
        priorityAdd = line + 1 & LINES - 1;
      }
      ended(line);
    }
  }

  int vector(int line) {
    return irqBase + line;
  }

  /** The end of a line's interrupt, in service or not. */
  private void ended(int line) {
    isr &= ~(1 << line);
    acks.acknowledged(chip, line);
  }

  // ---- ports

  /**
   * A byte to the command port.
   *
   * @param accepted whether some vCPU takes interrupts of the pair
   * @return whether the pair has to be looked at again
   */
  boolean command(int value, boolean accepted) {
    if ((value & 0x10) != 0) {
      initialise(value, accepted);
      return false;
    }
    if ((value & 0x08) != 0) {
      if ((value & 0x04) != 0) {
        poll = 1;
      }
      if ((value & 0x02) != 0) {
        readRegSelect = value & 1;
      }
      if ((value & 0x40) != 0) {
        specialMask = value >> 5 & 1;
      }
      return false;
    }
    return operate(value >> 5, value & LINES - 1);
  }

  private boolean operate(int command, int line) {
    return switch (command) {
      case 0, 4 -> {
        rotateOnAutoEoi = command >> 2;
        yield false;
      }
      case 1, 5 -> {
        int rank = rank(isr);
        if (rank == LINES) {
          yield false;
        }
        end(lineOf(rank), command == 5);
        yield true;
      }
      case 3, 7 -> {
        end(line, command == 7);
        yield true;
      }
      case 6 -> {
        priorityAdd = line + 1 & LINES - 1;
        yield true;
      }
      default -> false;
    };
  }

  private void end(int line, boolean rotate) {
    if (rotate) {
      priorityAdd = line + 1 & LINES - 1;
    }
    ended(line);
  }

  private void initialise(int value, boolean accepted) {
    int edges = irr & ~elcr;
    init4 = value & 1;
    lastIrr = 0;
    irr &= elcr;
    imr = 0;
    priorityAdd = 0;
    specialMask = 0;
    readRegSelect = 0;
    if (init4 == 0) {
      specialFullyNestedMode = 0;
      autoEoi = 0;
    }
    initState = 1;
    for (int line = 0; accepted && line < LINES; line++) {
      // What is dropped here would never be acknowledged otherwise.
      if ((edges & 1 << line) != 0) {
        ended(line);
      }
    }
  }

  /** A byte to the data port; whether the pair has to be looked at again. */
  boolean data(int value) {
    switch (initState) {
      case 0 -> {
        int cleared = imr & ~value;
        imr = value;
        for (int line = 0; line < LINES; line++) {
          if ((cleared & 1 << line) != 0) {
            acks.maskCleared(chip, line);
          }
        }
        return true;
      }
      case 1 -> {
        irqBase = value & 0xf8;
        initState = 2;
      }
      case 2 -> initState = init4 != 0 ? 3 : 0;
      case 3 -> {
        specialFullyNestedMode = value >> 4 & 1;
        autoEoi = value >> 1 & 1;
        initState = 0;
      }
      default -> {}
    }
    return false;
  }

  /** Whether a poll command waits for its read, which {@link #takePolled} then is. */
  boolean polled() {
    return poll != 0;
  }

  /** Ends the poll command. */
  void pollOver() {
    poll = 0;
  }

  /** Takes a line by poll: nothing stays in service. */
  void takePolled(int line) {
    irr &= ~(1 << line);
    ended(line);
  }

  /** The slave was polled: its request at the master is over. */
  void dropCascade() {
    isr &= ~(1 << CASCADE);
    irr &= ~(1 << CASCADE);
  }

  int readCommand() {
    return readRegSelect != 0 ? isr : irr;
  }

  int readData() {
    return imr;
  }

  int readTrigger() {
    return elcr;
  }

  void writeTrigger(int value) {
    elcr = value & elcrMask;
  }

  // ---- the host's side

  PicState state() {
    return new PicState(
        irr,
        lastIrr,
        imr,
        isr,
        elcr,
        elcrMask,
        irqBase,
        priorityAdd,
        autoEoi,
        rotateOnAutoEoi,
        specialFullyNestedMode,
        specialMask,
        initState,
        init4,
        readRegSelect,
        poll);
  }

  void restore(PicState state) {
    irr = state.irr() & ALL;
    lastIrr = state.lastIrr() & ALL;
    imr = state.imr() & ALL;
    isr = state.isr() & ALL;
    elcr = state.elcr() & ALL;
    elcrMask = state.elcrMask() & ALL;
    irqBase = state.irqBase() & ALL;
    priorityAdd = state.priorityAdd() & ALL;
    autoEoi = state.autoEoi() & ALL;
    rotateOnAutoEoi = state.rotateOnAutoEoi() & ALL;
    specialFullyNestedMode = state.specialFullyNestedMode() & ALL;
    specialMask = state.specialMask() & ALL;
    initState = state.initState() & ALL;
    init4 = state.init4() & ALL;
    readRegSelect = state.readRegSelect() & ALL;
    poll = state.poll() & ALL;
  }
}
