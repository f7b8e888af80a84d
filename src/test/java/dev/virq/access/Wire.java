package dev.virq.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Requests byte for byte, for no client lets a test write the headers that a browser writes. */
final class Wire {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Wire() {}

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param head status line and headers
   * @param body as text
   */
  record Answer(int status, String head, String body) {
    /** The value of a header, or the empty string. */
    String header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .findFirst()
          .orElse("");
    }

    /** A member of the body. */
    String member(String name) {
      return json().path(name).asString("");
    }

    JsonNode json() {
      return JSON.readTree(body);
    }

    /** Checks that it is a problem with that status and errno, whose sentence has those words. */
    Answer isRefused(int expected, String errno, String... words) {
      assertThat(status).as(head + "\n" + body).isEqualTo(expected);
      assertThat(header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(member("errno")).isEqualTo(errno);
      assertThat(words).allSatisfy(word -> assertThat(member("detail")).contains(word));
      return this;
    }
  }

  /** Sends a request line and headers, each as it stands, and a body; the connection then ends. */
  static Answer send(int port, String line, String[] headers, String body) {
    StringBuilder request = new StringBuilder(line).append(" HTTP/1.1\r\n");
    Arrays.stream(headers).forEach(header -> request.append(header).append("\r\n"));
    request.append("Connection: close\r\n");
    if (!line.startsWith("GET") || !body.isEmpty()) {
      request.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    return exchange(port, request.append("\r\n").append(body).toString());
  }

  /** Sends bytes as they are. */
  static Answer exchange(int port, String request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String[] parts = answer.split("\r\n\r\n", 2);
      String text = parts.length < 2 ? "" : parts[1];
      if (parts[0].toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
        text = unchunked(text);
      }
      return new Answer(Integer.parseInt(answer.substring(9, 12)), parts[0], text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String unchunked(String chunked) {
    StringBuilder text = new StringBuilder();
    String rest = chunked;
    while (!rest.isEmpty()) {
      String[] parts = rest.split("\r\n", 2);
      int length = Integer.parseInt(parts[0], 16);
      if (length == 0) {
        break;
      }
      byte[] bytes = parts[1].getBytes(StandardCharsets.UTF_8);
      text.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
      rest = new String(bytes, length + 2, bytes.length - length - 2, StandardCharsets.UTF_8);
    }
    return text.toString();
  }
}
