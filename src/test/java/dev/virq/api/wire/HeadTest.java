package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.junit.jupiter.api.Test;

class HeadTest {
  private final HeadProtocol protocol = new HeadProtocol();

  private static Head head() {
    return new Head(new Request(), new Response());
  }

  @Test
  void aLineHasTheStatusesPhraseUnlessMoreIsSaid() {
    assertThat(head().line(201)).isEqualTo("HTTP/1.1 201 Created");
    assertThat(head().line(299)).isEqualTo("HTTP/1.1 299 ");
    assertThat(head().line(Head.KEPT_400)).isEqualTo("HTTP/1.1 400 Bad Request");
  }

  @Test
  void nothingThatIsSaidEndsTheLine() {
    assertThat(Head.printable("a\r\nSet-Cookie: b")).isEqualTo("a??Set-Cookie: b");
    assertThat(Head.printable("caf\u00e9 \u2028\u007f")).isEqualTo("caf? ??");
    assertThat(Head.printable("x".repeat(1_000))).hasSize(200).endsWith("x...");
  }

  @Test
  void compressorsAreBoundedAndGivenBackWithTheAnswer() {
    protocol.setCompression("force");
    Head first = null;
    for (int i = 0; i < HeadProtocol.COMPRESSED_AT_ONCE; i++) {
      Request request = asking();
      Head head = new Head(request, answer());
      first = first == null ? head : first;
      assertThat(protocol.useCompression(request, answer())).isTrue();
    }

    assertThat(compressesOneMore()).isFalse();
    first.over();
    first.over();
    assertThat(compressesOneMore()).isTrue();
    assertThat(compressesOneMore()).as("given back once").isFalse();
  }

  @Test
  void anAnswerThatIsNotCompressedTakesNoCompressor() {
    for (int i = 0; i < 2 * HeadProtocol.COMPRESSED_AT_ONCE; i++) {
      Request request = new Request();
      Head _ = new Head(request, answer());
      assertThat(protocol.useCompression(request, answer())).isFalse();
    }
    protocol.setCompression("force");

    assertThat(compressesOneMore()).isTrue();
  }

  private static Request asking() {
    Request request = new Request();
    request.getMimeHeaders().setValue("Accept-Encoding").setString("gzip");
    return request;
  }

  private boolean compressesOneMore() {
    Request request = asking();
    Head _ = new Head(request, answer());
    return protocol.useCompression(request, answer());
  }

  private static Response answer() {
    Response response = new Response();
    response.setContentLength(10_000);
    response.setContentType("application/json");
    return response;
  }
}
