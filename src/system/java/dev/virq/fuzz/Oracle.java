package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Says what is wrong with an answer: whatever the document does not say, and every 500. */
final class Oracle {
  private static final String PROBLEM = "application/problem+json";

  /** What a status means when no operation was asked. */
  private static final Map<Integer, String> GENERAL =
      Map.ofEntries(
          Map.entry(400, "EINVAL"),
          Map.entry(417, "EINVAL"),
          Map.entry(404, "ENOENT"),
          Map.entry(405, "EOPNOTSUPP"),
          Map.entry(406, "EOPNOTSUPP"),
          Map.entry(415, "EOPNOTSUPP"),
          Map.entry(501, "EOPNOTSUPP"),
          Map.entry(505, "EOPNOTSUPP"),
          Map.entry(413, "E2BIG"),
          Map.entry(414, "E2BIG"),
          Map.entry(431, "E2BIG"),
          Map.entry(408, "ETIMEDOUT"));

  private final Document document;
  private final Schemas schemas;

  Oracle(Document document) {
    this.document = document;
    this.schemas = new Schemas(document);
  }

  /** The faults of an answer to a request; empty when it is right. */
  List<String> faults(Draft request, Wire.Answer answer) {
    List<String> faults = new ArrayList<>();
    int status = answer.status();
    Document.Response documented = request.operation.responses().get(status);
    if (documented == null && !request.also.contains(status) && !isOverload(answer)) {
      faults.add("status " + status + " is not documented");
    }
    every(answer, faults);
    if (status >= 400 && !request.method.equals("HEAD")) {
      String errno = problem(answer, faults);
      boolean known =
          (documented != null && documented.errnos().contains(errno))
              // Another method may be another operation of the path, with errnos of its own.
              || !request.method.equals(request.operation.method())
              || (request.also.contains(status)
                  && errno.equals(GENERAL.getOrDefault(status, errno)))
              || isOverload(answer);
      if (!known) {
        faults.add("errno " + errno + " is not documented for status " + status);
      }
    } else if (documented != null && request.also.isEmpty()) {
      body(documented, answer, faults);
    }
    return faults;
  }

  /** The faults of what is answered to bytes that may be no request. */
  List<String> faults(Wire.Answer answer) {
    List<String> faults = new ArrayList<>();
    every(answer, faults);
    if (answer.status() >= 400 && answer.body().length > 0) {
      var _ = problem(answer, faults);
    } else if (answer.status() >= 400) {
      faults.add("an error without a body");
    }
    return faults;
  }

  private static boolean isOverload(Wire.Answer answer) {
    return (answer.status() == 429 || answer.status() == 503)
        && !answer.header("retry-after").isEmpty();
  }

  private static void every(Wire.Answer answer, List<String> faults) {
    int status = answer.status();
    if (status >= 500 && !Set.of(501, 503, 504, 505).contains(status)) {
      faults.add("status " + status);
    }
    if (answer.header("x-request-id").isEmpty() && !isOptionsOfTheServer(answer)) {
      faults.add("no X-Request-Id");
    }
  }

  /** {@code OPTIONS *} is answered by Tomcat before anything else. */
  private static boolean isOptionsOfTheServer(Wire.Answer answer) {
    return answer.status() == 200 && !answer.header("allow").isEmpty();
  }

  /** The errno of a problem, which has to be one. */
  private String problem(Wire.Answer answer, List<String> faults) {
    if (!answer.header("content-type").equals(PROBLEM)) {
      faults.add("Content-Type " + answer.header("content-type") + " is no problem");
    }
    JsonNode body = parse(answer.body(), faults);
    if (body == null) {
      return "";
    }
    schemas.faults(document.problem(), body).forEach(fault -> faults.add("problem" + fault));
    String errno = body.path("errno").asString("");
    if (body.path("status").asInt(0) != answer.status()) {
      faults.add("the problem's status is " + body.path("status"));
    }
    if (!body.path("type").asString("").equals("/problems/" + errno)) {
      faults.add("the problem's type is " + body.path("type"));
    }
    if (!body.path("requestId").asString("").equals(answer.header("x-request-id"))) {
      faults.add("the problem's requestId is " + body.path("requestId"));
    }
    if (body.path("detail").asString("").isBlank()) {
      faults.add("the problem has no detail");
    }
    if (errno.equals("EIO")) {
      faults.add("EIO: an invariant was broken, or it says so");
    }
    return errno;
  }

  private void body(Document.Response documented, Wire.Answer answer, List<String> faults) {
    JsonNode schema = documented.schemas().get(answer.header("content-type"));
    if (schema == null) {
      faults.add(
          "Content-Type %s is none of %s"
              .formatted(answer.header("content-type"), documented.schemas().keySet()));
    } else if (answer.header("content-type").equals("application/json")) {
      JsonNode body = parse(answer.body(), faults);
      if (body != null) {
        faults.addAll(schemas.faults(schema, body));
      }
    }
  }

  private static JsonNode parse(byte[] body, List<String> faults) {
    try {
      JsonNode parsed = JsonMapper.shared().readTree(body);
      if (parsed.isMissingNode()) {
        faults.add("no body");
        return null;
      }
      return parsed;
    } catch (JacksonException e) {
      faults.add("the body is no JSON: " + new String(body, UTF_8));
      return null;
    }
  }
}
