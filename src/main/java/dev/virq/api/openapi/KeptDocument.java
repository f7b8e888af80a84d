package dev.virq.api.openapi;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Answers the document without making it: as it was committed with the code, or, if springdoc is
 * set to make another, as it was written the first time. It is the same for all who ask, and a
 * megabyte: written anew for each, it takes the processor from those who work; and what springdoc
 * needs to make it takes fifteen megabytes from then on.
 *
 * <p>Whatever query and language are asked for: springdoc would make one for each, without bound.
 */
@Component
@ConditionalOnProperty(name = "springdoc.api-docs.enabled", matchIfMissing = true)
final class KeptDocument extends OncePerRequestFilter {
  private static final String JSON = "/v3/api-docs";

  /** What is written for HEAD, the container leaves out. */
  private static final Set<String> METHODS = Set.of(HttpMethod.GET.name(), HttpMethod.HEAD.name());

  private static final String YAML = "/v3/api-docs.yaml";

  private static final Set<String> PATHS = Set.of(JSON, YAML);

  /** Of the document in YAML. */
  private static final String OPENAPI_TYPE = "application/vnd.oai.openapi";

  /** Settings of springdoc that say of what it makes a document, as they were for the committed. */
  private static final Map<String, List<String>> CHOICES =
      Map.of(
          "springdoc.packages-to-scan", List.of("dev.virq.api"),
          "springdoc.packages-to-exclude", List.of(),
          "springdoc.paths-to-match", List.of(),
          "springdoc.paths-to-exclude", List.of());

  private static final Bindable<List<String>> LIST = Bindable.listOf(String.class);

  private final Map<String, Answer> kept = new ConcurrentHashMap<>();

  /** Whether the document is the one that was committed. */
  private final boolean asCommitted;

  private record Answer(String type, ByteArrayResource body) {}

  KeptDocument(Environment settings) {
    // Bound and not looked up: lists have their elements' names, and no name of their own.
    Binder binder = Binder.get(settings);
    asCommitted =
        CHOICES.entrySet().stream()
                .allMatch(choice ->
                    binder
                        .bind(choice.getKey(), LIST)
                        .orElse(choice.getValue())
                        .equals(choice.getValue()))
            && RecordedDocument.VERSION.equals(settings.getProperty("springdoc.api-docs.version"));
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !METHODS.contains(request.getMethod()) || !PATHS.contains(request.getServletPath());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getServletPath();
    Answer answer =
        asCommitted ? kept.computeIfAbsent(path, KeptDocument::recorded) : kept.get(path);
    if (answer != null) {
      response.setContentType(answer.type());
      response.setContentLengthLong(answer.body().contentLength());
      response.getOutputStream().write(answer.body().getByteArray());
      return;
    }
    ContentCachingResponseWrapper written = new ContentCachingResponseWrapper(response);
    chain.doFilter(request, written);
    String type = written.getContentType();
    boolean whole = HttpMethod.GET.matches(request.getMethod());
    if (whole && written.getStatus() == HttpStatus.OK.value() && type != null) {
      kept.put(path, new Answer(type, new ByteArrayResource(written.getContentAsByteArray())));
    }
    written.copyBodyToResponse();
  }

  private static Answer recorded(String path) {
    return path.equals(JSON)
        ? new Answer(
            MediaType.APPLICATION_JSON_VALUE, new ByteArrayResource(RecordedDocument.json()))
        : new Answer(OPENAPI_TYPE, new ByteArrayResource(RecordedDocument.yaml()));
  }
}
