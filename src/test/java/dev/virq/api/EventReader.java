package dev.virq.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of an event stream. Each read waits until something comes. */
final class EventReader implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpResponse<java.io.InputStream> response;
  private final BufferedReader lines;

  /**
   * What stands between two empty lines.
   *
   * @param id as it is sent
   * @param type of the event; null for a comment
   * @param data as it is sent
   */
  record Block(@Nullable String id, @Nullable String type, JsonNode data) {
    long seq() {
      return data.path("seq").asLong();
    }
  }

  EventReader(int port, String path, @Nullable String lastEventId)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Accept", "text/event-stream");
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    response = client.send(request.build(), BodyHandlers.ofInputStream());
    lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  int status() {
    return response.statusCode();
  }

  String contentType() {
    return response.headers().firstValue("Content-Type").orElse("");
  }

  /** The next line, also of a comment; null at the end of the stream. */
  @Nullable String line() throws IOException {
    return lines.readLine();
  }

  /** The next block that is an event; null at the end of the stream. */
  @Nullable Block next() throws IOException {
    String id = null;
    String type = null;
    JsonNode data = JSON.missingNode();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = JSON.readTree(line.substring(6));
      } else if (line.isEmpty()) {
        if (type != null) {
          return new Block(id, type, data);
        }
        id = null;
      }
    }
    return null;
  }

  /**
   * The events up to the first that is like that, which is among them; all up to the end if none.
   */
  List<Block> upTo(Predicate<Block> last) throws IOException {
    List<Block> read = new ArrayList<>();
    for (Block block = next(); block != null; block = next()) {
      read.add(block);
      if (last.test(block)) {
        break;
      }
    }
    return read;
  }

  /** All that is there, when nothing more comes. */
  List<Block> upTo(long seq) throws IOException {
    return upTo(block -> block.seq() == seq);
  }

  @Override
  public void close() throws IOException {
    lines.close();
    client.shutdownNow();
    client.close();
  }
}
