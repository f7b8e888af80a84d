package dev.virq.snapshot;

import dev.virq.pit.PitState;
import dev.virq.pit.PitWhole;

/** Whether a document has a PIT that a controller can have had. */
final class PitCheck {
  private static final long BYTE = 0xff;
  private static final long HALF = 0xffff;

  /** Clocks and counts go no further. */
  private static final long MOST = 1L << 62;

  /** What the largest count stands for, rounded up. */
  private static final long LONGEST_PERIOD = 3_600_000_000_000L;

  private PitCheck() {}

  static void check(Place place, PitWhole pit) {
    Place state = place.at("state");
    state.at("flags").between(pit.state().flags(), 0, Place.WORD);
    state.at("channels").size(pit.state().channels(), PitState.CHANNELS);
    for (int i = 0; i < PitState.CHANNELS; i++) {
      channel(state.at("channels").at(i), pit.state().channels().get(i));
    }
    Place elapsed = place.at("elapsedNanos");
    elapsed.size(pit.elapsedNanos(), PitState.CHANNELS);
    for (int i = 0; i < PitState.CHANNELS; i++) {
      elapsed.at(i).between(pit.elapsedNanos().get(i), 0, MOST);
    }
    ticker(place.at("ticker"), pit.ticker());
    place.at("ticks").at("pending").between(pit.ticks().pending(), 0, MOST);
  }

  /** Nothing began before the clock did. */
  static void since(Place place, PitWhole pit, long now) {
    for (int i = 0; i < PitState.CHANNELS; i++) {
      place.at("elapsedNanos").at(i).between(pit.elapsedNanos().get(i), 0, now);
    }
    long left = pit.ticker().leftNanos();
    place.at("ticker").at("leftNanos").between(left, -now, LONGEST_PERIOD);
  }

  private static void channel(Place place, PitState.Channel channel) {
    place.at("count").between(channel.count(), 1, Place.WORD);
    place.at("latchedCount").between(channel.latchedCount(), 0, HALF);
    place.at("countLatched").between(channel.countLatched(), 0, BYTE);
    place.at("statusLatched").between(channel.statusLatched(), 0, BYTE);
    place.at("status").between(channel.status(), 0, BYTE);
    place.at("readState").between(channel.readState(), 0, BYTE);
    place.at("writeState").between(channel.writeState(), 0, BYTE);
    place.at("writeLatch").between(channel.writeLatch(), 0, BYTE);
    place.at("rwMode").between(channel.rwMode(), 0, BYTE);
    place.at("mode").between(channel.mode(), 0, BYTE);
    place.at("bcd").between(channel.bcd(), 0, BYTE);
    place.at("gate").between(channel.gate(), 0, BYTE);
  }

  private static void ticker(Place place, PitWhole.Ticker ticker) {
    long least = ticker.armed() && ticker.periodic() ? PitWhole.SHORTEST_PERIOD : 0;
    place.at("periodNanos").between(ticker.periodNanos(), least, LONGEST_PERIOD);
    place.at("leftNanos").between(ticker.leftNanos(), -MOST, ticker.periodNanos());
    if (ticker.armed()) {
      place.at("leftNanos").between(ticker.leftNanos(), 0, ticker.periodNanos());
    }
  }
}
