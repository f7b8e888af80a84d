package dev.virq.api;

import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.chip.IrqLine;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.stats.LineCounters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The interrupt lines of one VM, with their counters. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/gsis",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.VMS)
public class GsiController {

  /**
   * A line.
   *
   * @param gsi its number
   * @param routed whether it leads anywhere
   * @param level 1 while anybody holds high the pin that it leads to
   * @param pending signals without an outcome yet
   * @param signalled signals accepted
   * @param injected signals that reached the VM, whatever the line status
   * @param coalesced signals merged with a queued injection
   * @param ignored signals to a line that leads nowhere
   * @param dropped signals that found the relation severed
   * @param status what the interrupt controller made of the raises
   * @param raises times it rose
   * @param lowers times it fell
   * @param lastSeq number of the event of the last outcome
   */
  @Schema(name = "Gsi")
  record GsiJson(
      long gsi,
      boolean routed,
      int level,
      long pending,
      long signalled,
      long injected,
      long coalesced,
      long ignored,
      long dropped,
      StatusCountsJson status,
      long raises,
      long lowers,
      long lastSeq) {

    static GsiJson of(IrqLine line, LineCounters.Snapshot counters) {
      return new GsiJson(
          line.gsi(),
          line.routed(),
          line.level() ? 1 : 0,
          counters.pending(),
          counters.signalled(),
          counters.injected(),
          counters.coalesced(),
          counters.ignored(),
          counters.dropped(),
          new StatusCountsJson(
              counters.lineDelivered(), counters.lineCoalesced(), counters.lineIgnored()),
          line.raises(),
          line.lowers(),
          counters.lastSeq());
    }
  }

  /**
   * Raises of a line, by irqfds and by line calls, by the line status.
   *
   * @param delivered accepted by somebody, or latched
   * @param coalesced merged with a request that was not acknowledged yet
   * @param ignored masked, waiting for the end of the last one, or leading nowhere
   */
  @Schema(name = "LineStatusCounts")
  record StatusCountsJson(long delivered, long coalesced, long ignored) {}

  /**
   * What to drive a line to.
   *
   * @param level 0 lowers, 1 raises, and so does every other number of 32 bits
   */
  @Schema(name = "LineRequest", example = "{\"level\":0}")
  record LineRequest(
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED, minimum = "0", maximum = "4294967295")
          @Nullable Long level) {}

  /**
   * As KVM_IRQ_LINE_STATUS tells it.
   *
   * @param status more than 0 delivered, 0 coalesced, -1 ignored
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "LineStatus")
  record LineStatusJson(int status, long seq) {}

  @GetMapping
  @Operation(
      operationId = "listGsis",
      summary = "List the lines that are routed or bound",
      description = "In ascending order, with the same counters as a single line.")
  Paging.Page<GsiJson> list(@PathVariable String vm, Paging paging, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    Paging.Request page = paging.of("gsis/" + vm);
    return page.of(
        host.chips().lines(id, page.afterNumber(-1), page.size() + 1),
        gsi -> Long.toString(gsi),
        gsi -> view(host, id, gsi));
  }

  @GetMapping("/{gsi}")
  @Operation(
      operationId = "getGsi",
      summary = "Show a line",
      description = "A line that leads nowhere is shown, too: its number need only be one.")
  GsiJson get(@PathVariable String vm, @PathVariable String gsi, Host host) {
    return view(host, Params.id(ObjectId.VM, vm), Params.gsi(gsi));
  }

  @PutMapping(path = "/{gsi}/line", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "setLine",
      summary = "Drive a line, as KVM_IRQ_LINE_STATUS",
      description =
          "Level 1 holds the line high until level 0. The status tells what the interrupt"
              + " controller made of it.")
  @AnswersErrno({Errno.EBADF, Errno.ENXIO, Errno.EMFILE, Errno.ENFILE})
  LineStatusJson setLine(
      @PathVariable String vm, @PathVariable String gsi, @RequestBody LineRequest body, Host host) {
    boolean high = Params.required("/level", body.level(), 0, 0xffff_ffffL) != 0;
    int status = host.chips().setLine(Params.id(ObjectId.VM, vm), Params.gsi(gsi), high);
    return new LineStatusJson(status, host.seq());
  }

  private static GsiJson view(Host host, long vm, long gsi) {
    return GsiJson.of(host.chips().line(vm, gsi), host.chips().lineCounters(vm, gsi));
  }
}
