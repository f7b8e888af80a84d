package dev.virq.host;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.inflight.RecentSignals;
import dev.virq.irqfd.Irqfd;
import dev.virq.irqfd.IrqfdEvents;
import dev.virq.limits.Budget;
import dev.virq.protocol.Protocol;
import dev.virq.stats.LineBook;
import dev.virq.stats.LineCounters;
import dev.virq.sync.NumberedTable;
import dev.virq.trace.EndCause;
import dev.virq.workqueue.WorkQueue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows the irqfds of one VM for its host. */
final class VmIrqfdEvents implements IrqfdEvents {
  /**
   * What VMs need to have irqfds.
   *
   * @param injection where injections run
   * @param cleanup where bindings end
   * @param table numbers irqfds
   * @param signals makes signals
   * @param protocol in which order bindings are made, signalled and ended
   */
  record Parts(
      WorkQueue injection,
      WorkQueue cleanup,
      IrqfdTable table,
      RecentSignals signals,
      Protocol protocol) {}

  private final CallContext context;
  private final Parts parts;
  private final LineBook lines;
  private final Budget memory;

  /** The VM's irqfds that are not freed. */
  private final NumberedTable<Irqfd> bound = new NumberedTable<>();

  /** Whether the VM's close is under way, which keeps the irqfds that it ends until it is over. */
  @GuardedBy("this")
  private boolean closing;

  /** Bytes of the irqfds that were freed meanwhile. */
  @GuardedBy("this")
  private long kept;

  VmIrqfdEvents(CallContext context, Parts parts, LineBook lines, Budget memory) {
    this.memory = memory;
    this.context = context;
    this.parts = parts;
    this.lines = lines;
  }

  @Override
  public long hooked(Irqfd irqfd) {
    long id = parts.table().add(irqfd);
    bound.put(id, irqfd);
    return id;
  }

  @Override
  public @Nullable LineCounters line(long gsi) {
    return lines.find(gsi);
  }

  /** The VM's irqfds after a number, in order; freed ones are left out. */
  List<Irqfd> bound(long after, int limit) {
    return bound.after(after, limit);
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
    boolean _ = bound.remove(irqfd.irqfdId(), irqfd);
    lines.unbind(irqfd.gsi());
    giveBack(IrqfdTable.bytes(irqfd.isResample()));
    parts.table().release();
    context.inFlight().objectGone();
  }

  private synchronized void giveBack(long bytes) {
    if (closing) {
      kept += bytes;
    } else {
      memory.release(bytes);
    }
  }

  /** The VM's close begins: it lists every irqfd until it is over, those that are freed too. */
  synchronized void closing() {
    closing = true;
  }

  /** The VM's close lists nothing any more. */
  synchronized void closed() {
    closing = false;
    memory.release(kept);
    kept = 0;
  }
}
