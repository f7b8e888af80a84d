package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes bytes of a right request that are none any more: cut, flipped, framed wrongly, in a row.
 */
final class RawBytes {
  private static final List<String> LINES =
      List.of(
          "GET /v1\r\n\r\n",
          "POST /v1\r\n\r\n",
          "GET /v1 JUNK\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /v1 HTTP/1.1\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a b\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: [::\r\n\r\n",
          "GET http://b/v1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET ftp://a/v1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET http://a@/v1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n",
          "GET /v1 HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
          "GET  /v1  HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /v1 HTTP/1.1\nHost: a\n\n",
          "\r\n\r\nGET /v1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "\u0016\u0003\u0001\u0000\u00a5\u0001\r\n\r\n",
          "G\u0000T /v1 HTTP/1.1\r\n\r\n",
          "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
          "TRACE /v1 HTTP/1.1\r\nHost: a\r\n\r\n");

  private static final List<String> FRAMES =
      List.of(
          "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX\r\n0\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
          "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
          "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\n2;ext=\u0001\r\n{}\r\n0\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
          "Transfer-Encoding: gzip\r\n\r\n",
          "Transfer-Encoding: @@\r\n\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
          "Content-Length: 100\r\n\r\n{}",
          "Content-Length: -1\r\n\r\n{}",
          "Content-Length: x\r\n\r\n{}",
          "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
          "Content-Length: 99999999999999999999\r\n\r\n{}",
          "Content-Length: 9223372036854775807\r\n\r\n{}",
          "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");

  private final Random random;

  RawBytes(Random random) {
    this.random = random;
  }

  byte[] of(Draft draft) {
    byte[] whole = draft.bytes();
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(whole, random.nextInt(whole.length));
      case 1 -> flipped(whole);
      case 2 -> LINES.get(random.nextInt(LINES.size())).getBytes(ISO_8859_1);
      case 3 -> framed(draft);
      case 4 -> noise();
      default -> row(whole, draft);
    };
  }

  private byte[] flipped(byte[] whole) {
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      whole[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return whole;
  }

  private byte[] framed(Draft draft) {
    String type = draft.type.isEmpty() ? "application/json" : draft.type;
    return "%s %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n%s"
        .formatted(draft.method, draft.path, type, FRAMES.get(random.nextInt(FRAMES.size())))
        .getBytes(ISO_8859_1);
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(300)];
    random.nextBytes(noise);
    return noise;
  }

  /** Several requests in one write, the last perhaps cut. */
  private byte[] row(byte[] whole, Draft draft) {
    ByteArrayOutputStream row = new ByteArrayOutputStream();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      row.writeBytes(whole);
    }
    row.writeBytes(random.nextBoolean() ? framed(draft) : Arrays.copyOf(whole, whole.length / 2));
    return row.toByteArray();
  }
}
