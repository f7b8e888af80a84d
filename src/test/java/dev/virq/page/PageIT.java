package dev.virq.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.oneOf;
import static org.hamcrest.Matchers.startsWith;

import dev.virq.VirqApplication;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The page's files: how they are served, and what they lead to. */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class PageIT {
  private static final Path FILES = Path.of("src/main/resources/page");

  /** What a browser loads, uncompressed. */
  private static final long MOST_BYTES = 300_000;

  private static final Pattern LOADED =
      Pattern.compile("(?:from |import |src=|<link [^>]*href=)[\"']([^\"']+)[\"']");
  private static final Pattern FOREIGN = Pattern.compile("(?i)\\b(?:https?|wss?)://[^\\s\"'`)]+");

  @LocalServerPort private int port;

  private Response get(String path) {
    return RestAssured.given().port(port).get(path);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(FILES)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static boolean isLoaded(Path file) {
    return !file.toString().endsWith(".md") && !file.toString().endsWith(".txt");
  }

  @ParameterizedTest
  @CsvSource({
    "/ui/index.html, text/html",
    "/ui/main.js,    text/javascript",
    "/ui/page.css,   text/css",
    "/ui/icon.svg,   image/svg+xml",
    "/ui/vendor/htm-preact.js, text/javascript"
  })
  void filesMayLoadAndCallTheirOwnServerOnly(String path, String type) {
    get(path)
        .then()
        .statusCode(200)
        .contentType(startsWith(type))
        .header("Cache-Control", equalTo("no-store"))
        .header("Last-Modified", nullValue())
        .header("X-Content-Type-Options", equalTo("nosniff"))
        .header("Referrer-Policy", equalTo("no-referrer"))
        .header("Content-Security-Policy", containsString("default-src 'none'; script-src 'self';"))
        .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
        .header("Content-Security-Policy", not(containsString("unsafe")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/swagger-ui/index.html", "/nosuch"})
  void otherAnswersAreAsTheyWere(String path) {
    get(path).then().header("Content-Security-Policy", nullValue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ui/nosuch.js",
        "/ui/",
        "/ui/../application.yaml",
        "/ui/%2e%2e/application.yaml",
        "/ui/vendor/../../application.yaml",
        "/ui/dev/virq/page/PageConfiguration.class"
      })
  void nothingElseIsServed(String path) {
    RestAssured.given()
        .port(port)
        .urlEncodingEnabled(false)
        .get(path)
        .then()
        .statusCode(oneOf(400, 404))
        .contentType("application/problem+json");
  }

  @Test
  void whatIsRefusedOfThePageMayLoadNothingEither() {
    RestAssured.given()
        .port(port)
        .header("Host", "evil.example")
        .get("/ui/index.html")
        .then()
        .statusCode(403)
        .header("X-Content-Type-Options", equalTo("nosniff"))
        .header("Content-Security-Policy", containsString("default-src 'none'"));
  }

  @Test
  void everyFileIsServedAsItIs() throws IOException {
    for (Path file : files()) {
      byte[] served = get("/ui/" + FILES.relativize(file)).asByteArray();

      assertThat(served).as(file.toString()).isEqualTo(Files.readAllBytes(file));
    }
  }

  @Test
  void whatTheFilesLoadIsThere() throws IOException {
    int loaded = 0;
    for (Path file : files().stream().filter(PageIT::isLoaded).toList()) {
      for (MatchResult found : LOADED.matcher(Files.readString(file)).results().toList()) {
        assertThat(file.resolveSibling(found.group(1))).as("loaded by %s", file).exists();
        loaded++;
      }
    }
    assertThat(loaded).isGreaterThan(10);
  }

  @Test
  void thePageIsSmallAndNamesNoOtherHost() throws IOException {
    long bytes = 0;
    for (Path file : files().stream().filter(PageIT::isLoaded).toList()) {
      bytes += Files.size(file);
      assertThat(FOREIGN.matcher(Files.readString(file)).results().map(MatchResult::group))
          .as(file.toString())
          // Names of markup, which nobody fetches.
          .allMatch(found -> found.startsWith("http://www.w3.org/"));
    }
    assertThat(bytes).isBetween(50_000L, MOST_BYTES);
  }

  @Test
  void beforeAnyScriptThePageSaysWhatItIs() {
    String page = get("/ui/index.html").asString();

    assertThat(page).contains("<h1>", "virq simulates", "/swagger-ui/index.html", "<noscript>");
    // Nothing that the policy forbids.
    assertThat(page).doesNotContain("style=", "<style", "onclick").doesNotContain("<script>");
  }
}
