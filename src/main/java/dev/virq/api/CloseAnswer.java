package dev.virq.api;

import dev.virq.api.http.InFlightJson;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.InFlight;
import dev.virq.inflight.PendingClose;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** How long the answer to a signal or a close waits for an action that has happened either way. */
public final class CloseAnswer {
  private CloseAnswer() {}

  /**
   * What a close did.
   *
   * @param lastReference whether it closed the last descriptor
   * @param released the irqfds that are gone
   * @param vmRefsDropped references to VMs dropped
   * @param vmFreed the VMs destroyed by that
   * @param gracePeriodNanos the longest grace period; until it is settled, of those that are over
   * @param flushNanos the longest wait for queued injections; until it is settled, of those that
   *     are over
   * @param waitedForReaders readers that the grace periods found; until it is settled, those of the
   *     ones that are over. The irqfd keeps the figures once it is FREED, the VM once RELEASED
   * @param settled whether it is over
   * @param pending what it still waits for
   * @param heldBy the threads held at breakpoints that keep it
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "CloseReport")
  record CloseJson(
      boolean lastReference,
      List<String> released,
      long vmRefsDropped,
      List<String> vmFreed,
      long gracePeriodNanos,
      long flushNanos,
      long waitedForReaders,
      boolean settled,
      @Nullable List<InFlightJson.Pending> pending,
      @Nullable List<InFlightJson.Held> heldBy,
      long seq) {}

  /** Waits as long as was asked for; never refuses because time is up. */
  public static ExactWait.Progress over(Host host, InFlight work, long nanos) {
    try {
      return host.waits().over(work, nanos);
    } catch (ErrnoException e) {
      // The action has happened: an error now would make the caller act twice.
      if (e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE || e.errno() == Errno.ESHUTDOWN) {
        return ExactWait.Progress.PENDING;
      }
      throw e;
    }
  }

  /** 200 when it is over, 202 with what keeps it otherwise. */
  static ResponseEntity<CloseJson> answer(Host host, PendingClose op, long nanos) {
    ExactWait.Progress progress = over(host, op, nanos);
    PendingClose.Report report = op.report();
    boolean held = progress == ExactWait.Progress.HELD;
    CloseJson body =
        new CloseJson(
            report.lastReference(),
            report.released().stream().map(irqfd -> ObjectId.IRQFD.of(irqfd.irqfdId())).toList(),
            report.vmRefsDropped(),
            report.vmFreed().stream().map(vm -> ObjectId.VM.of(vm)).toList(),
            report.gracePeriodNanos(),
            report.flushNanos(),
            report.waitedForReaders(),
            report.settled(),
            report.settled() ? null : List.of(InFlightJson.Pending.of(host.waits().pending(op))),
            held && !report.settled() ? InFlightJson.Held.of(host.waits().holders(op)) : null,
            host.seq());
    return ResponseEntity.status(report.settled() ? HttpStatus.OK : HttpStatus.ACCEPTED).body(body);
  }
}
