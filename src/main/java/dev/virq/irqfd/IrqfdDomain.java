package dev.virq.irqfd;

import dev.virq.srcu.SrcuListener;
import dev.virq.srcu.SrcuOptions;
import dev.virq.sync.ControlledWait;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** How the SRCU domains of irqfds are set up: they say when a grace period is about to wait. */
final class IrqfdDomain {
  static final SrcuOptions OPTIONS =
      SrcuOptions.DEFAULT
          // Never: a reader may be held for as long as its breakpoint says.
          .withStallAfter(Duration.ofSeconds(Long.MAX_VALUE))
          // Two readers at most meet in an irqfd's domain, an injection and a message that is sent
          // at once; and what it takes is paid for when the irqfd is made.
          .withoutStripes()
          .withListener(
              new SrcuListener() {
                @Override
                public void waiting(BooleanSupplier over) {
                  ControlledWait.before(over);
                }
              });

  private IrqfdDomain() {}
}
