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
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Set<Integer> PUT_OFF = Set.of(429, 503);

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
  private final Duration patience;

  private Virq(String url, @Nullable String token, String prefix, Duration patience) {
    this.url = address(url);
    this.token = token;
    this.prefix = prefix;
    this.patience = patience;
  }

  private static String address(String url) {
    if (!url.matches("(?i)https?://[^/].*")) {
      throw new IllegalArgumentException(
          "the server's address (VIRQ_URL) is \"%s\": it must begin with http:// or https://"
              .formatted(url));
    }
    String address = url.replaceAll("/+$", "");
    if (address.endsWith("/v1")) {
      throw new IllegalArgumentException(
          "the server's address (VIRQ_URL) is \"%s\": it must not end in /v1, which is added to it"
              .formatted(url));
    }
    return address;
  }

  /**
   * The server at this address, which begins with http:// or https:// and has no /v1.
   *
   * @throws IllegalArgumentException when it is no such address
   */
  public static Virq at(String url) {
    return new Virq(url, null, "", PATIENCE);
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
        url,
        System.getenv("VIRQ_TOKEN"),
        System.getenv().getOrDefault("VIRQ_PREFIX", ""),
        patience);
  }

  /** The same server, asked with this token: {@code Authorization: Bearer}. */
  public Virq withToken(String value) {
    return new Virq(url, value, prefix, patience);
  }

  /** The same server; names of sandboxes begin so, for a token that may see such names only. */
  public Virq withPrefix(String value) {
    return new Virq(url, token, value, patience);
  }

  /**
   * The same server; a call that it puts off, with 429 or 503 and Retry-After, is made again for so
   * long. Half a minute otherwise.
   */
  public Virq withPatience(Duration value) {
    return new Virq(url, token, prefix, value);
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
    JsonNode made = request("PUT", "/v1/sandboxes/" + unique, Map.of("ttl", ttl), Map.of());
    return new Sandbox(this, unique, made.path("uid").asString());
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
    return request(method, path, body, query, null);
  }

  /** The same; the life, if there is one, is the only one of a sandbox that the call is for. */
  JsonNode request(
      String method,
      String path,
      @Nullable Object body,
      Map<String, ?> query,
      @Nullable String life) {
    String parameters =
        query.entrySet().stream()
            .map(one -> one.getKey() + "=" + encoded(one.getValue()))
            .collect(Collectors.joining("&"));
    URI uri = URI.create(url + path + (parameters.isEmpty() ? "" : "?" + parameters));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (life != null) {
      request.header("If-Match", '"' + life + '"');
    }
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      boolean script = body instanceof String;
      String text = script ? (String) body : JSON.writeValueAsString(body);
      request.header("Content-Type", script ? "text/plain" : "application/json");
      request.method(method, HttpRequest.BodyPublishers.ofString(text));
    }
    HttpResponse<String> answer = sendPatiently(request.build());
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

  private HttpResponse<String> sendPatiently(HttpRequest request) {
    long giveUp = System.nanoTime() + patience.toNanos();
    while (true) {
      HttpResponse<String> answer = send(request);
      long after = retryAfterNanos(answer);
      // Nothing has been done yet, so it may be asked again.
      if (after < 0 || System.nanoTime() + after - giveUp >= 0) {
        return answer;
      }
      try {
        TimeUnit.NANOSECONDS.sleep(after);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  /** After how long a call that was put off may be made again; negative when it may not. */
  private static long retryAfterNanos(HttpResponse<String> answer) {
    String after = answer.headers().firstValue("Retry-After").orElse("");
    return PUT_OFF.contains(answer.statusCode()) && after.matches("[0-9]{1,4}")
        ? TimeUnit.SECONDS.toNanos(Long.parseLong(after))
        : -1;
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no virq answers at %s (%s): start one, or set VIRQ_URL or VIRQ_JAR".formatted(url, e),
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for " + url, e);
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
