package dev.virq.api.input;

import dev.virq.api.http.Instance;
import dev.virq.api.http.Params;
import dev.virq.errno.ErrnoException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The one place that all text of a request passes through. Path, query and headers are refused here
 * when they are no text; the body is handed on so that it is checked while it is read.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1) // after the request has its id, before all else
public final class InputFilter extends OncePerRequestFilter {
  private final long maxBodyBytes;

  InputFilter(Instance instance) {
    this.maxBodyBytes = instance.maxBodyBytes();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String fault = textFault(request);
    if (fault != null) {
      refuse(request, response, HttpServletResponse.SC_BAD_REQUEST, Params.invalid(fault));
      return;
    }
    String media = mediaFault(request);
    if (media != null) {
      refuse(
          request,
          response,
          HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE,
          Params.unsupported(media));
      return;
    }
    chain.doFilter(new BoundedRequest(request, maxBodyBytes), response);
  }

  /** The valve writes the problem: the form of errors outside the controllers is decided there. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, int status, ErrnoException refusal)
      throws IOException {
    request.setAttribute(Rejection.REFUSAL, refusal);
    response.sendError(status);
  }

  private static @Nullable String textFault(HttpServletRequest request) {
    String fault = RequestTarget.pathFault(request.getRequestURI());
    if (fault == null) {
      fault = RequestTarget.queryFault(request.getQueryString());
    }
    return fault == null ? headerFault(request) : fault;
  }

  private static @Nullable String headerFault(HttpServletRequest request) {
    for (Iterator<String> names = request.getHeaderNames().asIterator(); names.hasNext(); ) {
      String name = names.next();
      for (Iterator<String> values = request.getHeaders(name).asIterator(); values.hasNext(); ) {
        String value = values.next();
        if (isAscii(value)) {
          continue;
        }
        // Tomcat hands one byte a character.
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        String fault = Utf8.told(bytes, Utf8.fault(bytes));
        if (fault != null) {
          return "header %s %s".formatted(Params.shown(name), fault);
        }
      }
    }
    List<String> types = Collections.list(request.getHeaders(HttpHeaders.CONTENT_TYPE));
    return types.size() > 1
        ? "header Content-Type is given %d times".formatted(types.size())
        : null;
  }

  private static boolean isAscii(String value) {
    for (int at = 0; at < value.length(); at++) {
      if (value.charAt(at) > 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Bodies are taken as they are, in UTF-8; without one the type has to be one all the same. */
  private static @Nullable String mediaFault(HttpServletRequest request) {
    boolean hasBody = BoundedRequest.hasBody(request);
    for (String coding : Collections.list(request.getHeaders(HttpHeaders.CONTENT_ENCODING))) {
      if (hasBody && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
        return "Content-Encoding \"%s\" is not taken; send the body as it is"
            .formatted(Params.shown(coding));
      }
    }
    String sent = request.getContentType();
    if (sent == null || sent.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return null;
    }
    MediaType type;
    try {
      type = MediaType.parseMediaType(sent);
    } catch (InvalidMediaTypeException e) {
      return "Content-Type \"%s\" is none: %s".formatted(Params.shown(sent), e.getMessage());
    }
    if (!type.isConcrete()) {
      // Spring throws at it where it looks at the headers of a request that nothing handles.
      return "Content-Type \"%s\" is a wildcard".formatted(Params.shown(sent));
    }
    return !hasBody || BodyCharset.of(sent) != BodyCharset.OTHER
        ? null
        : "Content-Type \"%s\" has a charset that is not taken; bodies are UTF-8"
            .formatted(Params.shown(sent));
  }
}
