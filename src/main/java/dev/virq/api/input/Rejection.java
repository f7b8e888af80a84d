package dev.virq.api.input;

import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.Params;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;

/**
 * Why a request was refused before an operation saw it. Tomcat keeps its reasons to its log, so
 * they are told again from what it has left behind: the exception, or the request itself.
 *
 * @param status of the answer; a more exact one than Tomcat's where there is one
 * @param errno of the answer
 * @param sentence what is wrong
 */
record Rejection(HttpStatus status, Errno errno, String sentence) {
  /** Where a filter leaves the {@link ErrnoException} that it refuses a request with. */
  static final String REFUSAL = Rejection.class.getName() + ".REFUSAL";

  /** Tomcat's own words for it, in whatever language this JVM speaks. */
  private static final String HEAD_TOO_LARGE =
      StringManager.getManager("org.apache.coyote.http11")
          .getString("iib.requestheadertoolarge.error");

  /** Longest part of an exception's message that is told. */
  private static final int MAX_MESSAGE = 200;

  static Rejection of(Request request, HttpStatus status, @Nullable Throwable thrown) {
    if (request.getAttribute(REFUSAL) instanceof ErrnoException refusal) {
      return new Rejection(status, refusal.errno(), refusal.sentence());
    }
    HttpStatus exact = thrown == null ? status : exact(request, status, thrown);
    return new Rejection(exact, ErrnoAdvice.errno(exact), sentence(request, exact, thrown));
  }

  private static HttpStatus exact(Request request, HttpStatus status, Throwable thrown) {
    if (status != HttpStatus.BAD_REQUEST) {
      return status;
    }
    if (HEAD_TOO_LARGE.equals(thrown.getMessage())) {
      return request.getRequestURI() == null
          ? HttpStatus.URI_TOO_LONG
          : HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    // Thrown by the parser only when there are too many headers.
    return thrown instanceof IllegalStateException
        ? HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        : status;
  }

  private static String sentence(Request request, HttpStatus status, @Nullable Throwable thrown) {
    return switch (status) {
      case BAD_REQUEST ->
          thrown == null
              ? badRequest(request)
              : thrown instanceof IOException ? badBody(thrown) : told(thrown);
      case REQUEST_TIMEOUT -> "body: did not come in time";
      case URI_TOO_LONG -> "the request line is longer than this server reads";
      case REQUEST_HEADER_FIELDS_TOO_LARGE ->
          thrown == null ? status.getReasonPhrase() : told(thrown);
      case EXPECTATION_FAILED ->
          "header Expect \"%s\" is not 100-continue".formatted(header(request, HttpHeaders.EXPECT));
      case NOT_IMPLEMENTED ->
          "CONNECT".equals(request.getMethod())
              ? "method CONNECT is not supported"
              : "header Transfer-Encoding \"%s\" is not chunked"
                  .formatted(header(request, HttpHeaders.TRANSFER_ENCODING));
      case HTTP_VERSION_NOT_SUPPORTED ->
          "protocol \"%s\" is not HTTP/1.1 or HTTP/1.0"
              .formatted(Params.shown(String.valueOf(request.getProtocol())));
      case NOT_FOUND, METHOD_NOT_ALLOWED ->
          "%s %s: %s"
              .formatted(
                  request.getMethod(),
                  Params.shown(String.valueOf(request.getRequestURI())),
                  status == HttpStatus.NOT_FOUND
                      ? ErrnoAdvice.noSuchPath(request.getRequestURI())
                      : ErrnoAdvice.wrongMethod(request.getMethod(), allowed(request)));
      case SERVICE_UNAVAILABLE -> "the instance takes no requests now";
      default ->
          status.is5xxServerError()
              ? "see the log of this node"
              : "the request cannot be served: " + status.getReasonPhrase();
    };
  }

  /** What the answer's header Allow says. */
  private static List<HttpMethod> allowed(Request request) {
    String allow = request.getResponse().getHeader(HttpHeaders.ALLOW);
    return allow == null
        ? List.of()
        : Arrays.stream(allow.split(",")).map(String::strip).map(HttpMethod::valueOf).toList();
  }

  private static String badBody(Throwable thrown) {
    Throwable first = thrown;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    boolean broken = thrown instanceof BadRequestException && first.getMessage() != null;
    return broken && !(thrown instanceof ClientAbortException)
        ? "body: " + told(first)
        : "body: ends before it is complete";
  }

  /** An exception's message; Tomcat shows bytes that are not printable as numbers. */
  private static String told(Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }

  /** What the checks of the head find, in their order. */
  private static String badRequest(Request request) {
    String uri = request.getRequestURI();
    if (uri == null) {
      return "the request line cannot be read";
    }
    List<String> hosts = Collections.list(request.getHeaders(HttpHeaders.HOST));
    if (hosts.size() != 1) {
      return hosts.isEmpty()
          ? "header Host is missing"
          : "header Host is given %d times".formatted(hosts.size());
    }
    String path = uri.startsWith("/") ? RequestTarget.pathFault(uri) : null;
    if (path != null) {
      return path;
    }
    for (String header : List.of(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CONTENT_LENGTH)) {
      List<String> values = Collections.list(request.getHeaders(header));
      if (!values.isEmpty()) {
        return "header %s \"%s\" is not valid"
            .formatted(header, Params.shown(String.join(", ", values)));
      }
    }
    return uri.startsWith("/")
        ? "header Host \"%s\" is no host, or not that of the request line"
            .formatted(Params.shown(hosts.getFirst()))
        : "request target \"%s\" is neither a path nor an http URI".formatted(Params.shown(uri));
  }

  private static String header(Request request, String name) {
    return Params.shown(String.join(", ", Collections.list(request.getHeaders(name))));
  }
}
