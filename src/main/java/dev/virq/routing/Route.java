package dev.virq.routing;

import dev.virq.message.Message;

/** Where a line leads: a checked {@link RoutingEntry}. */
public sealed interface Route {
  /** To a pin of a chip. */
  record Pin(Chip chip, int pin) implements Route {}

  /**
   * To a message.
   *
   * @param message as it is where destinations have 8 bits
   * @param addressHigh upper 32 bits of its address, which matter where they have 32
   */
  record Send(Message message, long addressHigh) implements Route {
    /** The message; {@code wide} where destinations have 32 bits. */
    public Message message(boolean wide) {
      return wide ? message.wide(addressHigh) : message;
    }
  }
}
