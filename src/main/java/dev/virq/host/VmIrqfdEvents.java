package dev.virq.host;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdEvents;
import dev.virq.stats.LineBook;
import dev.virq.trace.EndCause;

/** Follows the irqfds of one VM for its host. */
final class VmIrqfdEvents implements IrqfdEvents {
  private final CallContext context;
  private final IrqfdParts parts;
  private final LineBook lines;

  VmIrqfdEvents(CallContext context, IrqfdParts parts, LineBook lines) {
    this.context = context;
    this.parts = parts;
    this.lines = lines;
  }

  @Override
  public long hooked(Irqfd irqfd) {
    return parts.table().add(irqfd);
  }

  @Override
  public Signal signal(EventFd eventfd) {
    return parts.signals().signal(eventfd.eventfdId());
  }

  @Override
  public EndCause named(EndCause cause) {
    return context.named(cause);
  }

  @Override
  public void waiting() {
    context.inFlight().changed();
  }

  @Override
  public void freed(Irqfd irqfd) {
    parts.table().freed(irqfd);
    lines.unbind(irqfd.gsi());
    parts.table().release();
    context.inFlight().changed();
  }
}
