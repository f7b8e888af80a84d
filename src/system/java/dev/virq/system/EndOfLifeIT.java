package dev.virq.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Requests that never arrive, and a shutdown that they keep from ending: the process says no in
 * time, and ends in time.
 */
class EndOfLifeIT {
  private static Socket send(int port, String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    // So that a broken copy fails rather than hangs.
    socket.setSoTimeout(60_000);
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return socket;
  }

  private static String answer(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), US_ASCII);
  }

  /** The last byte of a body, once a head of the same age was found late. */
  private static void dripAfter(int port, Socket body) {
    try (Socket clock = send(port, "GET /v1 HTTP/1.1\r\nX-Slow: ")) {
      assertThat(answer(clock)).isEmpty();
      body.getOutputStream().write(' ');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void requestsHaveADeadlineAsAWholeAndAShutdownThatTheyKeepIsHalted() throws Exception {
    try (ServerProcess service =
        ServerProcess.start(
            ServerProcess.program(
                List.of("-Xmx256m"),
                List.of(
                    "--server.port=0",
                    // Longer than this test: what closes a connection is the deadline.
                    "--server.tomcat.connection-timeout=10m",
                    "--virq.requests.deadline=PT1S",
                    "--virq.drain-timeout=PT0.5S",
                    "--virq.shutdown-timeout=PT2S",
                    "--spring.lifecycle.timeout-per-shutdown-phase=1m")))) {
      int port = service.port();
      try (Socket head = send(port, "GET /v1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")) {
        // Closed, though the time between two reads is far from over.
        assertThat(answer(head)).isEmpty();
      }
      String begun =
          """
          POST /v1/sandboxes HTTP/1.1\r
          Host: localhost\r
          Content-Type: application/json\r
          Content-Length: 10\r
          \r
          """;
      try (Socket body = send(port, begun)) {
        for (int i = 0; i < 9; i++) {
          body.getOutputStream().write(' ');
        }
        // The tenth byte would make it whole, and comes after the deadline.
        Thread dripping = Thread.ofVirtual().start(() -> dripAfter(port, body));
        assertThat(answer(body)).startsWith("HTTP/1.1 408").contains("ETIMEDOUT");
        dripping.join();
      }
      // Whoever answers it, the rest of a body is not waited for: 404, and closed.
      try (Socket body = send(port, begun.replace("/v1/sandboxes", "/nothing"))) {
        Thread dripping = Thread.ofVirtual().start(() -> dripAfter(port, body));
        assertThat(answer(body)).startsWith("HTTP/1.1 404").contains("ENOENT");
        dripping.join();
      }
      // Nor when it is refused for what came before the body.
      try (Socket body = send(port, begun.replace("/v1/sandboxes", "/v1/sandboxes?a=1"))) {
        Thread dripping = Thread.ofVirtual().start(() -> dripAfter(port, body));
        assertThat(answer(body)).startsWith("HTTP/1.1 400").contains("EINVAL");
        dripping.join();
      }
      // Nor when a client asked first, and was told to go on.
      String asked =
          begun
              .replace("POST /v1/sandboxes", "GET /v1")
              .replace(": 10\r\n", ": 1000\r\nExpect: 100-continue\r\n");
      // More blanks than are looked at before the answer.
      try (Socket body = send(port, asked + " ".repeat(100))) {
        Thread dripping = Thread.ofVirtual().start(() -> dripAfter(port, body));
        assertThat(answer(body)).startsWith("HTTP/1.1 100").contains("HTTP/1.1 200");
        dripping.join();
      }
      // What a call waits for is no part of its request.
      Rest rest = new Rest(port);
      rest.post("/v1/sandboxes/default/eventfds", "{}").ok();
      assertThat(rest.post("/v1/sandboxes/default/eventfds/3/read?timeout=PT3S", null).status())
          .isEqualTo(504);

      // The web server would wait a minute for it.
      try (Socket _ = send(port, begun)) {
        assertThat(service.handle().destroy()).isTrue();

        assertThat(service.end(30)).as(service.log()).isEqualTo(4);
        assertThat(service.log()).contains("the shutdown did not end in time");
      }
    }
  }
}
