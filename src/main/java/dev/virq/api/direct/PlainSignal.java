package dev.virq.api.direct;

import dev.virq.api.Waiting;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/**
 * A request for a signal that asks for nothing unusual. Whatever else there may be in a request
 * makes it another one, which Spring MVC answers or refuses.
 *
 * @param sandbox its name, as the path has it
 * @param eventfd as the path has it
 * @param waiting what the query says
 * @param hasBody whether there is one; it is short
 */
record PlainSignal(String sandbox, String eventfd, Waiting waiting, boolean hasBody) {
  /** What the controller's path is called in the metrics. */
  static final String PATTERN = "/v1/sandboxes/{sb}/eventfds/{efd}/signal";

  private static final String END = "/signal";
  private static final Pattern PATH =
      Pattern.compile("/v1/sandboxes/([a-z0-9-]+)/eventfds/([a-z0-9-]+)/signal");
  private static final Pattern QUERY =
      Pattern.compile("wait=([a-z]+)(?:&timeout=([A-Z0-9.]+))?|timeout=([A-Z0-9.]+)");

  /** Bytes of a body: an object with a value of 64 bits. */
  private static final int LONGEST = 64;

  private static final Waiting WRITTEN = new Waiting(null, null);

  /** Null when the request is another one. */
  static @Nullable PlainSignal of(HttpServletRequest request) {
    String path = request.getRequestURI();
    if (!path.endsWith(END) || !HttpMethod.POST.matches(request.getMethod())) {
      return null;
    }
    Matcher names = PATH.matcher(path);
    Waiting waiting = waiting(request.getQueryString());
    if (waiting == null || !names.matches() || !hasPlainHeaders(request)) {
      return null;
    }
    long length = request.getContentLengthLong();
    return length > LONGEST
        ? null
        : new PlainSignal(names.group(1), names.group(2), waiting, length > 0);
  }

  private static @Nullable Waiting waiting(@Nullable String query) {
    if (query == null) {
      return WRITTEN;
    }
    Matcher said = QUERY.matcher(query);
    if (!said.matches()) {
      return null;
    }
    String timeout = said.group(2);
    return new Waiting(said.group(1), timeout == null ? said.group(3) : timeout);
  }

  private static boolean hasPlainHeaders(HttpServletRequest request) {
    String type = request.getContentType();
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return (type == null || type.equals(MediaType.APPLICATION_JSON_VALUE))
        && (accept == null
            || accept.equals(MediaType.ALL_VALUE)
            || accept.equals(MediaType.APPLICATION_JSON_VALUE)
            || accept.startsWith(MediaType.APPLICATION_JSON_VALUE + ","))
        && request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null
        && request.getHeader(HttpHeaders.EXPECT) == null
        && request.getHeader("Sandbox") == null;
  }
}
