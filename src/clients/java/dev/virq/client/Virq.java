package dev.virq.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** A server, and the way to ask it. */
public final class Virq {
  /** Where a server is that nothing else is said of. */
  public static final String DEFAULT_URL = "http://127.0.0.1:8080";

  /** Longer than the server lets anything wait. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** What a newer server adds to its answers is left out. */
  static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final @Nullable String token;
  private final String prefix;

  private Virq(String url, @Nullable String token, String prefix) {
    this.url = url.replaceAll("/+$", "");
    this.token = token;
    this.prefix = prefix;
  }

  /** The server at this address. */
  public static Virq at(String url) {
    return new Virq(url, null, "");
  }

  /**
   * The server that the environment names by {@code VIRQ_URL}, at {@link #DEFAULT_URL} when it does
   * not, with {@code VIRQ_TOKEN} as token and {@code VIRQ_PREFIX} as prefix.
   */
  public static Virq ofEnvironment() {
    return at(System.getenv().getOrDefault("VIRQ_URL", DEFAULT_URL)).withEnvironment();
  }

  /** The same server, with {@code VIRQ_TOKEN} as token and {@code VIRQ_PREFIX} as prefix. */
  public Virq withEnvironment() {
    return new Virq(
        url, System.getenv("VIRQ_TOKEN"), System.getenv().getOrDefault("VIRQ_PREFIX", ""));
  }

  /** The same server, asked with this token: {@code Authorization: Bearer}. */
  public Virq withToken(String value) {
    return new Virq(url, value, prefix);
  }

  /** The same server; names of sandboxes begin so, for a token that may see such names only. */
  public Virq withPrefix(String value) {
    return new Virq(url, token, value);
  }

  /** Its address. */
  public String url() {
    return url;
  }

  /** A new sandbox, whose lease ends after five minutes without a call. */
  public Sandbox sandbox(String name) {
    return sandbox(name, Duration.ofMinutes(5));
  }

  /**
   * A new sandbox.
   *
   * @param name its name begins so, and ends with a random part
   * @param ttl its lease ends after so long without a call
   */
  public Sandbox sandbox(String name, Duration ttl) {
    String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    slug = slug.replaceAll("^-|-$", "");
    slug = slug.substring(0, Math.min(slug.length(), 54 - prefix.length()));
    String random = "%08x".formatted(ThreadLocalRandom.current().nextInt());
    String unique = prefix + (slug.isEmpty() ? random : slug + "-" + random);
    request("PUT", "/v1/sandboxes/" + unique, Map.of("ttl", ttl), Map.of());
    return new Sandbox(this, unique);
  }

  /**
   * Any call of the API.
   *
   * @param path from the root, as in {@code /v1/points}
   * @param body sent as JSON; a string is a script; null is none
   * @param query parameters
   * @return the answer; of a script an array, with an element for each line
   * @throws VirqException when the server refuses
   */
  public JsonNode request(String method, String path, @Nullable Object body, Map<String, ?> query) {
    String parameters =
        query.entrySet().stream()
            .map(one -> one.getKey() + "=" + encoded(one.getValue()))
            .collect(Collectors.joining("&"));
    URI uri = URI.create(url + path + (parameters.isEmpty() ? "" : "?" + parameters));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      boolean script = body instanceof String;
      String text = script ? (String) body : JSON.writeValueAsString(body);
      request.header("Content-Type", script ? "text/plain" : "application/json");
      request.method(method, HttpRequest.BodyPublishers.ofString(text));
    }
    HttpResponse<String> answer = send(request.build());
    if (answer.statusCode() / 100 != 2) {
      throw new VirqException(answer.statusCode(), answer.body());
    }
    String type = answer.headers().firstValue("Content-Type").orElse("");
    if (type.startsWith("application/x-ndjson")) {
      return JsonNodeFactory.instance
          .arrayNode()
          .addAll(answer.body().lines().filter(line -> !line.isBlank()).map(Virq::read).toList());
    }
    return read(answer.body());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no virq answers at %s (%s): start one, or set VIRQ_URL or VIRQ_JAR".formatted(url, e),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + url, e);
    }
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw new IllegalStateException("virq answered what is no JSON: " + text, e);
    }
  }

  private static String encoded(Object value) {
    return URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8);
  }
}
