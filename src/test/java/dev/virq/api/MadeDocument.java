package dev.virq.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.mock.web.MockHttpServletRequest;

/**
 * The OpenAPI document as springdoc makes it of the code now. What is served is the one that was
 * committed.
 */
final class MadeDocument {
  private static final String PATH = "/v3/api-docs";

  /** By the context that makes it: it takes longer than most tests. */
  private static final Map<OpenApiWebMvcResource, String> MADE = new ConcurrentHashMap<>();

  private MadeDocument() {}

  static String by(OpenApiWebMvcResource springdoc) {
    return MADE.computeIfAbsent(
        springdoc,
        one -> {
          try {
            MockHttpServletRequest request = new MockHttpServletRequest("GET", PATH);
            return new String(one.openapiJson(request, PATH, Locale.ROOT), UTF_8);
          } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
