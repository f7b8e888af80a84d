package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestLineTest {
  private static String sandbox(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    bytes.put(text.getBytes(StandardCharsets.ISO_8859_1));
    return RequestLine.sandbox(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "GET /v1/sandboxes/a HTTP/1.1, a",
    "POST /v1/sandboxes/rig-1/eventfds/3/signal?wait=settled HTTP/1.1, rig-1",
    "PUT /v1/sandboxes/b?ttl=1 HTTP/1.1, b",
    "GET /v1/sandboxes/%61/vms HTTP/1.1, %61",
    "GET /v1/sandboxes/\u00e9/vms HTTP/1.1, \u00e9",
  })
  void namesTheSandbox(String line, String name) {
    assertThat(sandbox(line)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/vms HTTP/1.1",
        "\\r\\nGET /v1/vms HTTP/1.1",
        "\r\nGET /v1/vms HTTP/1.1",
        "GET /v1/sandboxes HTTP/1.1",
        "GET /v1/sandboxes/ HTTP/1.1",
        "GET /v1/sandboxes?pageSize=3 HTTP/1.1"
      })
  void otherCallsAreOfNone(String line) {
    assertThat(sandbox(line)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "GET",
        "GET ",
        "GET /v1",
        "GET /v1 HTTP/1.1",
        "GET /v1/sand",
        "GET /v1/sandboxes/",
        "GET /v1/sandboxes/na",
        "GET /actuator/health HTTP/1.1",
        "GET http://localhost/v1/vms HTTP/1.1",
      })
  void nothingIsKnownOfTheRest(String line) {
    assertThat(sandbox(line)).isNull();
  }

  @Test
  void whatIsLeftInTheBufferAfterItsPositionIsNotLookedAt() {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    bytes.put("GET /v1/sandboxes/abc HTTP/1.1".getBytes(StandardCharsets.US_ASCII));
    bytes.position("GET /v1/sandboxes/ab".length());
    assertThat(RequestLine.sandbox(bytes)).isNull();
  }
}
