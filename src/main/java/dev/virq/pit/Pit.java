package dev.virq.pit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The PIT of a VM: three counters at 1.193182 MHz, of which the first ticks and the third has a
 * gate and a speaker.
 *
 * <p>Source: Intel 82C54 data sheet; behaviour.md §17. It has no thread: whoever looks asks how
 * many pulses line 0 gets by now. Not thread-safe: the chip lock is held.
 */
public final class Pit {
  /** What a port that is not the PIT's answers. */
  public static final int NOT_HERE = -1;

  private static final int BASE = 0x40;
  private static final int PORTS = 4;
  private static final int CONTROL = 3;
  private static final int SPEAKER = 0x61;
  private static final int READ_BACK = 3;

  /** The speaker's port shows a clock that toggles about every 15 microseconds. */
  private static final int REFRESH_SHIFT = 14;

  private final LongSupplier clock;
  private final boolean speaker;
  private final PitChannel[] channels = new PitChannel[PitState.CHANNELS];
  private final PitTicker ticker = new PitTicker();
  private final PitTicks ticks = new PitTicks();
  private long flags;

  /**
   * In its reset state.
   *
   * @param clock nanoseconds
   * @param speaker whether it has the speaker's port
   */
  public Pit(LongSupplier clock, boolean speaker) {
    this.clock = clock;
    this.speaker = speaker;
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new PitChannel(i == 2 ? 0 : 1, clock.getAsLong());
    }
  }

  /** One that was somewhere else, from that time on. */
  public Pit(LongSupplier clock, PitWhole state, long now) {
    this(clock, state.speaker());
    List<PitState.Channel> registers = state.state().channels();
    for (int i = 0; i < channels.length; i++) {
      channels[i].become(registers.get(i), now - state.elapsedNanos().get(i));
    }
    flags = state.state().flags();
    ticker.become(state.ticker(), now);
    ticks.become(state.ticks());
  }

  // ---- ticks

  /** How many pulses line 0 gets now: for ticks that are due, and for those that are made up. */
  public int pulses() {
    return ticks.pulses(ticker.ticks(clock.getAsLong()));
  }

  /** Whether missed ticks are made up for, so that acknowledgements of line 0 matter. */
  public boolean reinjects() {
    return ticks.reinjects();
  }

  /** Says whether missed ticks are made up for: KVM_REINJECT_CONTROL. */
  public void reinject(boolean on) {
    ticks.reinject(on);
  }

  /** The guest has acknowledged line 0. */
  public void acknowledged() {
    if (ticks.reinjects()) {
      ticks.acknowledge();
    }
  }

  /** The guest has unmasked line 0: what it missed is forgotten. */
  public void unmasked() {
    if (ticks.reinjects()) {
      ticks.reset();
    }
  }

  // ---- ports

  /** A store of some bytes, of which the low one counts; whether the ports are the PIT's. */
  public boolean write(int port, int bytes, int value) {
    if (speaker && port == SPEAKER) {
      flags = (value & 2) != 0 ? flags | PitState.SPEAKER_DATA : flags & ~PitState.SPEAKER_DATA;
      channels[2].gate(value & 1, clock.getAsLong());
      return true;
    }
    if (!owns(port, bytes)) {
      return false;
    }
    int low = value & 0xff;
    int number = port - BASE;
    if (number == CONTROL) {
      control(low);
    } else {
      int count = channels[number].write(low);
      if (count >= 0) {
        load(number, count);
      }
    }
    return true;
  }

  /** A load of some bytes; {@link #NOT_HERE} where the ports are not the PIT's. */
  public int read(int port, int bytes) {
    if (speaker && port == SPEAKER) {
      long now = clock.getAsLong();
      int refresh = (int) (now >> REFRESH_SHIFT) & 1;
      int data = (flags & PitState.SPEAKER_DATA) != 0 ? 2 : 0;
      return data | channels[2].gate() | channels[2].output(elapsed(2)) << 5 | refresh << 4;
    }
    if (!owns(port, bytes)) {
      return NOT_HERE;
    }
    int number = port - BASE;
    return number == CONTROL ? 0 : channels[number].read(elapsed(number));
  }

  private static boolean owns(int port, int bytes) {
    return port >= BASE && port + bytes <= BASE + PORTS;
  }

  private long elapsed(int number) {
    long now = clock.getAsLong();
    return number == 0 ? ticker.elapsed(now) : channels[number].elapsed(now);
  }

  private void control(int word) {
    int number = word >> 6;
    if (number == READ_BACK) {
      for (int i = 0; i < channels.length; i++) {
        if ((word & 2 << i) != 0) {
          readBack(i, word);
        }
      }
    } else if ((word & 0x30) == 0) {
      channels[number].latchCount(elapsed(number));
    } else {
      channels[number].control(word);
    }
  }

  private void readBack(int number, int word) {
    if ((word & 0x20) == 0) {
      channels[number].latchCount(elapsed(number));
    }
    if ((word & 0x10) == 0) {
      channels[number].latchStatus(elapsed(number));
    }
  }

  private void load(int number, long count) {
    channels[number].load(count, clock.getAsLong());
    if (number == 0) {
      switch (channels[0].mode()) {
        case 0, 1, 4 -> start(false);
        case 2, 3 -> start(true);
        default -> ticker.stop();
      }
    }
  }

  private void start(boolean periodic) {
    if ((flags & PitState.HPET_LEGACY) == 0) {
      ticks.reset();
      ticker.start(clock.getAsLong(), channels[0].nanos(), periodic);
    }
  }

  // ---- the host's side

  /** Its registers: KVM_GET_PIT2. */
  public PitState state() {
    List<PitState.Channel> all = new ArrayList<>(channels.length);
    for (PitChannel channel : channels) {
      all.add(channel.state());
    }
    return new PitState(all, flags);
  }

  /** Takes registers, and loads each count again: KVM_SET_PIT2. */
  public void restore(PitState state) {
    boolean handedOver =
        (flags & PitState.HPET_LEGACY) == 0 && (state.flags() & PitState.HPET_LEGACY) != 0;
    flags = state.flags();
    long now = clock.getAsLong();
    for (int i = 0; i < channels.length; i++) {
      PitState.Channel registers = state.channels().get(i);
      channels[i].become(registers, now);
      if (i == 0 && handedOver) {
        channels[0].load(registers.count(), now);
        ticker.stop();
      } else {
        load(i, registers.count());
      }
    }
  }

  /** Whether it has the speaker's port. */
  public boolean speaker() {
    return speaker;
  }

  /** All of it at that time. */
  public PitWhole whole(long now) {
    List<Long> elapsed = new ArrayList<>(channels.length);
    for (PitChannel channel : channels) {
      elapsed.add(channel.elapsed(now));
    }
    return new PitWhole(state(), speaker, elapsed, ticker.whole(now), ticks.whole());
  }
}
