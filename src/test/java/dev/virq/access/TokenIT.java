package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.virq.VirqApplication;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** An instance with tokens: who may call what, and what a token of a prefix sees. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class TokenIT {
  private static final String ALL = "everything-0123456789abcdef";
  private static final String FIXED = "from-the-setting-0123456789";
  private static final String ONE = "team-1-token-0123456789abcdef";
  private static final String TWO = "team-2-token-0123456789abcdef";
  private static final String SANDBOXES = "/v1/sandboxes";

  @TempDir private static Path directory;

  @LocalServerPort private int port;

  @DynamicPropertySource
  static void tokens(DynamicPropertyRegistry registry) throws IOException {
    Path file = directory.resolve("tokens");
    Files.writeString(file, "%s\nteam-1-: %s\nteam-2-: %s\n".formatted(ALL, ONE, TWO));
    registry.add("virq.access.tokens-file", file::toString);
    registry.add("virq.access.token", () -> FIXED);
    registry.add("virq.cors.allowed-origins", () -> "https://lab.example");
  }

  private RequestSpecification with(String token) {
    return nobody().header("Authorization", "Bearer " + token);
  }

  private RequestSpecification nobody() {
    return RestAssured.given().port(port);
  }

  private RequestSpecification json(String token, String body) {
    return with(token).contentType("application/json").body(body);
  }

  /** One sandbox of each team. */
  @BeforeEach
  void sandboxes() {
    assertThat(json(ONE, "{}").put(SANDBOXES + "/team-1-a").statusCode()).isIn(200, 201);
    assertThat(json(TWO, "{}").put(SANDBOXES + "/team-2-a").statusCode()).isIn(200, 201);
  }

  private static void unknown(Response response) {
    response
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", startsWith("Bearer realm=\"virq\""))
        .header("X-Request-Id", notNullValue())
        .header("X-Node", notNullValue())
        .header("Cache-Control", "no-store")
        .header("Set-Cookie", nullValue())
        .body("errno", equalTo("EACCES"))
        .body("errnoNumber", equalTo(13))
        .body("type", equalTo("/problems/EACCES"));
  }

  private static void forbidden(Response response, String detail) {
    response
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .body("errno", equalTo("EPERM"))
        .body("detail", containsString(detail));
  }

  // ---- no token, or a wrong one

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1",
    "GET,    /v1/points",
    "GET,    /v1/sandboxes",
    "POST,   /v1/sandboxes",
    "POST,   /v1/sandboxes/default/reset",
    "DELETE, /v1/sandboxes/team-1-a",
    "GET,    /v1/sandboxes/nobody",
    "GET,    /nowhere",
    "PATCH,  /v1",
    "OPTIONS, /v1",
    "GET,    /actuator/prometheus",
    "GET,    /actuator/info",
    "GET,    /actuator/healthy",
  })
  void withoutATokenNothingIsAnswered(String method, String path) {
    Response response = nobody().request(method, path);

    unknown(response);
    response
        .then()
        .header("WWW-Authenticate", equalTo("Bearer realm=\"virq\""))
        .body("detail", containsString("Authorization: Bearer TOKEN"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer everything-0123456789abcde",
        "Bearer everything-0123456789abcdefg",
        "Bearer team-1-: team-1-token-0123456789abcdef",
        "Bearer",
        "Bearer ",
        "Basic ZXZlcnl0aGluZzowMTIz",
        "everything-0123456789abcdef"
      })
  void wrongTokenIsRefusedAndNotShown(String header) {
    Response response = nobody().header("Authorization", header).get("/v1");

    unknown(response);
    response
        .then()
        .header("WWW-Authenticate", containsString("error=\"invalid_token\""))
        .body("detail", not(containsString("0123456789")));
  }

  @Test
  void tokenInTheQueryIsNone() {
    unknown(nobody().get("/v1?access_token=" + ALL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/health",
        "/actuator/health/liveness",
        "/actuator/health/readiness",
        "/swagger-ui/index.html",
        "/ui/index.html",
        "/ui/main.js",
        "/v3/api-docs",
        "/v3/api-docs/swagger-config",
        "/problems/EACCES"
      })
  void healthAndDocumentsNeedNone(String path) {
    nobody().get(path).then().statusCode(200);
    // A browser that has one sends it everywhere.
    with(ONE).get(path).then().statusCode(200);
  }

  // ---- a token for everything

  @ParameterizedTest
  @ValueSource(strings = {ALL, FIXED})
  void tokenForEverythingMayDoEverything(String token) {
    with(token).get("/v1").then().statusCode(200).header("Set-Cookie", nullValue());
    with(token).post(SANDBOXES + "/default/reset").then().statusCode(200);
    with(token).get(SANDBOXES + "/team-1-a").then().statusCode(200);
    with(token).get("/actuator/prometheus").then().statusCode(200);
    with(token)
        .get(SANDBOXES)
        .then()
        .body("items.name", hasItems("default", "team-1-a", "team-2-a"));
    nobody().header("Authorization", "bearer  " + token).get("/v1").then().statusCode(200);
  }

  // ---- a token for a prefix

  @Test
  void tokenOfAPrefixMayDoEverythingInItsOwnSandboxes() {
    String own = SANDBOXES + "/team-1-a";

    json(ONE, "{}").post(own + "/vms").then().statusCode(201);
    with(ONE).get(own).then().statusCode(200);
    with(ONE)
        .contentType("text/plain")
        .body("vm_create v0\n")
        .post(own + "/scripts")
        .then()
        .statusCode(200);
    with(ONE).delete(own).then().statusCode(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/sandboxes/team-2-a",
    "GET,    /v1/sandboxes/team-2-nobody",
    "PUT,    /v1/sandboxes/team-2-b",
    "DELETE, /v1/sandboxes/team-2-a",
    "POST,   /v1/sandboxes/team-2-a/reset",
    "GET,    /v1/sandboxes/team-2-a/vms",
    "GET,    /v1/sandboxes/default",
    "POST,   /v1/sandboxes/default/reset",
    "GET,    /v1/sandboxes/team-10-a",
    "GET,    /v1/sandboxes/team-1",
    "GET,    /v1/sandboxes/%74eam-2-a",
    "GET,    /v1/sandboxes/team%2D2-a/vms",
  })
  void sandboxOfAnotherIsForbiddenWhetherOrNotItExists(String method, String path) {
    forbidden(
        with(ONE).urlEncodingEnabled(false).request(method, path),
        "the token reaches sandboxes whose names begin with team-1-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/sandboxes/team-1-a/../team-2-a",
        "/v1/sandboxes/team-1-a/%2e%2e/team-2-a",
        "/v1/sandboxes/team-1-a;/../team-2-a",
        "/v1/sandboxes//team-2-a",
        "/v1/sandboxes/team-1-a%2f..%2fteam-2-a",
        "/v1/sandboxes/;a=b/team-2-a",
        "/v1//sandboxes/team-2-a",
        "//v1/sandboxes/team-2-a",
        "/./v1/sandboxes/team-2-a"
      })
  void noSpellingOfAPathReachesTheSandboxOfAnother(String path) {
    Wire.Answer answer =
        Wire.send(
            port,
            "GET " + path,
            new String[] {"Host: 127.0.0.1", "Authorization: Bearer " + ONE},
            "");

    assertThat(answer.status()).as(answer.body()).isIn(400, 403, 404);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void spellingsOfOnesOwnAreUnderstood() {
    with(ONE).urlEncodingEnabled(false).get(SANDBOXES + "/team%2D1-a").then().statusCode(200);
  }

  @Test
  void listHasTheSandboxesOfThePrefix() {
    for (int i = 0; i < 3; i++) {
      json(ONE, "{}").put(SANDBOXES + "/team-1-page-" + i);
    }

    with(ONE)
        .get(SANDBOXES)
        .then()
        .statusCode(200)
        .body("items.name", everyItem(startsWith("team-1-")))
        .body("items.size()", greaterThanOrEqualTo(3));
    Response first = with(ONE).get(SANDBOXES + "?pageSize=2");
    assertThat(first.jsonPath().getList("items")).hasSize(2);
    with(ONE)
        .queryParam("pageToken", first.jsonPath().getString("nextPageToken"))
        .get(SANDBOXES)
        .then()
        .statusCode(200)
        .body("items.name", everyItem(startsWith("team-1-")));
  }

  @Test
  void newSandboxIsWithinThePrefix() {
    String made = json(ONE, "{}").post(SANDBOXES).then().statusCode(201).extract().path("name");
    assertThat(made).startsWith("team-1-").hasSizeGreaterThan("team-1-".length());
    with(ONE).get(SANDBOXES + "/" + made).then().statusCode(200);

    json(ONE, "{\"name\":\"team-1-named\"}").post(SANDBOXES).then().statusCode(201);
    forbidden(json(ONE, "{\"name\":\"team-2-b\"}").post(SANDBOXES), "team-2-b");
    forbidden(json(ONE, "{\"name\":\"team-2-a\"}").post(SANDBOXES), "team-2-a");
    with(ALL).get(SANDBOXES + "/team-2-b").then().statusCode(404);
    with(ONE).delete(SANDBOXES + "/team-1-named").then().statusCode(200);
  }

  @Test
  void tokenOfAPrefixSeesTheServiceAndNotItsNumbers() {
    with(ONE).get("/v1").then().statusCode(200);
    with(ONE).get("/v1/points").then().statusCode(200);
    with(ONE).get("/v1/operations").then().statusCode(200);
    forbidden(with(ONE).get("/actuator/prometheus"), "a token that reaches everything");
    forbidden(with(ONE).get("/actuator/info"), "a token that reaches everything");
    forbidden(with(ONE).get("/nowhere"), "a token that reaches everything");
  }

  // ---- browsers

  @Test
  void pageOfAnAllowedOriginIsToldThatItNeedsAToken() {
    String[] page = {"Host: 127.0.0.1", "Origin: https://lab.example"};
    Wire.Answer answer = Wire.send(port, "GET /v1", page, "");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://lab.example");
    // A preflight carries no token.
    Wire.Answer preflight =
        Wire.send(
            port,
            "OPTIONS /v1",
            new String[] {
              "Host: 127.0.0.1",
              "Origin: https://lab.example",
              "Access-Control-Request-Method: GET",
              "Access-Control-Request-Headers: authorization"
            },
            "");
    assertThat(preflight.status()).isEqualTo(200);
    assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization");
  }

  @Test
  void swaggerUiCanBeGivenAToken() {
    nobody()
        .get("/v3/api-docs")
        .then()
        .body("components.securitySchemes.token.type", equalTo("http"))
        .body("components.securitySchemes.token.scheme", equalTo("bearer"))
        .body("security", equalTo(List.of(Map.of(), Map.of("token", List.of()))));
  }
}
