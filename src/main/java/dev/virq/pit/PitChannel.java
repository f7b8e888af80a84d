package dev.virq.pit;

/**
 * One counter of the PIT: its count, what is latched of it, and which byte an access means.
 *
 * <p>Source: Intel 82C54 data sheet, "Programming the 82C54", "Read Operations" and "Mode
 * Definitions"; behaviour.md §17. As in Linux, binary counting only, and a gate stops nothing. Not
 * thread-safe: the chip lock is held.
 */
final class PitChannel {
  /** Before the first control word. */
  static final int NO_MODE = 0xff;

  private static final long HERTZ = 1_193_182;
  private static final long NANOS = 1_000_000_000;
  private static final int WHOLE = 0x10000;
  private static final long WORD = 0xffff_ffffL;

  private static final int HIGH = 2;
  private static final int LOW_OF_BOTH = 3;
  private static final int HIGH_OF_BOTH = 4;

  private long count = WHOLE;
  private int latchedCount;
  private int countLatched;
  private int statusLatched;
  private int status;
  private int readState;
  private int writeState;
  private int writeLatch;
  private int rwMode;
  private int mode = NO_MODE;
  private int bcd;
  private int gate;

  /** When the count was loaded. */
  private long loaded;

  PitChannel(int gate, long now) {
    this.gate = gate;
    this.loaded = now;
  }

  int mode() {
    return mode;
  }

  int gate() {
    return gate;
  }

  /** How long ago the count was loaded. */
  long elapsed(long now) {
    return now - loaded;
  }

  /** Nanoseconds that the count stands for. */
  long nanos() {
    return count * NANOS / HERTZ;
  }

  private static long clocks(long nanos) {
    return nanos / NANOS * HERTZ + nanos % NANOS * HERTZ / NANOS;
  }

  /** What is left of the count after that time. */
  private int value(long elapsed) {
    long clocks = clocks(elapsed);
    long left =
        switch (mode) {
          case 0, 1, 4, 5 -> count - clocks;
          case 3 -> count - 2 * clocks % count;
          default -> count - clocks % count;
        };
    return (int) left & 0xffff;
  }

  /** The output after that time. */
  int output(long elapsed) {
    long clocks = clocks(elapsed);
    boolean high =
        switch (mode) {
          case 1 -> clocks < count;
          case 2 -> clocks != 0 && clocks % count == 0;
          // In 32 bits, as in Linux: half of the largest count is 0.
          case 3 -> clocks % count < (count + 1 & WORD) >> 1;
          case 4, 5 -> clocks == count;
          default -> clocks >= count;
        };
    return high ? 1 : 0;
  }

  /** A control word for this counter, other than a latch command. */
  void control(int word) {
    rwMode = word >> 4 & 3;
    readState = rwMode;
    writeState = rwMode;
    int asked = word >> 1 & 7;
    mode = asked > 5 ? asked - 4 : asked;
    bcd = word & 1;
  }

  void latchCount(long elapsed) {
    if (countLatched == 0) {
      latchedCount = value(elapsed);
      countLatched = rwMode;
    }
  }

  void latchStatus(long elapsed) {
    if (statusLatched == 0) {
      status = (output(elapsed) << 7 | rwMode << 4 | mode << 1 | bcd) & 0xff;
      statusLatched = 1;
    }
  }

  /** The next byte. */
  int read(long elapsed) {
    if (statusLatched != 0) {
      statusLatched = 0;
      return status;
    }
    if (countLatched != 0) {
      return readLatched();
    }
    int value = value(elapsed);
    return switch (readState) {
      case HIGH -> value >> 8;
      case LOW_OF_BOTH -> {
        readState = HIGH_OF_BOTH;
        yield value & 0xff;
      }
      case HIGH_OF_BOTH -> {
        readState = LOW_OF_BOTH;
        yield value >> 8;
      }
      default -> value & 0xff;
    };
  }

  private int readLatched() {
    boolean high = countLatched == HIGH;
    countLatched = countLatched == LOW_OF_BOTH ? HIGH : 0;
    return high ? latchedCount >> 8 : latchedCount & 0xff;
  }

  /** A byte of a new count; the count, or -1 while its high byte is missing. */
  int write(int value) {
    return switch (writeState) {
      case HIGH -> value << 8;
      case LOW_OF_BOTH -> {
        writeLatch = value;
        writeState = HIGH_OF_BOTH;
        yield -1;
      }
      case HIGH_OF_BOTH -> {
        writeState = LOW_OF_BOTH;
        yield writeLatch | value << 8;
      }
      default -> value;
    };
  }

  /** Begins to count down from that; 0 stands for 65536. */
  void load(long value, long now) {
    count = value == 0 ? WHOLE : value;
    loaded = now;
  }

  /** Sets the gate, whose rise starts some modes again. */
  void gate(int value, long now) {
    boolean restarts =
        switch (mode) {
          case 1, 2, 3, 5 -> true;
          default -> false;
        };
    if (restarts && gate < value) {
      loaded = now;
    }
    gate = value;
  }

  PitState.Channel state() {
    return new PitState.Channel(
        count,
        latchedCount,
        countLatched,
        statusLatched,
        status,
        readState,
        writeState,
        writeLatch,
        rwMode,
        mode,
        bcd,
        gate);
  }

  /** Takes these registers, and what was loaded when. */
  void become(PitState.Channel state, long loadedAt) {
    count = state.count();
    latchedCount = state.latchedCount();
    countLatched = state.countLatched();
    statusLatched = state.statusLatched();
    status = state.status();
    readState = state.readState();
    writeState = state.writeState();
    writeLatch = state.writeLatch();
    rwMode = state.rwMode();
    mode = state.mode();
    bcd = state.bcd();
    gate = state.gate();
    loaded = loadedAt;
  }
}
