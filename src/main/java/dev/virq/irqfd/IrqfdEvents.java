package dev.virq.irqfd;

import dev.virq.eventfd.SignalSource;
import dev.virq.stats.LineCounters;
import dev.virq.trace.EndCause;
import org.jspecify.annotations.Nullable;

/**
 * How the owner of a VM's irqfds follows their lives: what it is asked, and what it is notified of.
 */
public interface IrqfdEvents extends SignalSource {
  /**
   * A new irqfd was hooked. Wait-queue lock held: must not block.
   *
   * @return its number in the sandbox
   */
  long hooked(Irqfd irqfd);

  /**
   * The counters of a line, which are kept until the irqfd that asks is gone; null where lines are
   * not counted.
   */
  default @Nullable LineCounters line(long gsi) {
    return null;
  }

  /** What the cause of an end is called: a reset ends bindings by closing both sides. */
  EndCause named(EndCause cause);

  /** The end of an irqfd begins to wait: for injections, for readers, or for who severs. */
  void waiting();

  /** An irqfd is gone. On the thread that freed it, no lock held. */
  void freed(Irqfd irqfd);
}
