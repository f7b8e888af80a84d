package dev.virq.api.snapshots;

import dev.virq.api.http.Instance;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.stats.Counts;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** A sandbox as a document. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/snapshot", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SANDBOXES)
public class SnapshotController {
  /** No object takes fewer characters. */
  private static final long LEAST_OBJECT = 80;

  /** No vCPU takes fewer. */
  private static final long LEAST_VCPU = 20;

  /** What a VM takes, with its controller and a few lines. */
  private static final long USUAL_VM = 5_000;

  /** What another object, or a vCPU, takes. */
  private static final long USUAL_OBJECT = 600;

  /** Heap for a character of the document: two looks as records, one as maps, and the text. */
  private static final long HEAP = 12;

  /**
   * A sandbox, whole, to be handed back as it is; a new sandbox has nothing in it when left out.
   * What its members have is in snapshots.md.
   *
   * @param schema the form of the document: major and minor
   * @param virq the version of the program that wrote it
   * @param clock what the timers go by, and its reading in nanoseconds
   * @param next the number that the next object of each kind gets
   * @param eventfds open eventfds, in the order of their numbers
   * @param pipes open pipes, in the order of their descriptors
   * @param vms open VMs, in the order of their numbers
   * @param irqfds bound irqfds, in the order of their numbers
   * @param freedIrqfds the last freed ones, in the order of their numbers
   * @param releasedVms the last released ones, in the order of their release
   */
  @Schema(name = "Snapshot")
  public record Document(
      Map<String, Object> schema,
      String virq,
      Map<String, Object> clock,
      Map<String, Object> next,
      List<Map<String, Object>> eventfds,
      List<Map<String, Object>> pipes,
      List<Map<String, Object>> vms,
      List<Map<String, Object>> irqfds,
      List<Map<String, Object>> freedIrqfds,
      List<Map<String, Object>> releasedVms) {}

  private final Instance instance;
  private final JsonMapper json;

  SnapshotController(Instance instance, JsonMapper json) {
    this.instance = instance;
    this.json = json;
  }

  @GetMapping
  @Operation(
      operationId = "getSnapshot",
      summary = "Take a snapshot: everything in the sandbox, as one document",
      description =
          "createSandbox and ensureSandbox make a sandbox of it, here or on another instance, in"
              + " which every call is answered as in this one. EBUSY while something is in flight"
              + " or calls keep changing it, EDEADLK while a breakpoint holds a thread; E2BIG when"
              + " it would be longer than a body that this instance takes.")
  @ApiResponse(
      responseCode = "200",
      description = "The document",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Document.class)))
  @AnswersErrno({Errno.EBUSY, Errno.EDEADLK, Errno.E2BIG})
  Map<String, Object> get(Host host) {
    requireShort(least(host), "at least ");
    RequestBytes.charge(HEAP * usual(host));
    Map<String, Object> document = SnapshotJson.write(Snapshots.take(host, instance.version()));
    requireShort(json.writeValueAsBytes(document).length, "");
    return document;
  }

  /** Before it is made: what it would be at the least. */
  private static long least(Host host) {
    Counts counts = host.counts();
    long least = LEAST_OBJECT * (counts.vms() + counts.eventfds() + counts.irqfds());
    for (VmFile vm : host.vms().list(0, Integer.MAX_VALUE)) {
      least += LEAST_VCPU * vm.vm().vcpus().size();
    }
    return least;
  }

  private static long usual(Host host) {
    Counts counts = host.counts();
    long usual = USUAL_VM * counts.vms() + USUAL_OBJECT * (counts.eventfds() + counts.irqfds());
    for (VmFile vm : host.vms().list(0, Integer.MAX_VALUE)) {
      usual += USUAL_OBJECT * vm.vm().vcpus().size();
    }
    return usual;
  }

  private void requireShort(long bytes, String how) {
    if (bytes > instance.maxBodyBytes()) {
      throw new ErrnoException(
          Errno.E2BIG,
          "the snapshot has %s%d bytes, and no request may have more than %d (virq.max-body)"
              .formatted(how, bytes, instance.maxBodyBytes()));
    }
  }
}
