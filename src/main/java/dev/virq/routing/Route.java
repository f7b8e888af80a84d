package dev.virq.routing;

import dev.virq.lapic.Message;

/** Where a line leads: a checked {@link RoutingEntry}. */
public sealed interface Route {
  /** To a pin of a chip. */
  record Pin(Chip chip, int pin) implements Route {}

  /** To a message. */
  record Send(Message message) implements Route {}
}
