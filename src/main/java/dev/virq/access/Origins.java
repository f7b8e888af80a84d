package dev.virq.access;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.cors.CorsConfiguration;

/**
 * The pages whose browsers are listened to: virq's own, and those of the origins that are allowed.
 *
 * <p>A browser sends many requests for a page of any origin without asking: everything that an HTML
 * form can express, such as a request without a body or with one of type {@code text/plain}. It
 * says so in headers that a page cannot set: {@code Sec-Fetch-Site} on HTTPS and on the loopback
 * addresses, and {@code Origin} elsewhere. A request with neither comes from no browser of this
 * decade, or from one that only loads something with GET.
 */
final class Origins {
  private static final String SITE = "Sec-Fetch-Site";
  private static final String MODE = "Sec-Fetch-Mode";
  private static final String DEST = "Sec-Fetch-Dest";
  private static final String FORWARDED_HOST = "X-Forwarded-Host";
  private static final String SCHEME_END = "://";

  /** Of virq's headers, those that a page may read. */
  private static final List<String> EXPOSED =
      List.of(
          "ETag",
          "Idempotency-Replayed",
          "Location",
          "Retry-After",
          "Sandbox-Uid",
          "WWW-Authenticate",
          "X-Epoch",
          "X-Node",
          "X-Request-Id");

  private final CorsConfiguration cors = new CorsConfiguration();

  /**
   * Those origins besides virq's own; {@code *} is every one.
   *
   * @throws IllegalArgumentException when one of them is no origin
   */
  Origins(List<String> allowed) {
    allowed.forEach(Origins::check);
    cors.setAllowedOrigins(allowed);
    cors.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
    cors.setAllowedHeaders(List.of(CorsConfiguration.ALL));
    cors.setExposedHeaders(EXPOSED);
  }

  private static void check(String origin) {
    if (origin.equals(CorsConfiguration.ALL)) {
      return;
    }
    URI uri;
    try {
      uri = URI.create(origin);
    } catch (IllegalArgumentException e) {
      throw notAnOrigin(origin, e);
    }
    boolean whole = (uri.getScheme() + SCHEME_END + uri.getRawAuthority()).equals(origin);
    if (uri.getHost() == null || uri.getUserInfo() != null || !whole) {
      throw notAnOrigin(origin, null);
    }
  }

  private static IllegalArgumentException notAnOrigin(String origin, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "\"%s\" is no origin: expected scheme, host and port if any, such as https://lab.example,"
                .formatted(origin)
            + " without a path or a slash at the end",
        cause);
  }

  /** How requests of allowed origins are answered. */
  CorsConfiguration cors() {
    return cors;
  }

  /** Whether a browser sends this for a page that is not virq's own. */
  static boolean isForeign(HttpServletRequest request) {
    String site = request.getHeader(SITE);
    if (site != null) {
      // none: typed, or from a bookmark.
      return !site.equals("same-origin") && !site.equals("none") && !isLink(request);
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin != null && !isOwn(origin, request);
  }

  /** Whether a user has followed a link that leads here. */
  private static boolean isLink(HttpServletRequest request) {
    return HttpMethod.GET.matches(request.getMethod())
        && "navigate".equals(request.getHeader(MODE))
        && "document".equals(request.getHeader(DEST));
  }

  /**
   * Whether that origin is the one which the request is addressed to. The scheme is not compared:
   * virq does not see the TLS of a proxy. Nor does virq see the name where the proxy puts its own
   * in; a page cannot set the header that has it then, unless it has asked before and was allowed.
   */
  private static boolean isOwn(String origin, HttpServletRequest request) {
    int end = origin.indexOf(SCHEME_END);
    String authority = end < 0 ? "" : origin.substring(end + SCHEME_END.length());
    return !authority.isEmpty()
        && (authority.equalsIgnoreCase(request.getHeader(HttpHeaders.HOST))
            || authority.equalsIgnoreCase(first(request.getHeader(FORWARDED_HOST))));
  }

  private static @Nullable String first(@Nullable String list) {
    return list == null ? null : list.split(",", 2)[0].strip();
  }

  /** Whether requests of that origin are allowed by configuration. */
  boolean isAllowed(@Nullable String origin) {
    return cors.checkOrigin(origin) != null;
  }
}
