package dev.virq.api.bulk;

import dev.virq.api.openapi.DocumentOrder;
import dev.virq.script.Verb;
import dev.virq.script.Verbs;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The vocabulary of scripts. */
@RestController
@RequestMapping(path = "/v1/operations", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = DocumentOrder.SCRIPTS)
public class OperationsController {

  /**
   * An operation of the script language.
   *
   * @param word what a line begins with
   * @param synopsis the word and its operands; those in brackets may be left out
   * @param help what it does
   * @param call the call of this API that does the same
   */
  @Schema(name = "ScriptOperation")
  record OperationJson(String word, String synopsis, String help, String call) {
    static OperationJson of(Verb verb) {
      return new OperationJson(
          verb.word(), verb.synopsis(), verb.help(), RestCalls.of(verb.word()));
    }
  }

  /**
   * The operations of the script language.
   *
   * @param items those that belong together side by side
   */
  @Schema(name = "ScriptOperations")
  record OperationsJson(List<OperationJson> items) {}

  @GetMapping
  @Operation(
      operationId = "listOperations",
      summary = "List the operations of scripts",
      description = "Each with its operands, and with the call of this API that does the same.")
  OperationsJson list() {
    return new OperationsJson(Verbs.all().stream().map(OperationJson::of).toList());
  }
}
