package dev.virq.irqfd;

import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuListener;
import dev.virq.srcu.SrcuOptions;
import dev.virq.sync.ControlledWait;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Makes the SRCU domains of irqfds: they say when a grace period is about to wait for readers. */
final class IrqfdDomain {
  private static final SrcuOptions OPTIONS =
      SrcuOptions.DEFAULT
          // Never: a reader may be held for as long as its breakpoint says.
          .withStallAfter(Duration.ofSeconds(Long.MAX_VALUE))
          .withListener(
              new SrcuListener() {
                @Override
                public void waiting(BooleanSupplier quiet) {
                  ControlledWait.before(quiet);
                }
              });

  private IrqfdDomain() {}

  static SrcuDomain create() {
    return new SrcuDomain(OPTIONS);
  }
}
