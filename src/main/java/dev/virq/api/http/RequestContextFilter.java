package dev.virq.api.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What every exchange carries: a request id, the node and its epoch, and no-store.
 *
 * <p>The id and the trace id of a W3C {@code traceparent} stand in the log's context, too.
 */
@Component("virqRequestContext") // Spring has a bean of the class's own name
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class RequestContextFilter extends OncePerRequestFilter {
  /** The header with the request's id. */
  public static final String REQUEST_ID = "X-Request-Id";

  /** The header with the node's name. */
  public static final String NODE = "X-Node";

  private static final String ATTRIBUTE = RequestContextFilter.class.getName();
  private static final String TRACE_ID = "traceId";
  private static final Pattern SANE_ID = Pattern.compile("[!-~]{1,128}");
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

  private final Instance instance;

  /** For the node that the instance is. */
  public RequestContextFilter(Instance instance) {
    this.instance = instance;
  }

  /** The id of a request that this filter has seen. */
  static String requestId(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String id ? id : "-";
  }

  /** The id that the client sent, if it can stand in a header and a log, or a new one. */
  public static String idFor(@Nullable String sent) {
    return sent != null && SANE_ID.matcher(sent).matches() ? sent : UUID.randomUUID().toString();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String id = idFor(request.getHeader(REQUEST_ID));
    request.setAttribute(ATTRIBUTE, id);
    response.setHeader(REQUEST_ID, id);
    response.setHeader(NODE, instance.node());
    response.setHeader(LifeHeaders.EPOCH, instance.epoch());
    response.setHeader("Cache-Control", "no-store");
    String traceparent = request.getHeader("traceparent");
    Matcher trace = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
    try (var _ = MDC.putCloseable("requestId", id);
        var _ = MDC.putCloseable(TRACE_ID, trace.matches() ? trace.group(1) : null)) {
      chain.doFilter(request, response);
    }
  }
}
