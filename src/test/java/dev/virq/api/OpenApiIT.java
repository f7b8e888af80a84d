package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.atlassian.oai.validator.model.Request.Method;
import com.atlassian.oai.validator.model.SimpleResponse;
import dev.virq.training.DocumentedCall;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document is true: committed, in order, and silent about nothing. */
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_CLASS)
class OpenApiIT extends OverHttp {
  private static final Path COMMITTED = Path.of("src/docs/openapi.json");

  private static final Path PACKED = Path.of("target/classes/dev/virq/api/openapi/openapi.json");

  /** Requests whose members stay as they are when left out. */
  private static final Set<String> CHANGES =
      Set.of(
          "IoApicPinRequest",
          "IoApicRequest",
          "LapicRequest",
          "PicRequest",
          "NmiRequest",
          "PitChannelRequest",
          "PitStateRequest");

  /** Members of which one has to be given, or none: what is meant depends on the others. */
  private static final Set<String> ALTERNATIVES =
      Set.of(
          "DeassignRequest.fd",
          "DeassignRequest.eventfd",
          "IrqfdRequest.fd",
          "IrqfdRequest.eventfd",
          "IrqfdRequest.resampleFd",
          "IrqfdRequest.resampleEventfd",
          "IoRequest.port",
          "IoRequest.ioapic",
          "IoRequest.lapic",
          "IoRequest.address",
          "IoRequest.msr",
          "WaitRequest.vm",
          "WaitRequest.gsi",
          "WaitRequest.irqfd",
          "WaitRequest.eventfd",
          "WaitRequest.breakpoint",
          "BreakpointRequest.delay");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonNode document() {
    return JSON.readTree(madeDocument());
  }

  @Test
  void noDescriptionHasTheLinesOfTheCode() {
    assertThat(document().findValues("description"))
        .isNotEmpty()
        .noneMatch(description -> description.asString("").contains("\n"));
  }

  /** Of the file that the build packed: after a change, the next build brings it along. */
  @Test
  void servedDocumentIsThePackedOne() throws IOException {
    Response answer = RestAssured.given().port(port).get("/v3/api-docs");

    assertThat(answer.contentType()).isEqualTo("application/json");
    assertThat(answer.asString())
        .hasSizeLessThan(1_500_000)
        .isEqualTo(JSON.readTree(Files.readString(PACKED, UTF_8)).toString());
  }

  @Test
  void committedDocumentIsWhatTheCodeSays() throws IOException {
    String served = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document()) + "\n";
    if (Boolean.getBoolean("virq.openapi.update")) {
      var _ = Files.writeString(COMMITTED, served, UTF_8);
    }

    if (!Files.readString(COMMITTED, UTF_8).equals(served)) {
      fail(
          COMMITTED
              + " is not what the code says; if that is meant, run"
              + " ./mvnw verify -Dit.test=OpenApiIT -Dvirq.openapi.update=true and commit it");
    }
  }

  @Test
  void orderIsThatOfTheTagsWithDeletionsLast() {
    JsonNode document = document();
    List<DocumentedCall> calls = DocumentedCall.all(document);
    List<String> tags = new ArrayList<>();
    for (DocumentedCall call : calls) {
      if (tags.isEmpty() || !tags.getLast().equals(call.tag())) {
        tags.add(call.tag());
      } else {
        DocumentedCall before = calls.get(calls.indexOf(call) - 1);
        assertThat(before.method().equals("DELETE") && !call.method().equals("DELETE"))
            .as("%s comes after the deletions", call.id())
            .isFalse();
      }
    }

    // Each tag once, and as the document lists them.
    assertThat(tags)
        .isEqualTo(
            document.path("tags").valueStream().map(t -> t.path("name").asString()).toList());
    assertThat(tags).noneMatch(tag -> Character.isDigit(tag.charAt(0)));
    // Every operation has a place of its own.
    assertThat(calls.stream().map(DocumentedCall::place))
        .isEqualTo(IntStream.rangeClosed(1, calls.size()).boxed().toList());
    // A reader of the JSON meets the paths in that order, too.
    Map<String, Integer> paths = new LinkedHashMap<>();
    document.path("paths").propertyNames().forEach(path -> paths.put(path, Integer.MAX_VALUE));
    calls.forEach(call -> paths.merge(call.path(), call.place(), Math::min));
    assertThat(new ArrayList<>(paths.values())).isSorted();
  }

  @Test
  void swaggerUiSortsByTheDocumentsOrder() {
    String script =
        RestAssured.given().port(port).get("/swagger-ui/swagger-initializer.js").asString();

    assertThat(script)
        .contains("operationsSorter: (a, b) =>")
        .contains("a.getIn([\"operation\", \"x-order\"]) - b.getIn([\"operation\", \"x-order\"])");
    assertThat(script.indexOf("operationsSorter"))
        .isGreaterThan(script.indexOf("SwaggerUIBundle({"));
  }

  @Test
  void operationIdsAreVerbs() {
    Pattern verb =
        Pattern.compile(
            "(get|list|create|ensure|renew|reset|delete|run|set|close|duplicate|signal|poll|read"
                + "|assign|deassign|wait|step|release|restore|replace|acknowledge|end|access|advance|raise|serve|wake)[A-Z]\\w*");
    List<DocumentedCall> calls = DocumentedCall.all(document());

    assertThat(calls).allSatisfy(call -> assertThat(call.id()).matches(verb));
    assertThat(calls)
        .filteredOn(call -> call.method().equals("DELETE"))
        .allSatisfy(call -> assertThat(call.id()).matches("(delete|close)[A-Z]\\w*"));
    assertThat(calls.stream().map(DocumentedCall::id)).doesNotHaveDuplicates();
  }

  @Test
  void versionIsThatOfTheProgram() {
    String version = document().at("/info/version").asString();
    String program = call().get("/v1").jsonPath().getString("version");

    assertThat(version).matches("[0-9]+\\.[0-9]+\\.[0-9]+").isEqualTo(program.split("-", 2)[0]);
  }

  @Test
  void everySchemaAndMemberSaysWhatItIs() {
    List<String> silent = new ArrayList<>();
    eachMember((at, member) -> {
      // What refers to another schema is described there; items are, by their list.
      if (!at.endsWith("[]") && !member.has("$ref") && !member.has("description")) {
        silent.add(at);
      }
    });
    document()
        .at("/components/schemas")
        .properties()
        .forEach(schema -> {
          if (!schema.getValue().has("description")) {
            silent.add(schema.getKey());
          }
        });

    assertThat(silent).isEmpty();
  }

  @Test
  void everyNumberTextAndListHasItsBounds() {
    List<String> boundless = new ArrayList<>();
    eachMember((at, member) -> {
      if (!bounded(member)) {
        boundless.add(at);
      }
    });
    for (DocumentedCall call : DocumentedCall.all(document())) {
      for (JsonNode parameter : call.operation().path("parameters")) {
        if (!bounded(parameter.path("schema"))) {
          boundless.add(call.id() + " " + parameter.path("name"));
        }
      }
    }

    assertThat(boundless).isEmpty();
  }

  private static boolean bounded(JsonNode schema) {
    return switch (schema.path("type").asString("")) {
      case "integer", "number" -> schema.has("minimum") && schema.has("maximum");
      case "string" -> Stream.of("enum", "format", "pattern", "maxLength").anyMatch(schema::has);
      case "array" -> schema.has("maxItems");
      case "" -> schema.path("oneOf").valueStream().allMatch(OpenApiIT::bounded);
      default -> true;
    };
  }

  @Test
  void whatMayBeLeftOutOfARequestSaysWhatHoldsThen() {
    JsonNode document = document();
    List<String> silent = new ArrayList<>();
    document
        .at("/components/schemas")
        .properties()
        .forEach(schema -> {
          if (schema.getKey().endsWith("Request") && !CHANGES.contains(schema.getKey())) {
            List<String> required =
                schema.getValue().path("required").valueStream().map(JsonNode::asString).toList();
            schema
                .getValue()
                .path("properties")
                .properties()
                .forEach(member -> {
                  String at = schema.getKey() + "." + member.getKey();
                  JsonNode type = member.getValue();
                  if (!required.contains(member.getKey())
                      && !ALTERNATIVES.contains(at)
                      && !type.has("default")
                      && !saysOtherwise(described(document, type))) {
                    silent.add(at);
                  }
                });
          }
        });
    for (DocumentedCall call : DocumentedCall.all(document)) {
      for (JsonNode parameter : call.operation().path("parameters")) {
        if (parameter.path("in").asString().equals("query")
            && !parameter.path("schema").has("default")
            && !saysOtherwise(parameter)) {
          silent.add(call.id() + " " + parameter.path("name"));
        }
      }
    }

    assertThat(silent).isEmpty();
  }

  /** What a member refers to is described there: OpenAPI 3.0 takes nothing beside a reference. */
  private static JsonNode described(JsonNode document, JsonNode type) {
    return type.has("$ref") ? document.at(type.path("$ref").asString().substring(1)) : type;
  }

  private static boolean saysOtherwise(JsonNode described) {
    return described
        .path("description")
        .asString("")
        .replaceAll("\\s+", " ")
        .contains("when left out");
  }

  private void eachMember(BiConsumer<String, JsonNode> visitor) {
    document()
        .at("/components/schemas")
        .properties()
        .forEach(schema -> members(schema.getKey(), schema.getValue(), visitor));
  }

  private static void members(String at, JsonNode schema, BiConsumer<String, JsonNode> visitor) {
    schema
        .path("properties")
        .properties()
        .forEach(member -> {
          visitor.accept(at + "." + member.getKey(), member.getValue());
          members(at + "." + member.getKey(), member.getValue(), visitor);
        });
    if (schema.has("items")) {
      visitor.accept(at + "[]", schema.path("items"));
    }
    if (schema.path("additionalProperties").isObject()) {
      visitor.accept(at + "[]", schema.path("additionalProperties"));
    }
  }

  @Test
  void whatCanBeListedIsAnEnumeration() {
    JsonNode document = document();
    for (String member :
        List.of(
            "BreakpointRequest/properties/point",
            "Breakpoint/properties/point",
            "Breakpoint/properties/state",
            "Breakpoint/properties/action",
            "Point/properties/name",
            "Point/properties/holds/items",
            "Held/properties/point",
            "Pending/properties/stage",
            "Pending/properties/kind",
            "Signal/properties/outcome",
            "Signal/properties/lineStatus",
            "Irqfd/properties/state",
            "Vm/properties/state",
            "Observed/properties/state",
            "WaitRequest/properties/for",
            "ErrnoProblem/properties/errno",
            "BulkProblem/properties/errno",
            "ProblemType/properties/errno",
            "Route/properties/chip",
            "Vcpu/properties/runState")) {
      assertThat(document.at("/components/schemas/" + member).path("enum").size())
          .as(member)
          .isPositive();
    }
    for (String member : List.of("outcome", "lineStatus")) {
      JsonNode type = document.at("/components/schemas/Signal/properties/" + member);
      assertThat(type.path("x-enum-descriptions").size()).isEqualTo(type.path("enum").size());
      assertThat(type.path("enum"))
          .allSatisfy(word ->
              assertThat(type.path("description").asString()).contains(word.asString() + ": "));
    }
    assertThat(document.at("/components/schemas/Statistics/properties/outcomes/properties").size())
        .isEqualTo(document.at("/components/schemas/Signal/properties/outcome/enum").size());
  }

  @Test
  void everyOperationIsDescribedWhole() {
    for (DocumentedCall call : DocumentedCall.all(document())) {
      JsonNode operation = call.operation();
      assertThat(operation.path("summary").asString("")).as(call.id()).isNotBlank();
      assertThat(operation.path("description").asString("")).as(call.id()).isNotBlank();
      assertThat(operation.path("parameters"))
          .allSatisfy(parameter ->
              assertThat(parameter.path("description").asString(""))
                  .as("%s %s", call.id(), parameter.path("name"))
                  .isNotBlank());
      assertThat(operation.toString()).as(call.id()).doesNotContain("*/*");
      operation
          .path("responses")
          .properties()
          .forEach(response -> {
            boolean error = response.getKey().charAt(0) >= '4';
            assertThat(response.getValue().path("content").propertyNames())
                .as("%s %s", call.id(), response.getKey())
                .isNotEmpty()
                .allMatch(type -> type.equals("application/problem+json") == error);
          });
    }
  }

  /** That they are real, the tests that record them show. */
  @Test
  void everyAnswerHasExamplesOfItsOwn() {
    List<String> missing = new ArrayList<>();
    for (DocumentedCall call : DocumentedCall.all(document())) {
      call.operation()
          .path("responses")
          .properties()
          .forEach(response -> {
            JsonNode media = response.getValue().path("content").values().iterator().next();
            if (response.getKey().charAt(0) < '4') {
              if (!media.has("example")) {
                missing.add(call.id() + " " + response.getKey());
              }
              return;
            }
            for (String errno :
                response.getValue().path("description").asString().split(", ", -1)) {
              JsonNode example = media.path("examples").path(errno).path("value");
              if (!example.path("errno").asString("").equals(errno)
                  || example.path("status").asInt() != Integer.parseInt(response.getKey())
                  || example.path("detail").asString("").isBlank()
                  || !example.path("instance").asString("").startsWith("/")) {
                missing.add(call.id() + " " + response.getKey() + " " + errno);
              }
            }
          });
    }

    assertThat(missing).isEmpty();
  }

  @Test
  void validatorCatchesAPlantedViolation() {
    String path = sandbox + "/vms/vm-1";
    String right =
        "{\"id\":\"vm-1\",\"irqchip\":\"NONE\",\"state\":\"OPEN\",\"refs\":1,\"irqfds\":0,\"bootVcpu\":0,\"seq\":1}";

    assertThat(check(path, 200, "application/json", right)).isFalse();
    assertThat(check(path, 200, "application/json", right.replace("\"refs\":1", "\"refs\":\"1\"")))
        .isTrue();
    assertThat(check(path, 200, "application/json", right.replace("\"refs\":1,", ""))).isTrue();
    assertThat(check(path, 200, "application/json", right.replace("OPEN", "AJAR"))).isTrue();
    assertThat(check(path, 200, "text/html", right)).isTrue();
    assertThat(check(path, 404, "application/problem+json", "{\"status\":404}")).isTrue();
    assertThat(check(path, 418, "application/json", right)).isTrue();
  }

  private boolean check(String path, int status, String type, String body) {
    return validator()
        .validateResponse(
            path,
            Method.GET,
            SimpleResponse.Builder.status(status).withContentType(type).withBody(body).build())
        .hasErrors();
  }
}
