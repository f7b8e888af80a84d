package dev.virq.api;

import dev.virq.api.http.Located;
import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.eventfd.EventFd;
import dev.virq.host.Host;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What scripts do with descriptors besides: poll one, open one that is no eventfd. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.EVENTFDS)
public class DescriptorController {

  /**
   * What poll(2) says of an eventfd.
   *
   * @param in whether a read would take something
   * @param out whether a write of 1 would fit
   * @param err whether the counter has overflowed
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Readiness")
  record ReadinessJson(boolean in, boolean out, boolean err, long seq) {}

  /**
   * A descriptor that is open but is no eventfd.
   *
   * @param fd its number
   * @param seq number of the sandbox's newest event
   */
  // Not Pipe: a class that the JDK has, and that generated Java imports.
  @Schema(name = "OpenPipe")
  record PipeJson(int fd, long seq) implements Located {
    @Override
    public String madeBy(String path) {
      return Located.within(path.replaceFirst("/pipes$", "/eventfds"), fd);
    }
  }

  @GetMapping("/eventfds/{efd}/poll")
  @Operation(
      operationId = "pollEventfd",
      summary = "Poll an eventfd; never waits",
      description = "What poll(2) would say, without waiting.")
  @AnswersErrno(Errno.EBADF)
  ReadinessJson poll(@PathVariable String efd, Host host) {
    EventFd.Readiness ready = host.eventfds().poll(Params.eventfd(efd));
    return new ReadinessJson(ready.in(), ready.out(), ready.err(), host.seq());
  }

  @PostMapping("/pipes")
  @ResponseStatus(HttpStatus.CREATED)
  @Operation(
      operationId = "createPipe",
      summary = "Open the reading end of an empty pipe",
      description =
          "For calls that have to be told that a descriptor is no eventfd: they answer EINVAL. It"
              + " is closed as an eventfd is, by its number.")
  @AnswersErrno({Errno.EMFILE, Errno.ENFILE})
  PipeJson pipe(Host host) {
    return new PipeJson(host.eventfds().pipe(), host.seq());
  }
}
