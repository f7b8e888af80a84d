package dev.virq.pit;

import java.util.ArrayList;
import java.util.List;

/**
 * The PIT at one moment: {@code struct kvm_pit_state2} without the times at which counts were
 * loaded.
 *
 * @param channels the three counters
 * @param flags bit 0 when an HPET has taken the place of counter 0, bit 1 when the speaker's data
 *     is on; the others are kept
 */
public record PitState(List<Channel> channels, long flags) {
  /** How many counters there are. */
  public static final int CHANNELS = 3;

  /** KVM_PIT_FLAGS_HPET_LEGACY: counter 0 does not tick. */
  public static final long HPET_LEGACY = 1;

  /** KVM_PIT_FLAGS_SPEAKER_DATA_ON. */
  public static final long SPEAKER_DATA = 2;

  /** Copies the list. */
  public PitState {
    channels = List.copyOf(channels);
  }

  /** The same with another counter. */
  public PitState with(int number, Channel channel) {
    List<Channel> changed = new ArrayList<>(channels);
    changed.set(number, channel);
    return new PitState(changed, flags);
  }

  /**
   * A counter: {@code struct kvm_pit_channel_state}. All but the counts have 8 bits.
   *
   * @param count what it counts down from, 32 bits; 0 stands for 65536
   * @param latchedCount a count kept for reading, 16 bits
   * @param countLatched which bytes of it are left to read, as a read state; 0 for none
   * @param statusLatched whether a status is kept for reading; not 0 for yes
   * @param status that status
   * @param readState which byte is read next: 1 the low one, 2 the high one, 3 the low one of both,
   *     4 the high one of both
   * @param writeState which byte is written next, likewise
   * @param writeLatch the low byte of a count whose high one is missing
   * @param rwMode the bytes that accesses mean: 1 low, 2 high, 3 both
   * @param mode 0 to 5; 255 before the first control word
   * @param bcd without effect
   * @param gate whether counting is let through
   */
  public record Channel(
      long count,
      int latchedCount,
      int countLatched,
      int statusLatched,
      int status,
      int readState,
      int writeState,
      int writeLatch,
      int rwMode,
      int mode,
      int bcd,
      int gate) {}
}
