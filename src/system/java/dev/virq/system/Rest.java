package dev.virq.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.MissingNode;

/** A rig's HTTP client: JSON in, JSON out, every status an answer. */
final class Rest {
  /** Never reached by a right product. */
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param node which instance answered
   * @param epoch in which of its lives
   * @param body an absent node when there was none
   */
  record Answer(int status, String node, String epoch, JsonNode body) {
    /** A member of the body as text, or the empty string. */
    String text(String member) {
      return body.path(member).asString("");
    }

    /** A member of the body as a number, 0 when absent. */
    long number(String member) {
      return body.path(member).asLong(0);
    }

    /** The same, when the status is one of the 2xx. */
    Answer ok() {
      if (status / 100 != 2) {
        throw new AssertionError("status " + status + ": " + body);
      }
      return this;
    }
  }

  private final HttpClient client;
  private final String base;
  private final String[] headers;

  /** Sends these headers with every request, as name, value, name, value. */
  Rest(int port, String... headers) {
    this(
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
        "http://127.0.0.1:" + port,
        headers);
  }

  private Rest(HttpClient client, String base, String... headers) {
    this.client = client;
    this.base = base;
    this.headers = headers.clone();
  }

  /** The same, with these headers in place of its own. */
  Rest with(String... others) {
    return new Rest(client, base, others);
  }

  Answer get(String path) {
    return send("GET", path, null);
  }

  Answer post(String path, String json) {
    return send("POST", path, json);
  }

  Answer put(String path, String json) {
    return send("PUT", path, json);
  }

  Answer delete(String path) {
    return send("DELETE", path, null);
  }

  Answer send(String method, String path, String json) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(LIMIT);
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (json == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request.header("Content-Type", "application/json");
      request.method(method, HttpRequest.BodyPublishers.ofString(json));
    }
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String body = response.body();
      // A gateway that has no instance to ask answers for itself, with a page.
      boolean page = response.statusCode() >= 502 && body.startsWith("<");
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("X-Node").orElse(""),
          response.headers().firstValue("X-Epoch").orElse(""),
          body.isEmpty() || page ? MissingNode.getInstance() : JSON.readTree(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
