package dev.virq.api.chip;

import dev.virq.api.http.Params;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.host.VcpuCalls;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Interrupts that a vCPU takes and ends, one after the other. */
@RestController
@RequestMapping(
    path = "/v1/sandboxes/{sb}/vms/{vm}/vcpus/{n}/serve",
    produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.CHIPS)
public class ServeController {
  /**
   * How many interrupts to serve.
   *
   * @param times how many at most, 1 to 20000
   */
  @Schema(name = "ServeRequest", example = "{\"times\":1}")
  record ServeRequest(@Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable Long times) {}

  /**
   * What was served.
   *
   * @param times how many interrupts were taken and ended; fewer than asked when there was none
   *     left, when the vCPU was stopped meanwhile, or when an end ended nothing
   * @param nmis NMIs that the vCPU took meanwhile
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "Served")
  record ServedJson(int times, int nmis, long seq) {}

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "serveInterrupts",
      summary = "The vCPU takes and ends its highest interrupt, again and again",
      description =
          "Until there is none, or so many times. After 10,000 ends in a row that find a"
              + " level-triggered line still high, the next delivery is put off by 10 ms.")
  @AnswersErrno({Errno.EBADF, Errno.EAGAIN})
  ServedJson serve(
      @PathVariable String vm, @PathVariable String n, @RequestBody ServeRequest body, Host host) {
    long times = Params.required("/times", body.times(), 1, VcpuCalls.MOST_SERVED);
    VcpuCalls.Served served =
        host.vcpus().serve(Params.id(ObjectId.VM, vm), VcpuController.vcpu(n), (int) times);
    return new ServedJson(served.times(), served.nmis(), host.seq());
  }
}
