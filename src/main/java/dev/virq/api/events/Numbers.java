package dev.virq.api.events;

import dev.virq.api.http.Params;

/** Numbers in a query. */
final class Numbers {
  private Numbers() {}

  /** A number, from 0. */
  static long parse(String parameter, String text, long most) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw Params.invalid("%s \"%s\" is not a number".formatted(parameter, Params.shown(text)));
    }
    throw Params.invalid("%s %s is outside 0..%d".formatted(parameter, Params.shown(text), most));
  }
}
