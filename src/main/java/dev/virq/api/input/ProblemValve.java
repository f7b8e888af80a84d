package dev.virq.api.input;

import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.Instance;
import dev.virq.api.http.LifeHeaders;
import dev.virq.api.http.RequestContextFilter;
import dev.virq.api.wire.Head;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the errors that no controller has written a body for, in the form of all others: those of
 * Tomcat itself, such as for a request line that is none, those of filters, and statuses that an
 * endpoint of the actuator answers without a word.
 */
final class ProblemValve extends ErrorReportValve {
  private final Instance instance;
  private final JsonMapper json;
  private final AllowedMethods allowed;

  ProblemValve(Instance instance, JsonMapper json, AllowedMethods allowed) {
    this.instance = instance;
    this.json = json;
    this.allowed = allowed;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable thrown) {
    HttpStatus status = HttpStatus.resolve(response.getStatus());
    if (status == null || !status.isError() || response.getContentWritten() > 0) {
      return;
    }
    // False when no error was reported to Tomcat, only a status set; there is a body to write then,
    // too.
    boolean _ = response.setErrorReported();
    if ("TRACE".equals(request.getMethod()) && status == HttpStatus.METHOD_NOT_ALLOWED) {
      // Tomcat refuses it before it knows what the path takes, and says what servlets do in
      // general.
      Set<String> methods = allowed.of(request);
      status = methods.isEmpty() ? HttpStatus.NOT_FOUND : status;
      response.getCoyoteResponse().getMimeHeaders().removeHeader(HttpHeaders.ALLOW);
      if (!methods.isEmpty()) {
        response.setHeader(HttpHeaders.ALLOW, String.join(", ", methods));
      }
    }
    write(request, response, problem(request, response, Rejection.of(request, status, thrown)));
  }

  private ErrnoProblem problem(Request request, Response response, Rejection rejection) {
    String id = response.getHeader(RequestContextFilter.REQUEST_ID);
    if (id == null) {
      id = RequestContextFilter.idFor(request.getHeader(RequestContextFilter.REQUEST_ID));
    }
    String path = request.getRequestURI();
    return new ErrnoProblem(
        "/problems/" + rejection.errno(),
        rejection.errno().title(),
        rejection.status().value(),
        rejection.sentence(),
        path == null ? "" : path,
        rejection.errno().name(),
        rejection.errno().number(),
        id,
        null,
        instance.node(),
        instance.epoch(),
        null,
        null,
        null,
        Map.of());
  }

  private void write(Request request, Response response, ErrnoProblem problem) {
    try {
      response.setStatus(problem.status());
      response.setHeader(RequestContextFilter.REQUEST_ID, problem.requestId());
      response.setHeader(RequestContextFilter.NODE, instance.node());
      response.setHeader(LifeHeaders.EPOCH, instance.epoch());
      response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      byte[] body = (json.writeValueAsString(problem) + '\n').getBytes(StandardCharsets.UTF_8);
      response.getOutputStream().write(body);
      Head.say(request, problem.errno() + ": " + problem.detail());
      Head.finish(request, response);
    } catch (IOException | IllegalStateException e) {
      // The connection is gone, or the request was answered already: there is no one to answer.
      container.getLogger().debug("problem not written", e);
    }
  }
}
