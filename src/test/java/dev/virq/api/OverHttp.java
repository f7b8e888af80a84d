package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport.Level;
import com.atlassian.oai.validator.restassured.OpenApiValidationFilter;
import dev.virq.VirqApplication;
import dev.virq.training.DocumentedCall;
import io.restassured.RestAssured;
import io.restassured.builder.RequestSpecBuilder;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import io.restassured.specification.RequestSpecification;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A test that speaks HTTP: each has a sandbox of its own, each call goes through the contract. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
abstract class OverHttp {
  private static final AtomicInteger SANDBOXES = new AtomicInteger();

  @Autowired private OpenApiWebMvcResource springdoc;

  @LocalServerPort int port;

  /** Name and path of the test's own sandbox. */
  String name;

  String sandbox;

  /** By document and what is ignored: to read the document takes longer than most tests. */
  private static final Map<List<String>, OpenApiInteractionValidator> VALIDATORS =
      new ConcurrentHashMap<>();

  private OpenApiInteractionValidator strict;
  private OpenApiInteractionValidator lenient;

  @BeforeEach
  void makeSandbox() {
    String document = madeDocument();
    // REST Assured calls a missing body a form; nothing else is let pass.
    strict = validator(document, "validation.request.contentType.notAllowed");
    lenient = validator(document, "validation.request");
    name = "test-" + SANDBOXES.incrementAndGet();
    sandbox = "/v1/sandboxes/" + name;
    call().put(sandbox).then().statusCode(201);
  }

  /** The OpenAPI document of the code as it is, recorded or not. */
  final String madeDocument() {
    return MadeDocument.by(springdoc);
  }

  private static OpenApiInteractionValidator validator(String document, String ignored) {
    return VALIDATORS.computeIfAbsent(
        List.of(document, ignored),
        _ ->
            OpenApiInteractionValidator.createForInlineApiSpecification(withoutExamples(document))
                .withLevelResolver(LevelResolver.create().withLevel(ignored, Level.IGNORE).build())
                .build());
  }

  /** Answers are held to the schemas. The examples are most of the document, and slow to read. */
  private static String withoutExamples(String document) {
    JsonNode copy = JsonMapper.shared().readTree(document);
    for (JsonNode content : copy.path("paths").findValues("content")) {
      for (JsonNode media : content) {
        ((ObjectNode) media).remove(List.of("example", "examples"));
      }
    }
    return copy.toString();
  }

  OpenApiInteractionValidator validator() {
    return strict;
  }

  /** A call as the document allows it; request and answer are checked against the document. */
  RequestSpecification call() {
    return call(strict);
  }

  /** A call that the document forbids; the answer is checked all the same. */
  RequestSpecification hostile() {
    return call(lenient);
  }

  /** As {@link #call}, with a JSON body. */
  RequestSpecification call(String body) {
    return call(strict).contentType("application/json").body(body);
  }

  /** As {@link #hostile}, with a JSON body. */
  RequestSpecification hostile(String body) {
    return hostile().contentType("application/json").body(body);
  }

  private RequestSpecification call(OpenApiInteractionValidator validator) {
    return RestAssured.given(new RequestSpecBuilder().setPort(port).build())
        .filter(new EveryAnswer())
        .filter(new OpenApiValidationFilter(validator));
  }

  /** Makes a documented call with the first of its bodies. */
  static Response run(DocumentedCall documented, RequestSpecification call) {
    Iterator<String> bodies = documented.bodies().values().iterator();
    RequestSpecification request =
        bodies.hasNext() ? call.contentType(documented.mediaType()).body(bodies.next()) : call;
    return request.request(documented.method(), documented.url());
  }

  /** What holds for every answer, in the document or not. */
  private static final class EveryAnswer implements Filter {
    @Override
    public Response filter(
        FilterableRequestSpecification request,
        FilterableResponseSpecification expected,
        FilterContext context) {
      Response response = context.next(request, expected);
      assertThat(response.header("X-Request-Id")).isNotBlank();
      assertThat(response.header("X-Node")).isNotBlank();
      assertThat(response.header("X-Epoch")).isNotBlank();
      assertThat(response.header("Cache-Control")).isEqualTo("no-store");
      assertThat(response.statusLine().strip())
          .as("a status line that says more than the number")
          .matches("HTTP/1.1 \\d{3} .*");
      if (response.statusCode() == 201) {
        assertThat(response.header("Location")).startsWith("/v1/sandboxes/");
      }
      if (response.statusCode() >= 400) {
        boolean replayed = response.header("Idempotency-Replayed") != null;
        String errno = response.jsonPath().getString("errno");
        assertThat(response.statusLine()).contains(replayed ? "HTTP/1.1" : errno + ": ");
        assertThat(response.contentType()).isEqualTo("application/problem+json");
        assertThat(response.jsonPath().getInt("status")).isEqualTo(response.statusCode());
        assertThat(response.jsonPath().getString("type"))
            .isEqualTo("/problems/" + response.jsonPath().getString("errno"));
        assertThat(response.jsonPath().getString("epoch")).isEqualTo(response.header("X-Epoch"));
        if (!replayed) {
          assertThat(response.jsonPath().getString("requestId"))
              .isEqualTo(response.header("X-Request-Id"));
        }
      }
      return response;
    }
  }

  // ---- steps that many tests begin with; ids are vm-1, efd-1 (descriptor 3), irqfd-1

  void bound() {
    call("{}").post(sandbox + "/vms").then().statusCode(201);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
    call("{\"fd\":3,\"gsi\":5}").post(sandbox + "/vms/vm-1/irqfds").then().statusCode(201);
  }

  /** Bound, and one signal's injection stands at mark [4]. */
  void held() {
    bound();
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    call().post(sandbox + "/eventfds/3/signal").then().statusCode(200);
    call("{\"for\":\"parked\",\"breakpoint\":\"bp-1\",\"timeout\":\"PT30S\"}")
        .post(sandbox + "/wait")
        .then()
        .statusCode(200);
  }

  void settled() {
    call("{\"for\":\"settled\",\"timeout\":\"PT30S\"}")
        .post(sandbox + "/wait")
        .then()
        .statusCode(200);
  }
}
