package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.VirqApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * What a browser sends for a page of another origin is refused, and changes nothing; what it sends
 * for virq's own pages, and what other clients send, is not.
 *
 * <p>The requests are those of Chrome, Firefox and Safari, with the headers that decide.
 */
@SpringBootTest(
    classes = VirqApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "virq.cors.allowed-origins=https://lab.example,http://127.0.0.1:3000",
      "virq.access.hosts=virq.example,*.lab.example"
    })
class BrowserIT {
  private static final String SANDBOX = "/v1/sandboxes/browsers";
  private static final String SIGNAL = SANDBOX + "/eventfds/3/signal";
  private static final String EVIL = "http://evil.example";
  private static final String SCRIPT = "vm_create v0\n";
  private static final String JSON = "Content-Type: application/json";

  @LocalServerPort private int port;

  private long before;

  /** How a browser says for whom it speaks. */
  enum Says {
    /** On HTTPS and on the loopback addresses. */
    CROSS_SITE("Origin: " + EVIL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"),
    /** Another port of this machine, or a sibling in one's own domain. */
    SAME_SITE("Origin: http://127.0.0.1:9", "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors"),
    /** On plain HTTP elsewhere. */
    ORIGIN_ONLY("Origin: " + EVIL),
    /** From a sandboxed frame, a file, or with the referrer switched off. */
    NULL("Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"),
    NULL_ONLY("Origin: null"),
    /** A form is a navigation. */
    FORM(
        "Origin: " + EVIL,
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: document",
        "Sec-Fetch-User: ?1");

    private final String lines;

    Says(String... headers) {
      this.lines = String.join("\n", headers);
    }

    List<String> headers() {
      return lines.lines().toList();
    }
  }

  /** Sends it as if from a page, to this machine. */
  private Wire.Answer send(String line, List<String> page, String body, String... more) {
    List<String> headers = new ArrayList<>(List.of("Host: 127.0.0.1:" + port));
    headers.addAll(page);
    headers.addAll(List.of(more));
    return Wire.send(port, line, headers.toArray(String[]::new), body);
  }

  private Wire.Answer plain(String line, String body, String... headers) {
    return send(line, List.of(), body, headers);
  }

  /** A sandbox with one eventfd. */
  @BeforeEach
  void objects() {
    var _ = plain("PUT " + SANDBOX, "{}", JSON);
    assertThat(plain("POST " + SANDBOX + "/reset", "").status()).isEqualTo(200);
    assertThat(plain("POST " + SANDBOX + "/eventfds", "{}", JSON).status()).isEqualTo(201);
    before = seq();
    assertThat(before).isPositive();
  }

  private long seq() {
    return plain("GET " + SANDBOX, "").json().path("seq").asLong();
  }

  /** Every change of a sandbox has a number. */
  private void nothingHasHappened() {
    assertThat(seq()).isEqualTo(before);
  }

  // ---- pages of another origin

  @ParameterizedTest
  @EnumSource
  void pageOfAnotherOriginResetsNothing(Says page) {
    send("POST " + SANDBOX + "/reset", page.headers(), "")
        .isRefused(403, "EPERM", "virq.cors.allowed-origins");
    send("POST /v1/sandboxes/default/reset", page.headers(), "").isRefused(403, "EPERM");
    // An empty form.
    send(
            "POST " + SANDBOX + "/reset",
            page.headers(),
            "",
            "Content-Type: application/x-www-form-urlencoded")
        .isRefused(403, "EPERM");

    nothingHasHappened();
  }

  @ParameterizedTest
  @EnumSource
  void pageOfAnotherOriginSignalsNothing(Says page) {
    send("POST " + SIGNAL, page.headers(), "").isRefused(403, "EPERM");
    send("POST " + SIGNAL, page.headers(), "", "Content-Type: multipart/form-data; boundary=b")
        .isRefused(403, "EPERM");

    nothingHasHappened();
  }

  @ParameterizedTest
  @EnumSource
  void pageOfAnotherOriginRunsNoScript(Says page) {
    send("POST " + SANDBOX + "/scripts", page.headers(), SCRIPT, "Content-Type: text/plain")
        .isRefused(403, "EPERM");
    send(
            "POST " + SANDBOX + "/scripts",
            page.headers(),
            SCRIPT,
            "Content-Type: text/plain;charset=UTF-8")
        .isRefused(403, "EPERM");

    nothingHasHappened();
  }

  @Test
  void refusalNamesTheOrigin() {
    send("POST " + SIGNAL, Says.CROSS_SITE.headers(), "")
        .isRefused(403, "EPERM", "\"" + EVIL + "\"", "virq.cors.allowed-origins");
    send("GET " + SANDBOX, List.of("Sec-Fetch-Site: cross-site"), "")
        .isRefused(403, "EPERM", "another site");
  }

  @Test
  void imageOfAnotherPageIsNotLoaded() {
    // It would renew the sandbox's lease.
    send(
            "GET " + SANDBOX,
            List.of(
                "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"),
            "")
        .isRefused(403, "EPERM", "another site");
    send(
            "GET " + SANDBOX,
            List.of(
                "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"),
            "")
        .isRefused(403, "EPERM");
    send("GET " + SANDBOX, Says.ORIGIN_ONLY.headers(), "").isRefused(403, "EPERM");
  }

  @Test
  void linkOnAnotherPageMayBeFollowed() {
    List<String> link =
        List.of(
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document");

    assertThat(send("GET /swagger-ui/index.html", link, "").status()).isEqualTo(200);
    send("POST " + SIGNAL, link, "").isRefused(403, "EPERM");
  }

  @Test
  void preflightOfAnotherOriginIsRefused() {
    Wire.Answer answer =
        send(
            "OPTIONS " + SIGNAL,
            List.of("Origin: " + EVIL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"),
            "",
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type");

    answer.isRefused(403, "EPERM", EVIL);
    assertThat(answer.head().toLowerCase(Locale.ROOT)).doesNotContain("access-control-allow");
  }

  // ---- pages of origins that are allowed

  @ParameterizedTest
  @ValueSource(strings = {"https://lab.example", "http://127.0.0.1:3000"})
  void pageOfAnAllowedOriginMayCall(String origin) {
    List<String> page =
        List.of("Origin: " + origin, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors");

    Wire.Answer preflight =
        send(
            "OPTIONS " + SIGNAL,
            page,
            "",
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization,content-type,sandbox");
    assertThat(preflight.status()).isEqualTo(200);
    assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
    assertThat(preflight.header("Access-Control-Allow-Headers"))
        .contains("authorization", "content-type", "sandbox");
    assertThat(preflight.header("Access-Control-Allow-Credentials")).isEmpty();

    Wire.Answer signal = send("POST " + SIGNAL, page, "");
    assertThat(signal.status()).as(signal.body()).isEqualTo(200);
    assertThat(signal.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(signal.header("Access-Control-Expose-Headers")).contains("X-Node", "Retry-After");
  }

  @Test
  void pageOfAnAllowedOriginMayNotUseEveryMethod() {
    send(
            "OPTIONS " + SIGNAL,
            List.of("Origin: https://lab.example"),
            "",
            "Access-Control-Request-Method: PATCH")
        .isRefused(403, "EPERM", "PUT");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://lab.example.evil.example",
        "http://lab.example",
        "https://lab.example:8443",
        "https://evil.lab.example",
        "http://127.0.0.1:3001"
      })
  void originThatOnlyLooksLikeAnAllowedOneIsRefused(String origin) {
    send("POST " + SIGNAL, List.of("Origin: " + origin), "").isRefused(403, "EPERM", origin);
  }

  // ---- virq's own pages

  /** Requests of Swagger UI, and where it may have been loaded from. */
  static Stream<List<String>> ownPages() {
    return Stream.of(
        // This machine: Chrome and Firefox tell both.
        List.of(
            "Host: 127.0.0.1:8080", "Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-origin"),
        List.of(
            "Host: localhost:8080", "Origin: http://localhost:8080", "Sec-Fetch-Site: same-origin"),
        List.of("Host: [::1]:8080", "Origin: http://[::1]:8080", "Sec-Fetch-Site: same-origin"),
        // Plain HTTP on a network.
        List.of("Host: virq.example", "Origin: http://virq.example"),
        // Behind a proxy that ends TLS and keeps the name.
        List.of("Host: virq.example", "Origin: https://virq.example"),
        // Behind one that puts the address in its place.
        List.of(
            "Host: 10.0.0.7:8080",
            "X-Forwarded-Host: virq.example",
            "Origin: https://virq.example"),
        List.of("Host: 10.0.0.7:8080", "Origin: https://a.b", "Sec-Fetch-Site: same-origin"),
        // A GET has no Origin.
        List.of("Host: virq.example"));
  }

  @ParameterizedTest
  @MethodSource("ownPages")
  void ownPagesMayCall(List<String> page) {
    String[] headers = page.toArray(String[]::new);

    assertThat(Wire.send(port, "GET /v1", headers, "").status()).isEqualTo(200);
    Wire.Answer signal = Wire.send(port, "POST " + SIGNAL, headers, "");
    assertThat(signal.status()).as(signal.body()).isEqualTo(200);
  }

  @Test
  void addressThatWasTypedIsOpened() {
    List<String> typed =
        List.of("Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document");

    assertThat(send("GET /v1", typed, "").status()).isEqualTo(200);
  }

  @Test
  void curlIsNoBrowser() {
    Wire.Answer script = plain("POST " + SANDBOX + "/scripts", SCRIPT, "Content-Type: text/plain");
    assertThat(script.status()).as(script.body()).isEqualTo(200);
    assertThat(plain("POST " + SIGNAL, "").status()).isEqualTo(200);
    // curl -d ''
    assertThat(
            plain(
                    "POST " + SANDBOX + "/reset",
                    "",
                    "Content-Type: application/x-www-form-urlencoded")
                .status())
        .isEqualTo(200);
  }

  // ---- hosts

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "EVIL.example:80",
        "evil.example.",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "virq.example.evil.example",
        "evil-virq.example",
        "lab.example",
        "1.2.3.4.5",
        "1.2.3",
      })
  void nameThatWasMadeToLeadHereIsRefused(String host) {
    // The page's own origin, in its browser's eyes.
    String[] rebound = {
      "Host: " + host, "Origin: http://" + host, "Sec-Fetch-Site: same-origin", JSON
    };

    Wire.send(port, "GET /v1/sandboxes", rebound, "")
        .isRefused(403, "EPERM", host.split(":", 2)[0], "virq.access.hosts");
    Wire.send(port, "POST " + SANDBOX + "/reset", rebound, "").isRefused(403, "EPERM");
    Wire.send(port, "GET /actuator/prometheus", rebound, "").isRefused(403, "EPERM");
    Wire.send(port, "GET /nowhere", rebound, "").isRefused(403, "EPERM");
    nothingHasHappened();
  }

  @Test
  void headersOfAProxyDoNotMakeANameGood() {
    Wire.send(
            port,
            "POST " + SANDBOX + "/reset",
            new String[] {
              "Host: evil.example",
              "X-Forwarded-Host: virq.example",
              "Forwarded: host=virq.example",
              "Origin: http://evil.example"
            },
            "")
        .isRefused(403, "EPERM", "evil.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1:8080",
        "10.1.2.3:8080",
        "[::1]:8080",
        "[fd00::1]",
        "localhost",
        "LOCALHOST:8080",
        "rig.localhost:8080",
        "virq",
        "demo-virq:8080",
        "virq.example",
        "Virq.Example.:443",
        "a.lab.example",
        "a.b.lab.example"
      })
  void addressesAndKnownNamesAreAnswered(String host) {
    Wire.Answer answer = Wire.send(port, "GET /v1", new String[] {"Host: " + host}, "");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void clientOfHttp10MayNameNoHost() {
    assertThat(Wire.exchange(port, "GET /v1 HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
  }
}
