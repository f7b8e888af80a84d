package dev.virq.chip;

import dev.virq.routing.Chip;

/** Where chips report acknowledgements; releases the chip lock meanwhile. */
public interface Acks {
  /** An interrupt of the pin was acknowledged. */
  void acknowledged(Chip chip, int pin);

  /** Whether anybody wants to know of the pin's acknowledgements. */
  boolean hasNotifier(Chip chip, int pin);

  /** Whether somebody looks again at what holds the pin's line high. */
  boolean hasResampler(Chip chip, int pin);

  /** The guest has cleared the mask of the pin. */
  void maskCleared(Chip chip, int pin);

  /** The pin was unmasked while an interrupt waited. */
  void unmasked(Chip chip, int pin);
}
