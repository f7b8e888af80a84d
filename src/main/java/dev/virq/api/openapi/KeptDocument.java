package dev.virq.api.openapi;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Answers the document as it was written the first time. It is the same for all who ask, and a
 * megabyte: written anew for each, it takes the processor from those who work.
 */
@Component
final class KeptDocument extends OncePerRequestFilter {
  private static final Set<String> PATHS = Set.of("/v3/api-docs", "/v3/api-docs.yaml");

  private final Map<String, Answer> kept = new ConcurrentHashMap<>();

  private record Answer(String type, ByteArrayResource body) {}

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !HttpMethod.GET.matches(request.getMethod())
        || !PATHS.contains(request.getServletPath())
        || request.getQueryString() != null;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Answer answer = kept.get(request.getServletPath());
    if (answer != null) {
      response.setContentType(answer.type());
      response.setContentLengthLong(answer.body().contentLength());
      response.getOutputStream().write(answer.body().getByteArray());
      return;
    }
    ContentCachingResponseWrapper written = new ContentCachingResponseWrapper(response);
    chain.doFilter(request, written);
    String type = written.getContentType();
    if (written.getStatus() == HttpStatus.OK.value() && type != null) {
      kept.put(
          request.getServletPath(),
          new Answer(type, new ByteArrayResource(written.getContentAsByteArray())));
    }
    written.copyBodyToResponse();
  }
}
