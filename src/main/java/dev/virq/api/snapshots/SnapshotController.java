package dev.virq.api.snapshots;

import dev.virq.api.http.Instance;
import dev.virq.api.http.Params;
import dev.virq.api.load.RequestBytes;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.SnapshotSize;
import dev.virq.snapshot.Snapshots;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** A sandbox as a document. */
@RestController
@RequestMapping(path = "/v1/sandboxes/{sb}/snapshot", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SANDBOXES)
public class SnapshotController {
  /** Heap for a byte of the document: two looks as records, one as maps, and the text. */
  private static final long HEAP = 8;

  /** What a request has beside the document: a lease, labels, limits. */
  private static final long BESIDE = 4_096;

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
              + " it would be longer than a request that this instance takes. Freed irqfds and"
              + " released VMs are in it as far as they can be asked for, unless history=false.")
  @ApiResponse(
      responseCode = "200",
      description = "The document",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Document.class)))
  @AnswersErrno({Errno.EBUSY, Errno.EDEADLK, Errno.E2BIG})
  byte[] get(
      Host host,
      @Parameter(schema = @Schema(type = "boolean", defaultValue = "true"))
          @RequestParam(required = false)
          @Nullable String history) {
    boolean whole = Params.flag("history", history, true);
    SnapshotSize size = SnapshotSize.of(host);
    long old = whole ? size.history() : 0;
    long least = size.open() + old;
    requireShort(least, "at least ", old);
    RequestBytes.charge(HEAP * (size.mostOpen() + (whole ? size.mostHistory() : 0)));
    byte[] document =
        json.writeValueAsBytes(SnapshotJson.write(Snapshots.take(host, instance.version(), whole)));
    requireShort(document.length, "", old);
    return document;
  }

  private void requireShort(long bytes, String how, long history) {
    long most = instance.maxBodyBytes() - BESIDE;
    if (bytes > most) {
      throw new ErrnoException(
          Errno.E2BIG,
          "the snapshot has %s%d bytes, and a request has room for %d of them (virq.max-body, %d)%s"
              .formatted(
                  how,
                  bytes,
                  most,
                  instance.maxBodyBytes(),
                  history == 0
                      ? ""
                      : "; at least %d are history, which history=false leaves out"
                          .formatted(history)));
    }
  }
}
