package dev.virq.api;

import dev.virq.api.http.Params;
import dev.virq.api.json.Ndjson;
import dev.virq.api.load.LongWork;
import dev.virq.api.openapi.AnswersErrno;
import dev.virq.api.openapi.DocumentOrder;
import dev.virq.errno.Errno;
import dev.virq.limits.Limits;
import dev.virq.sandbox.Sandbox;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Scripts: a whole scenario in one request. */
@RestController
@RequestMapping("/v1/sandboxes/{sb}/scripts")
@Tag(name = DocumentOrder.SCRIPTS)
public class ScriptController {
  // With keep=true it leaves vm-1 and efd-1 for the examples of single calls.
  private static final String STAGE =
      """
      # what single calls go on with: a VM without a controller, and an eventfd
      vm_create guest
      eventfd_create irq 0
      irqfd_assign guest irq 5
      eventfd_write irq 1
      eventfd_poll irq
      """;

  private static final String LIFE_CYCLE =
      """
      # bind, signal, look, close
      vm_create v0
      irqchip_create v0
      eventfd_create e0 0
      irqfd_assign v0 e0 5
      irqfd_assign v0 e0 6
      eventfd_write e0 1
      eventfd_read e0
      eventfd_poll e0
      eventfd_close e0
      vm_close v0
      """;

  private final JsonMapper json;
  private final LongWork work;

  ScriptController(JsonMapper json, LongWork work) {
    this.json = json;
    this.work = work;
  }

  @PostMapping(
      consumes = MediaType.TEXT_PLAIN_VALUE,
      produces = {MediaType.APPLICATION_NDJSON_VALUE, Ndjson.AS_TEXT})
  @Operation(
      operationId = "runScript",
      summary = "Run a script of one operation a line",
      description =
          "A line is an operation and its words, as in irqfd_assign v0 e0 5; names are the script's"
              + " own. Empty lines and lines that begin with # say nothing. A line that is no"
              + " operation is EINVAL, before anything runs. After each operation everything"
              + " deferred is waited for; when that is held at a breakpoint, the run ends with"
              + " EDEADLK. Both name the line. The answer is one JSON object an operation and line,"
              + " with op, ok, and errno or value, a refused operation too; integers are numbers up"
              + " to 2^64-1. What the script leaves open is closed at its end. With keep=true it"
              + " stays: its VMs and eventfds bear the script's names, and an operation that makes"
              + " something answers its id or descriptor, too. GET /v1/operations lists the"
              + " operations. Scripts take turns, sandbox by sandbox; EAGAIN when too many of this"
              + " one wait for theirs.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.TEXT_PLAIN_VALUE,
                      schema = @Schema(type = "string"),
                      examples = {
                        @ExampleObject(name = "stage", value = STAGE),
                        @ExampleObject(name = "lifeCycle", value = LIFE_CYCLE)
                      })))
  @ApiResponse(
      responseCode = "200",
      description = "Run to its end",
      content = {
        // First: generated clients ask for types in this order.
        @Content(mediaType = MediaType.TEXT_PLAIN_VALUE, schema = @Schema(type = "string")),
        @Content(mediaType = MediaType.APPLICATION_NDJSON_VALUE, schema = @Schema(type = "string"))
      })
  @AnswersErrno({Errno.EDEADLK, Errno.EMFILE, Errno.ETIMEDOUT})
  ResponseEntity<InputStreamResource> run(
      @RequestBody String body,
      @Parameter(schema = @Schema(type = "boolean", defaultValue = "false"))
          @RequestParam(required = false)
          @Nullable String keep,
      Sandbox.Life life) {
    Limits limits = life.host().limits();
    Script script = Script.parse(body, limits.scriptLines());
    ScriptAnswer answer = new ScriptAnswer(json, limits.scriptAnswer());
    boolean keeps = Params.flag("keep", keep);
    long timeoutNanos = limits.maxWait().toNanos();
    work.<@Nullable Void, RuntimeException>inTurn(
        life.sandbox().settings().name(),
        turn -> {
          try (ScriptRunner runner = new ScriptRunner(life.host(), timeoutNanos, turn, keeps)) {
            runner.run(script, answer::add);
          }
          return null;
        });
    // Bytes: a String would be sent with a charset, which JSON does not have.
    return ResponseEntity.ok()
        .contentLength(answer.length())
        .body(new InputStreamResource(answer.read()));
  }
}
