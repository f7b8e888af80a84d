package dev.virq.api.http;

import dev.virq.errno.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the errors that never reach a controller, such as a request line that is none, in the form
 * of all others.
 */
public final class ProblemValve extends ErrorReportValve {
  private final Instance instance;
  private final JsonMapper json;

  ProblemValve(Instance instance, JsonMapper json) {
    this.instance = instance;
    this.json = json;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int code = response.getStatus();
    HttpStatus status = HttpStatus.resolve(code);
    if (code < 400
        || status == null
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    Errno errno = ErrnoAdvice.errno(status);
    String id = response.getHeader(RequestContextFilter.REQUEST_ID);
    if (id == null) {
      id = RequestContextFilter.idFor(request.getHeader(RequestContextFilter.REQUEST_ID));
      response.setHeader(RequestContextFilter.REQUEST_ID, id);
    }
    response.setHeader(RequestContextFilter.NODE, instance.node());
    response.setHeader("Cache-Control", "no-store");
    String path = request.getRequestURI();
    ErrnoProblem problem =
        new ErrnoProblem(
            "/problems/" + errno,
            errno.title(),
            code,
            "the request cannot be served: " + status.getReasonPhrase(),
            path == null ? "" : path,
            errno.name(),
            errno.number(),
            id,
            null,
            instance.node(),
            null,
            Map.of());
    try {
      response.setContentType("application/problem+json");
      byte[] body = json.writeValueAsString(problem).getBytes(StandardCharsets.UTF_8);
      response.getOutputStream().write(body);
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      // The connection is gone, or the request was answered already: there is no one to answer.
      container.getLogger().debug("problem not written", e);
    }
  }
}
