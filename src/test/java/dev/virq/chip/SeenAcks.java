package dev.virq.chip;

import dev.virq.routing.Chip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Keeps what a chip tells of acknowledgements, as "MASTER 3 acknowledged". */
final class SeenAcks implements Acks {
  private final List<String> seen = new ArrayList<>();
  private final Set<String> notified = new HashSet<>();

  /** What was told, in order. */
  List<String> seen() {
    return List.copyOf(seen);
  }

  /** From now on somebody wants to know of the pin, as a resample irqfd does. */
  void notifierOf(Chip chip, int pin) {
    notified.add(chip + " " + pin);
  }

  @Override
  public void acknowledged(Chip chip, int pin) {
    seen.add(chip + " " + pin + " acknowledged");
  }

  @Override
  public boolean hasNotifier(Chip chip, int pin) {
    return notified.contains(chip + " " + pin);
  }

  @Override
  public boolean hasResampler(Chip chip, int pin) {
    return hasNotifier(chip, pin);
  }

  @Override
  public void maskCleared(Chip chip, int pin) {
    // Of no matter to these tests.
  }

  @Override
  public void unmasked(Chip chip, int pin) {
    seen.add(chip + " " + pin + " unmasked");
  }
}
