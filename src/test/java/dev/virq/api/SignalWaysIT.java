package dev.virq.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A signal is answered in two ways, by its controller or directly, and nobody can tell which. That
 * {@code Accept} carries a weight is what makes the second of each pair the controller's.
 */
class SignalWaysIT extends OverHttp {
  private static final Pattern COUNT =
      Pattern.compile(
          "http_server_requests_seconds_count\\{([^}]*uri=\"/v1/sandboxes/\\{sb}/eventfds/\\{efd}/signal\"[^}]*)}"
              + " (\\S+)");

  @BeforeEach
  void bind() {
    bound();
    call().post(sandbox + "/pipes").then().statusCode(201);
    call("{}").post(sandbox + "/eventfds").then().statusCode(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5            |                             |",
        "efd-2        |                             | {}",
        "5            | ?wait=none                  | {\"value\":\"7\"}",
        "3            | ?wait=settled               | {\"value\":7}",
        "3            | ?wait=settled&timeout=PT30S | null",
        "5            | ?timeout=PT1S               | {\"value\":null}",
        "3            | ?wait=never                 |",
        "3            | ?timeout=PT2H               |",
        "3            | ?timeout=SOON               |",
        "3            |                             | {\"value\":-1}",
        "3            |                             | {\"value\":1,\"value\":2}",
        "3            |                             | {\"worth\":1}",
        "3            |                             | {\"value\":1} 2",
        "3            |                             | [",
        "3            |                             | {\"value\":\"18446744073709551615\"}",
        "4            |                             | {}",
        "99           |                             |",
        "efd-99       |                             |",
        "99999999999  |                             |",
        "vm-1         | ?wait=settled               |",
      })
  void bothWaysAnswerTheSame(String eventfd, String query, String body) {
    String path =
        sandbox + "/eventfds/" + eventfd + "/signal" + (query == null ? "" : query.strip());

    Map<String, String> direct = seen(request(body).accept("*/*").post(path));
    Map<String, String> controlled = seen(request(body).accept("*/*;q=0.9").post(path));

    assertThat(direct).isEqualTo(controlled);
  }

  @Test
  void bothWaysRefuseAnotherLife() {
    String path = sandbox + "/eventfds/3/signal";

    Map<String, String> direct = seen(request(null).header("If-Match", "\"other\"").post(path));
    Map<String, String> controlled =
        seen(request(null).header("If-Match", "\"other\"").accept("*/*;q=0.9").post(path));

    assertThat(direct).isEqualTo(controlled).containsEntry("status", "412");
  }

  @Test
  void bothWaysAnswerForASandboxThatIsNone() {
    String path = "/v1/sandboxes/none/eventfds/3/signal";

    assertThat(seen(request(null).post(path)))
        .isEqualTo(seen(request(null).accept("*/*;q=0.9").post(path)))
        .containsEntry("status", "404");
  }

  @Test
  void bothWaysAnswerThatTheOutcomeIsOpen() {
    call("{\"point\":\"inject.dereferenced\"}")
        .post(sandbox + "/breakpoints")
        .then()
        .statusCode(201);
    String path = sandbox + "/eventfds/3/signal?wait=settled";

    Map<String, String> direct = seen(request(null).post(path));
    Map<String, String> controlled = seen(request(null).accept("*/*;q=0.9").post(path));

    // The second one waits behind the first, which its body says.
    direct.remove("body");
    controlled.remove("body");
    assertThat(direct).isEqualTo(controlled).containsEntry("status", "202");
    call().delete(sandbox + "/breakpoints/bp-1").then().statusCode(200);
    settled();
  }

  @Test
  void bothWaysAreMeasuredAlike() {
    String path = sandbox + "/eventfds/3/signal";
    Map<String, Double> before = counts();

    request(null).accept("*/*").post(path).then().statusCode(200);
    Map<String, Double> between = counts();
    request(null).accept("*/*;q=0.9").post(path).then().statusCode(200);

    Map<String, Double> moved = moved(before, between);
    assertThat(moved).hasSize(1).containsValue(1.0);
    assertThat(moved(between, counts())).isEqualTo(moved);
  }

  private RequestSpecification request(String body) {
    RequestSpecification request = RestAssured.given().port(port);
    return body == null ? request : request.contentType("application/json").body(body);
  }

  /** What a client sees, without what is new each time. */
  private static Map<String, String> seen(Response response) {
    Map<String, String> seen = new TreeMap<>();
    seen.put("status", Integer.toString(response.statusCode()));
    seen.put("line", response.statusLine());
    for (Header header : response.headers()) {
      seen.put(header.getName(), header.getValue());
    }
    seen.keySet().removeAll(Set.of("X-Request-Id", "Date", "Content-Length"));
    seen.put("length", Boolean.toString(response.header("Content-Length") != null));
    seen.put(
        "body",
        response
            .asString()
            .replaceAll("\"requestId\":\"[^\"]*\"", "")
            .replaceAll("(\"[a-zA-Z]*(Seq|seq|Nanos|id|counterAfter|worker)\":\"?)[^,}]*", "$1")
            .replaceAll("\"lineStatus\":\"[A-Z]*\"", ""));
    return seen;
  }

  private Map<String, Double> counts() {
    Map<String, Double> counts = new TreeMap<>();
    Matcher line =
        COUNT.matcher(RestAssured.given().port(port).get("/actuator/prometheus").asString());
    while (line.find()) {
      counts.put(line.group(1), Double.parseDouble(line.group(2)));
    }
    return counts;
  }

  private static Map<String, Double> moved(Map<String, Double> from, Map<String, Double> to) {
    Map<String, Double> moved = new TreeMap<>();
    to.forEach((tags, count) -> {
      double more = count - from.getOrDefault(tags, 0.0);
      if (more != 0) {
        moved.put(tags, more);
      }
    });
    return moved;
  }
}
