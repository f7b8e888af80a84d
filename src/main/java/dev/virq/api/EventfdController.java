package dev.virq.api;

import dev.virq.api.http.Located;
import dev.virq.api.http.Paging;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.ObjectId;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.sandbox.Sandboxes;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.ArrayList;
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

/** The eventfds of a sandbox: made, duplicated, read, closed. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/eventfds", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.EVENTFDS)
public class EventfdController {
  private final Sandboxes sandboxes;

  EventfdController(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** How an eventfd behaves, as eventfd(2) names it. */
  enum Flag {
    SEMAPHORE,
    NONBLOCK
  }

  /**
   * An eventfd to be made.
   *
   * @param initval its first counter, 0 to 2^32-1; 0 when left out
   * @param flags none when left out
   * @param name a label; none when left out
   */
  @Schema(name = "EventfdRequest", example = "{\"initval\":\"0\",\"flags\":[],\"name\":\"irq\"}")
  record EventfdRequest(
      @Nullable Unsigned initval, @Nullable List<Flag> flags, @Nullable String name) {}

  /**
   * An eventfd.
   *
   * @param id such as efd-1, never used again
   * @param name the label it was made with
   * @param fds its open descriptors, ascending
   * @param counter unsigned, decimal
   * @param flags it was made with
   * @param boundTo the irqfd that its writes wake
   * @param state OPEN; a closed one is gone
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Eventfd")
  record EventfdJson(
      String id,
      @Nullable String name,
      List<Integer> fds,
      String counter,
      List<Flag> flags,
      @Nullable BindingJson boundTo,
      String state,
      long seq)
      implements Located {

    static EventfdJson of(Host host, EventfdFile entry) {
      EventFd eventfd = entry.eventfd();
      if (eventfd == null) {
        throw new IllegalStateException("a pipe is listed as an eventfd");
      }
      List<Flag> flags = new ArrayList<>();
      if (eventfd.isSemaphore()) {
        flags.add(Flag.SEMAPHORE);
      }
      if (entry.nonblock()) {
        flags.add(Flag.NONBLOCK);
      }
      return new EventfdJson(
          ObjectId.EVENTFD.of(entry.id()),
          entry.name(),
          host.eventfds().descriptors(entry),
          Long.toUnsignedString(eventfd.counters().value()),
          flags,
          BindingJson.of(eventfd.hooked()),
          "OPEN",
          host.seq());
    }

    @Override
    public String madeBy(String path) {
      return Located.within(path, id);
    }
  }

  /**
   * What an eventfd is bound to.
   *
   * @param irqfd such as irqfd-1
   * @param vm such as vm-1
   * @param gsi the line
   */
  @Schema(name = "Binding")
  record BindingJson(String irqfd, String vm, long gsi) {
    static @Nullable BindingJson of(@Nullable WaitQueueEntry hooked) {
      return hooked == null
          ? null
          : new BindingJson(
              ObjectId.IRQFD.of(hooked.irqfdId()), ObjectId.VM.of(hooked.vmId()), hooked.gsi());
    }
  }

  /**
   * One more descriptor of the same eventfd.
   *
   * @param fd the lowest number that was free
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Descriptor")
  record DescriptorJson(int fd, long seq) implements Located {
    @Override
    public String madeBy(String path) {
      return Located.within(path.replaceFirst("/[^/]+/dup$", ""), fd);
    }
  }

  /**
   * What a read took.
   *
   * @param value unsigned, decimal
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "ReadValue")
  record ReadValueJson(String value, long seq) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createEventfd",
      summary = "Create an eventfd",
      description =
          "Its first descriptor is the lowest number from 3 on that is free. Without a"
              + " body the counter is 0 and no flag is set.")
  @AnswersErrno({Errno.EMFILE, Errno.ENFILE})
  EventfdJson create(@RequestBody(required = false) @Nullable EventfdRequest body, Host host) {
    EventfdRequest request = body == null ? new EventfdRequest(null, null, null) : body;
    Unsigned initval = request.initval() == null ? Unsigned.ZERO : request.initval();
    if (initval.bits() < 0 || initval.bits() > 0xffff_ffffL) {
      throw Params.invalid(
          "/initval", Long.toUnsignedString(initval.bits()) + " is outside 0..4294967295");
    }
    List<Flag> flags = request.flags() == null ? List.of() : request.flags();
    EventfdFile entry =
        host.eventfds()
            .create(
                initval.bits(),
                flags.contains(Flag.SEMAPHORE),
                flags.contains(Flag.NONBLOCK),
                Params.name("/name", request.name()));
    return EventfdJson.of(host, entry);
  }

  @GetMapping
  @Operation(
      operationId = "listEventfds",
      summary = "List open eventfds",
      description = "In the order of their ids. What is closed is not listed.")
  Paging.Page<EventfdJson> list(Paging paging, Host host) {
    Paging.Request page = paging.of("eventfds");
    return page.of(
        host.eventfds().list(page.afterNumber(0), page.size() + 1),
        entry -> Long.toString(entry.id()),
        entry -> EventfdJson.of(host, entry));
  }

  @GetMapping("/{efd}")
  @Operation(
      operationId = "getEventfd",
      summary = "Show an eventfd",
      description =
          "With its counter, its descriptors, and the irqfd that it is bound to. Once it is closed it"
              + " is EBADF; its irqfd and its signals can still be asked for.")
  @AnswersErrno(Errno.EBADF)
  EventfdJson get(@PathVariable String efd, Host host) {
    return EventfdJson.of(host, host.eventfds().find(Params.eventfd(efd)));
  }

  @PostMapping("/{efd}/dup")
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "duplicateDescriptor",
      summary = "Duplicate a descriptor; the lowest free number",
      description =
          "As dup(2): both descriptors are of the same eventfd, which lives until the"
              + " last of them is closed.")
  @AnswersErrno({Errno.EBADF, Errno.EMFILE, Errno.ENFILE})
  DescriptorJson dup(@PathVariable String efd, Host host) {
    int fd = host.eventfds().dup(Params.eventfd(efd));
    return new DescriptorJson(fd, host.seq());
  }

  @PostMapping("/{efd}/read")
  @Operation(
      operationId = "readEventfd",
      summary = "Read and clear the counter; a semaphore gives 1",
      description = "Without a timeout an empty eventfd answers EAGAIN at once.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN, Errno.ETIMEDOUT})
  ReadValueJson read(
      @PathVariable String efd,
      @RequestParam(required = false) @Nullable String timeout,
      Host host) {
    EventfdName ref = Params.eventfd(efd);
    long nanos = Params.timeoutNanos(timeout, Duration.ZERO, host.limits().maxWait());
    long value;
    try {
      value = host.eventfds().read(ref, nanos);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ECANCELED && sandboxes.isDraining()) {
        throw new ErrnoException(Errno.ESHUTDOWN, "the instance is shutting down");
      }
      throw e;
    }
    return new ReadValueJson(Long.toUnsignedString(value), host.seq());
  }

  @DeleteMapping("/{efd}")
  @Operation(
      operationId = "closeEventfd",
      summary = "Close one descriptor by its number, or all of them by the id",
      description =
          "The close of the last descriptor ends the irqfd that the eventfd is bound to,"
              + " and by default the answer waits until that is over. 202 says that it still"
              + " goes on; it has happened all the same, and must not be repeated.")
  @ApiResponse(responseCode = "200", description = "Settled", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "202",
      description = "Closed, still going",
      useReturnTypeSchema = true)
  @AnswersErrno(Errno.EBADF)
  ResponseEntity<CloseAnswer.CloseJson> close(
      @PathVariable String efd, Waiting waiting, Host host) {
    EventfdName ref = Params.eventfd(efd);
    long nanos = waiting.closeNanos(host.limits().maxWait());
    return CloseAnswer.answer(host, host.eventfds().close(ref), nanos);
  }
}
