package dev.virq.irqfd;

import dev.virq.srcu.SrcuListener;
import dev.virq.srcu.SrcuOptions;
import dev.virq.sync.ControlledWait;
import dev.virq.trace.Probe;
import dev.virq.workqueue.WorkQueue;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * What the irqfds of one VM share.
 *
 * @param injection where injections run
 * @param cleanup where bindings end; never the injection queue, which it waits for
 * @param probe sees every step
 * @param events follows the lives of the irqfds
 */
public record IrqfdContext(
    WorkQueue injection, WorkQueue cleanup, Probe probe, IrqfdEvents events) {

  /** The domains of irqfds say when a grace period is about to wait for its readers. */
  static final SrcuOptions SRCU =
      SrcuOptions.DEFAULT
          .withStallAfter(Duration.ofSeconds(Long.MAX_VALUE))
          .withListener(
              new SrcuListener() {
                @Override
                public void waiting(BooleanSupplier quiet) {
                  ControlledWait.before(quiet);
                }
              });
}
