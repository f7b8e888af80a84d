package dev.virq.chip;

import dev.virq.routing.Chip;
import java.util.Arrays;

/**
 * Two 8259s, the slave behind line 2 of the master, and the one wire to the processors.
 *
 * <p>Source: Intel 8259A data sheet, "Cascade Mode" and "Special Fully Nested Mode"; behaviour.md
 * §6. Not thread-safe: the chip lock is held.
 */
public final class PicPair {
  private static final int MASTER_TRIGGERS = 0xf8;
  private static final int SLAVE_TRIGGERS = 0xde;
  private static final int SPURIOUS = 7;

  /** What a poll that took a line answers beside its number. */
  private static final int TAKEN = 0x80;

  /** What a port outside the pair answers. */
  public static final int NOT_HERE = -1;

  private final Pic master;
  private final Pic slave;
  private final Pin[] pins = new Pin[PicState.Pair.PINS];

  /** Whether the pair asks for a processor. */
  private boolean output;

  public PicPair(Acks acks) {
    master = new Pic(Chip.MASTER, MASTER_TRIGGERS, acks);
    slave = new Pic(Chip.SLAVE, SLAVE_TRIGGERS, acks);
    for (int i = 0; i < pins.length; i++) {
      pins[i] = new Pin();
    }
  }

  public Pin pin(Chip chip, int line) {
    return pins[chip == Chip.MASTER ? line : line + 8];
  }

  /** Drives a pin; -1 masked, 0 requested already, 1 otherwise. */
  public int drive(Chip chip, int line, IrqSource source, boolean high) {
    int answer = half(chip).setLine(line, pin(chip, line).drive(source, high));
    update();
    return answer;
  }

  /** Looks again at what is requested: a slave that wants a line latches an edge at the master. */
  public void update() {
    if (slave.wanted() >= 0) {
      var _ = master.setLine(Pic.CASCADE, true);
      var _ = master.setLine(Pic.CASCADE, false);
    }
    output = master.wanted() >= 0;
  }

  /** Whether a processor is asked for. */
  public boolean output() {
    return output;
  }

  /** A processor takes the interrupt: its vector. */
  public int acknowledge() {
    output = false;
    int line = master.wanted();
    int vector;
    if (line < 0) {
      vector = master.vector(SPURIOUS);
    } else {
      master.acknowledge(line);
      vector = line == Pic.CASCADE ? acknowledgeSlave() : master.vector(line);
    }
    update();
    return vector;
  }

  private int acknowledgeSlave() {
    int line = slave.wanted();
    if (line < 0) {
      return slave.vector(SPURIOUS);
    }
    slave.acknowledge(line);
    return slave.vector(line);
  }

  /**
   * A byte to a port.
   *
   * @param accepted whether some vCPU takes interrupts of the pair
   * @return whether the port is one of the pair's
   */
  public boolean write(int port, int value, boolean accepted) {
    boolean look =
        switch (port) {
          case 0x20 -> master.command(value, accepted);
          case 0xa0 -> slave.command(value, accepted);
          case 0x21 -> master.data(value);
          case 0xa1 -> slave.data(value);
          default -> false;
        };
    if (look) {
      update();
    }
    switch (port) {
      case 0x4d0 -> master.writeTrigger(value);
      case 0x4d1 -> slave.writeTrigger(value);
      default -> {}
    }
    return isPort(port);
  }

  /** A byte from a port; {@link #NOT_HERE} when the port does not belong to the pair. */
  public int read(int port) {
    return switch (port) {
      case 0x20 -> master.polled() ? poll(master) : master.readCommand();
      case 0x21 -> master.polled() ? poll(master) : master.readData();
      case 0xa0 -> slave.polled() ? poll(slave) : slave.readCommand();
      case 0xa1 -> slave.polled() ? poll(slave) : slave.readData();
      case 0x4d0 -> master.readTrigger();
      case 0x4d1 -> slave.readTrigger();
      default -> NOT_HERE;
    };
  }

  /** Whether an access of several bytes begins and ends at ports of one half, or of both modes. */
  public static boolean spans(int port, int bytes) {
    return bytes <= 2 && isPort(port) && (port & 1) == 0;
  }

  private static boolean isPort(int port) {
    return switch (port) {
      case 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1 -> true;
      default -> false;
    };
  }

  @SuppressWarnings("ReferenceEquality") // one of the two, itself
  private int poll(Pic half) {
    int line = half.wanted();
    boolean behind = half == slave;
    if (line >= 0) {
      if (behind) {
        master.dropCascade();
      }
      half.takePolled(line);
    }
    if (line < 0 || behind || line != Pic.CASCADE) {
      update();
    }
    half.pollOver();
    return line < 0 ? SPURIOUS : TAKEN | line;
  }

  public PicState state(Chip chip) {
    return half(chip).state();
  }

  /** A host restore of one half. */
  public void restore(Chip chip, PicState state) {
    half(chip).restore(state);
    update();
  }

  /** All of it at one moment. */
  public PicState.Pair whole() {
    return new PicState.Pair(
        master.state(), slave.state(), output, Arrays.stream(pins).map(Pin::whole).toList());
  }

  /** Becomes what another was, and nothing follows from it. */
  public void become(PicState.Pair state) {
    master.restore(state.master());
    slave.restore(state.slave());
    output = state.output();
    for (int line = 0; line < pins.length; line++) {
      pins[line].become(state.pins().get(line));
    }
  }

  private Pic half(Chip chip) {
    return chip == Chip.MASTER ? master : slave;
  }
}
