package dev.virq.explore;

import dev.virq.protocol.BindProtocol;
import dev.virq.protocol.WakeKey;

/** Bindings that are made and signalled with one precaution less. */
final class BrokenBindings {
  static final BindProtocol PENDING_COUNT_IGNORED =
      steps -> {
        steps.reference();
        int _ = steps.hookOnly();
        return steps.list();
      };

  static final WakeKey EXACT_WAKEUP_KEY = (events, event) -> events == event;

  private BrokenBindings() {}
}
