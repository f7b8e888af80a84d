package dev.virq.api;

import dev.virq.api.http.InFlightJson;
import dev.virq.api.http.Located;
import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.irqfd.IrqfdInfo;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.IrqfdView;
import dev.virq.irqfd.TearDown;
import dev.virq.srcu.SrcuDomain;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The irqfds of a sandbox: eventfds bound to lines. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.IRQFDS)
public class IrqfdController {

  /** How an irqfd behaves, as KVM_IRQFD names it. */
  enum Flag {
    RESAMPLE
  }

  /**
   * A binding to be made.
   *
   * @param fd the trigger by descriptor number; this or eventfd
   * @param eventfd the trigger by id
   * @param gsi the line, 0 to 2^32-1; need not be routed
   * @param flags RESAMPLE; none when left out
   * @param resampleFd by descriptor number; this or resampleEventfd, with RESAMPLE only
   * @param resampleEventfd by id
   */
  @Schema(name = "IrqfdRequest", example = "{\"fd\":3,\"gsi\":5}")
  record IrqfdRequest(
      @Schema(format = "int32") @Nullable Long fd,
      @Nullable String eventfd,
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED, minimum = "0", maximum = "4294967295")
          @Nullable Long gsi,
      @Nullable List<Flag> flags,
      @Schema(format = "int32") @Nullable Long resampleFd,
      @Nullable String resampleEventfd) {}

  /**
   * A binding to be ended, if there is one.
   *
   * @param fd the eventfd by a descriptor; or eventfd
   * @param eventfd the eventfd by its id, such as efd-1; or fd
   * @param gsi the line that it is bound to
   */
  @Schema(name = "DeassignRequest", example = "{\"fd\":3,\"gsi\":6}")
  record DeassignRequest(
      @Schema(format = "int32") @Nullable Long fd,
      @Nullable String eventfd,
      @Schema(requiredMode = Schema.RequiredMode.REQUIRED, minimum = "0", maximum = "4294967295")
          @Nullable Long gsi) {}

  /**
   * An SRCU domain: a rank is quiet when as many of its read sections have ended as have begun.
   *
   * @param index the rank of new readers
   * @param begun read sections begun in rank 0 and in rank 1
   * @param ended read sections ended in rank 0 and in rank 1
   */
  @Schema(name = "SrcuRanks")
  record SrcuJson(int index, List<Long> begun, List<Long> ended) {
    static @Nullable SrcuJson of(SrcuDomain.@Nullable Ranks ranks) {
      return ranks == null ? null : new SrcuJson(ranks.index(), ranks.begun(), ranks.ended());
    }
  }

  /**
   * A binding; callbacks = queued + coalesced, queued = injected + severed + inFlight.
   *
   * @param id such as irqfd-1, never used again
   * @param vm such as vm-1
   * @param eventfd such as efd-1
   * @param gsi the line
   * @param resample whether the line stays up until the guest's end of interrupt
   * @param state ACTIVE, and then how far its end is
   * @param callbacks wake-ups by writes
   * @param queued wake-ups that led to an injection of their own
   * @param coalesced wake-ups merged into an injection that was queued already
   * @param injected injections that reached the VM
   * @param severed injections that found the VM gone
   * @param inFlight injections queued or running
   * @param srcu what the two ranks of its SRCU domain have counted; absent once FREED
   * @param gracePeriodNanos once FREED: how long its grace period lasted
   * @param flushNanos once FREED: how long queued injections were waited for
   * @param waitedForReaders once FREED: readers that its grace period found
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Irqfd")
  record IrqfdJson(
      String id,
      String vm,
      String eventfd,
      long gsi,
      boolean resample,
      IrqfdState state,
      long callbacks,
      long queued,
      long coalesced,
      long injected,
      long severed,
      long inFlight,
      @Nullable SrcuJson srcu,
      @Nullable Long gracePeriodNanos,
      @Nullable Long flushNanos,
      @Nullable Long waitedForReaders,
      long seq)
      implements Located {

    static IrqfdJson of(Host host, IrqfdView irqfd) {
      IrqfdInfo info = irqfd.info();
      // It may have moved on since: the figures come with FREED only.
      TearDown end = info.state() == IrqfdState.FREED ? irqfd.end() : null;
      return new IrqfdJson(
          ObjectId.IRQFD.of(irqfd.irqfdId()),
          ObjectId.VM.of(irqfd.vmId()),
          ObjectId.EVENTFD.of(irqfd.eventfdId()),
          irqfd.gsi(),
          irqfd.isResample(),
          info.state(),
          info.callbacks(),
          info.queued(),
          info.coalesced(),
          info.injected(),
          info.severed(),
          info.inFlight(),
          SrcuJson.of(irqfd.ranks()),
          end == null ? null : (Long) end.gracePeriodNanos(),
          end == null ? null : (Long) end.flushNanos(),
          end == null ? null : (Long) end.waitedForReaders(),
          host.seq());
    }

    @Override
    public String madeBy(String path) {
      return Located.within(path, id);
    }
  }

  /**
   * What a de-assign ended.
   *
   * @param released bindings ended: 0 or 1
   * @param settled whether they are gone
   * @param pending what still is not
   * @param heldBy the threads held at breakpoints that keep it
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Deassigned")
  record DeassignedJson(
      int released,
      boolean settled,
      @Nullable List<InFlightJson.Pending> pending,
      @Nullable List<InFlightJson.Held> heldBy,
      long seq) {}

  @PostMapping(path = "/vms/{vm}/irqfds", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "assignIrqfd",
      summary = "Bind an eventfd to a line",
      description =
          "As KVM_IRQFD. From now on each write to the eventfd injects into the line. An"
              + " eventfd is bound once, in all VMs: EBUSY. What was in the counter before is"
              + " injected at once.")
  @AnswersErrno(
      value = {Errno.EBADF, Errno.EBUSY, Errno.EMFILE, Errno.ENFILE},
      namesDescriptors = true)
  IrqfdJson assign(@PathVariable String vm, @RequestBody IrqfdRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long gsi = Params.required("/gsi", body.gsi(), 0, Params.MAX_GSI);
    NamedEventfd trigger = NamedEventfd.of("/fd", body.fd(), "/eventfd", body.eventfd());
    boolean resampled = body.resampleFd() != null || body.resampleEventfd() != null;
    boolean resample = body.flags() != null && body.flags().contains(Flag.RESAMPLE);
    if (resampled && !resample) {
      throw Params.invalid("/flags", "must contain RESAMPLE when a resample eventfd is given");
    }
    NamedEventfd target =
        resample
            ? NamedEventfd.of(
                "/resampleFd", body.resampleFd(), "/resampleEventfd", body.resampleEventfd())
            : null;
    try {
      EventfdName resampler = target == null ? null : target.ref();
      return IrqfdJson.of(host, host.irqfds().assign(id, trigger.ref(), gsi, resampler));
    } catch (ErrnoException e) {
      throw NamedEventfd.pointedAt(e, trigger, target);
    }
  }

  @GetMapping("/vms/{vm}/irqfds")
  @Operation(
      operationId = "listIrqfds",
      summary = "List a VM's irqfds",
      description = "Freed ones are listed only with state=FREED, the last ones.")
  Paging.Page<IrqfdJson> list(
      @PathVariable String vm,
      @Parameter(schema = @Schema(implementation = IrqfdState.class))
          @RequestParam(required = false)
          @Nullable String state,
      @RequestParam(required = false) @Nullable String gsi,
      @RequestParam(required = false) @Nullable String eventfd,
      Paging paging,
      Host host) {
    long id = Params.id(ObjectId.VM, vm);
    var _ = host.vms().find(id);
    IrqfdFilter filter = IrqfdFilter.of(id, state, gsi, eventfd);
    Paging.Request page = paging.of("irqfds/" + vm);
    return page.of(
        filter.found(host, page.afterNumber(0), page.size() + 1),
        irqfd -> Long.toString(irqfd.irqfdId()),
        irqfd -> IrqfdJson.of(host, irqfd));
  }

  @GetMapping("/irqfds/{irqfd}")
  @Operation(
      operationId = "getIrqfd",
      summary = "Show an irqfd",
      description = "A freed one can be asked for until newer ones take its place.")
  IrqfdJson get(@PathVariable String irqfd, Host host) {
    return IrqfdJson.of(host, host.irqfds().find(Params.id(ObjectId.IRQFD, irqfd)));
  }

  @PostMapping(path = "/vms/{vm}/irqfds/deassign", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "deassignIrqfd",
      summary = "Unbind by eventfd and line; succeeds when there is nothing to unbind",
      description =
          "As today's kernel answers. The thread removed this call in favour of closing the"
              + " eventfd; mainline brought it back.")
  @ApiResponse(responseCode = "200", description = "Settled", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Unbound, still going",
      useReturnTypeSchema = true)
  @AnswersErrno(
      value = {Errno.EBADF, Errno.EMFILE, Errno.ENFILE},
      namesDescriptors = true)
  ResponseEntity<DeassignedJson> deassign(
      @PathVariable String vm, Waiting waiting, @RequestBody DeassignRequest body, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    long nanos = waiting.closeNanos(host.limits().maxWait());
    long gsi = Params.required("/gsi", body.gsi(), 0, Params.MAX_GSI);
    NamedEventfd trigger = NamedEventfd.of("/fd", body.fd(), "/eventfd", body.eventfd());
    PendingClose op;
    try {
      op = host.irqfds().deassign(id, trigger.ref(), gsi);
    } catch (ErrnoException e) {
      throw NamedEventfd.pointedAt(e, trigger, null);
    }
    ResponseEntity<CloseAnswer.CloseJson> closed = CloseAnswer.answer(host, op, nanos);
    CloseAnswer.CloseJson report = Params.required("", closed.getBody());
    return ResponseEntity.status(closed.getStatusCode())
        .body(
            new DeassignedJson(
                op.bindings(), report.settled(), report.pending(), report.heldBy(), report.seq()));
  }

  @GetMapping("/vms/{vm}/irqfds/{irqfd}")
  @Operation(
      operationId = "getIrqfdOfVm",
      summary = "Show an irqfd of a VM",
      description =
          "Where it was made, and where it is unbound. Not found when it is another VM's.")
  IrqfdJson getOfVm(@PathVariable String vm, @PathVariable String irqfd, Host host) {
    long id = Params.id(ObjectId.VM, vm);
    IrqfdJson found = get(irqfd, host);
    if (!found.vm().equals(ObjectId.VM.of(id))) {
      throw new ErrnoException(
          Errno.ENOENT, "irqfd %s is one of %s, not of %s".formatted(found.id(), found.vm(), vm));
    }
    return found;
  }

  @DeleteMapping("/vms/{vm}/irqfds/{irqfd}")
  @Operation(
      operationId = "deleteIrqfd",
      summary = "Unbind one irqfd",
      description =
          "By default the answer waits until no injection can come from it any more. An"
              + " irqfd that is gone is not found.")
  @ApiResponse(responseCode = "200", description = "Settled", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Unbound, still going",
      useReturnTypeSchema = true)
  @AnswersErrno({Errno.EBADF, Errno.EMFILE, Errno.ENFILE})
  ResponseEntity<CloseAnswer.CloseJson> delete(
      @PathVariable String vm, @PathVariable String irqfd, Waiting waiting, Host host) {
    long vmId = Params.id(ObjectId.VM, vm);
    long id = Params.id(ObjectId.IRQFD, irqfd);
    long nanos = waiting.closeNanos(host.limits().maxWait());
    return CloseAnswer.answer(host, host.irqfds().deassign(vmId, id), nanos);
  }
}
