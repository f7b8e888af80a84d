package dev.virq.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.irqfd.IrqfdState;
import dev.virq.irqfd.IrqfdView;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Exact waiting: the call that fails when what it waits for does not come. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/wait", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.WAIT)
public class WaitController {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** What can be waited for. */
  enum What {
    @JsonProperty("settled")
    SETTLED,
    @JsonProperty("parked")
    PARKED,
    @JsonProperty("injected")
    INJECTED,
    @JsonProperty("released")
    RELEASED
  }

  /**
   * What to wait for.
   *
   * @param what settled, parked, injected, or released: of a VM RELEASED, of an irqfd FREED
   * @param vm injected (with gsi), released
   * @param gsi injected
   * @param irqfd injected, released
   * @param eventfd injected: the irqfd that it is bound to
   * @param breakpoint parked
   * @param atLeast parked (with breakpoint), injected; 1 when left out
   * @param atMost injected: more is a storm; no bound when left out
   * @param upToSeq settled; the newest event when left out
   * @param timeout how long at most, and not longer than limits.waitNanos; PT5S when left out
   */
  @Schema(name = "WaitRequest", example = "{\"for\":\"settled\",\"timeout\":\"PT5S\"}")
  record WaitRequest(
      @JsonProperty("for")
          @Schema(
              requiredMode = Schema.RequiredMode.REQUIRED,
              description =
                  "settled, parked, injected, or released: of a VM RELEASED, of an irqfd FREED")
          @Nullable What what,
      @Nullable String vm,
      @Nullable Long gsi,
      @Nullable String irqfd,
      @Nullable String eventfd,
      @Nullable String breakpoint,
      @Nullable Long atLeast,
      @Nullable Long atMost,
      @Nullable Long upToSeq,
      @Nullable Duration timeout) {

    /**
     * Refuses members that mean nothing for what is waited for.
     *
     * @param kind of wait, as the refusal names it
     */
    void allows(String kind, String... members) {
      Map<String, @Nullable Object> given = new LinkedHashMap<>();
      given.put("vm", vm);
      given.put("gsi", gsi);
      given.put("irqfd", irqfd);
      given.put("eventfd", eventfd);
      given.put("breakpoint", breakpoint);
      given.put("atLeast", atLeast);
      given.put("atMost", atMost);
      given.put("upToSeq", upToSeq);
      given.forEach((name, value) -> {
        if (value != null && !List.of(members).contains(name)) {
          throw Params.invalid("/" + name, "cannot be combined with " + kind);
        }
      });
    }
  }

  /**
   * What came.
   *
   * @param met always true: anything else is an error
   * @param seq number of the sandbox's newest event
   * @param elapsedNanos how long it took
   * @param observed what was looked at, as it was then
   */
  @Schema(name = "Met")
  record MetJson(boolean met, long seq, long elapsedNanos, ObservedJson observed) {}

  /**
   * What was looked at; only what was waited for.
   *
   * @param upToSeq settled: all accepted up to here is over
   * @param parked threads stopped
   * @param injected the counter
   * @param state of the VM or irqfd
   * @param releasedSeq number of the event of the VM's release
   */
  @Schema(name = "Observed")
  record ObservedJson(
      @Nullable Long upToSeq,
      @Nullable Long parked,
      @Nullable Long injected,
      @Schema(
              allowableValues = {
                "OPEN",
                "CLOSING",
                "RELEASED",
                "ACTIVE",
                "UNHOOKED",
                "FLUSHING",
                "DISCONNECTED",
                "GRACE",
                "FREED"
              })
          @Nullable String state,
      @Nullable Long releasedSeq) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "waitFor",
      summary = "Wait until all is settled, parked, injected or released",
      description =
          "ETIMEDOUT says what was seen, what is pending and who holds it. For settled, and for the"
              + " released of what is being closed, EDEADLK at once when all of it is held at"
              + " breakpoints. ERANGE at once when more was injected than allowed.")
  @AnswersErrno(
      value = {Errno.EDEADLK, Errno.ERANGE, Errno.EMFILE, Errno.ETIMEDOUT},
      namesDescriptors = true)
  MetJson await(@RequestBody WaitRequest body, Host host) {
    Duration most = host.limits().maxWait();
    long nanos =
        Params.duration("/timeout", body.timeout(), DEFAULT_TIMEOUT, Duration.ZERO, most).toNanos();
    long start = System.nanoTime();
    ObservedJson observed =
        switch (Params.required("/for", body.what())) {
          case SETTLED -> settled(host, body, nanos);
          case PARKED -> parked(host, body, nanos);
          case INJECTED -> injected(host, body, nanos);
          case RELEASED -> released(host, body, nanos);
        };
    return new MetJson(true, host.seq(), System.nanoTime() - start, observed);
  }

  private static ObservedJson settled(Host host, WaitRequest body, long nanos) {
    body.allows("for=settled", "upToSeq");
    long newest = host.seq();
    long upTo =
        body.upToSeq() == null ? newest : Params.between("/upToSeq", body.upToSeq(), 0, newest);
    host.waits().settled(upTo, nanos);
    return new ObservedJson(upTo, null, null, null, null);
  }

  private static ObservedJson parked(Host host, WaitRequest body, long nanos) {
    if (body.breakpoint() == null) {
      body.allows("for=parked without breakpoint");
      host.waits().parked(nanos);
      long parked = host.breakpoints().parked().size();
      return new ObservedJson(null, parked, null, null, null);
    }
    body.allows("for=parked", "breakpoint", "atLeast");
    long id = Params.id("/breakpoint", ObjectId.BREAKPOINT, body.breakpoint());
    int atLeast =
        body.atLeast() == null
            ? 1
            : (int) Params.between("/atLeast", body.atLeast(), 1, Integer.MAX_VALUE);
    host.waits().parked(id, atLeast, nanos);
    return new ObservedJson(null, (long) atLeast, null, null, null);
  }

  private static ObservedJson injected(Host host, WaitRequest body, long nanos) {
    body.allows("for=injected", "vm", "gsi", "irqfd", "eventfd", "atLeast", "atMost");
    long atLeast =
        body.atLeast() == null ? 1 : Params.between("/atLeast", body.atLeast(), 0, Long.MAX_VALUE);
    long atMost =
        body.atMost() == null
            ? Long.MAX_VALUE
            : Params.between("/atMost", body.atMost(), atLeast, Long.MAX_VALUE);
    Counter counter = counter(host, body);
    long count = host.waits().counted(counter.what(), counter.value(), atLeast, atMost, nanos);
    return new ObservedJson(null, null, count, null, null);
  }

  /** A counter of injections, and what it counts at. */
  private record Counter(String what, LongSupplier value) {
    static Counter of(IrqfdView irqfd) {
      return new Counter(
          "%s of %s, line %d"
              .formatted(
                  ObjectId.IRQFD.of(irqfd.irqfdId()), ObjectId.VM.of(irqfd.vmId()), irqfd.gsi()),
          () -> irqfd.info().injected());
    }
  }

  private static Counter counter(Host host, WaitRequest body) {
    boolean line = body.vm() != null || body.gsi() != null;
    int targets =
        (line ? 1 : 0) + (body.irqfd() == null ? 0 : 1) + (body.eventfd() == null ? 0 : 1);
    if (targets != 1) {
      throw Params.invalid("", "for=injected needs exactly one of irqfd, eventfd, or vm with gsi");
    }
    if (body.irqfd() != null) {
      return Counter.of(host.irqfds().find(Params.id("/irqfd", ObjectId.IRQFD, body.irqfd())));
    }
    if (body.eventfd() != null) {
      return Counter.of(bound(host, Params.id("/eventfd", ObjectId.EVENTFD, body.eventfd())));
    }
    long vm = Params.id("/vm", ObjectId.VM, Params.required("/vm", body.vm()));
    long gsi = Params.required("/gsi", body.gsi(), 0, Params.MAX_GSI);
    var _ = host.vms().find(vm);
    return new Counter(
        "line %d of %s".formatted(gsi, ObjectId.VM.of(vm)),
        () -> host.chips().lineCounters(vm, gsi).injected());
  }

  private static IrqfdView bound(Host host, long id) {
    EventFd eventfd;
    try {
      eventfd = host.eventfds().find(EventfdName.id(id)).eventfd();
    } catch (ErrnoException e) {
      throw Params.refused(e.errno(), "/eventfd", e.sentence());
    }
    WaitQueueEntry hooked = eventfd == null ? null : eventfd.hooked();
    if (hooked == null) {
      throw Params.invalid("/eventfd", ObjectId.EVENTFD.of(id) + " is not bound to a line");
    }
    return host.irqfds().find(hooked.irqfdId());
  }

  private static ObservedJson released(Host host, WaitRequest body, long nanos) {
    body.allows("for=released", "vm", "irqfd");
    if ((body.vm() == null) == (body.irqfd() == null)) {
      throw Params.invalid("", "for=released needs exactly one of vm and irqfd");
    }
    if (body.vm() != null) {
      VmFile vm = host.vms().find(Params.id("/vm", ObjectId.VM, body.vm()));
      host.waits()
          .gone(
              () -> vm.state() == VmFile.State.RELEASED,
              () -> vm.state() != VmFile.State.OPEN,
              body.vm(),
              nanos);
      return new ObservedJson(null, null, null, vm.state().name(), vm.seq());
    }
    String id = Params.required("/irqfd", body.irqfd());
    IrqfdView irqfd = host.irqfds().find(Params.id("/irqfd", ObjectId.IRQFD, id));
    host.waits()
        .gone(
            () -> irqfd.info().state() == IrqfdState.FREED,
            () -> irqfd.info().state() != IrqfdState.ACTIVE,
            id,
            nanos);
    return new ObservedJson(null, null, null, irqfd.info().state().name(), null);
  }
}
