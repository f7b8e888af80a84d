package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;

/**
 * What is done to a right request to make it a wrong one, and which statuses it may get for that
 * besides those of its operation.
 */
final class Mutations {
  /** Percent-encoded, and no text, or none that a path or a query may have. */
  private static final List<String> ILL_FORMED =
      List.of(
          "%ff",
          "%c0%af",
          "%ed%a0%80",
          "%e2%82",
          "%f4%90%80%80",
          "%80",
          "%",
          "%0",
          "%zz",
          "%00",
          "%0a",
          "%7f",
          "%c2%85");

  private static final List<String> ODD_SEGMENTS =
      List.of("..", ".", "%2e%2e", "a%2fb", "a%5cb", "a;b=c", "", "%20", "+", "~", "vm-1", "0");

  private static final List<String> TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "multipart/form-data",
          "application/json;charset=utf-16",
          "application/json;charset=nope",
          "nonsense",
          "*/*",
          "a/",
          "application/json;charset=\"utf-8\"",
          "text/plain;charset=iso-8859-1",
          "application/problem+json",
          "application/json;",
          ";;");

  private static final List<String> HEADERS =
      List.of(
          "Sandbox: other",
          "Sandbox: \u00ff",
          "X-Request-Id: \u00c0\u00af",
          "X-Request-Id: a b",
          "Accept: text/html",
          "Accept: @@",
          "Accept: */*;q=x",
          "Accept-Language: \u00e2\u0082",
          "Content-Encoding: gzip",
          "Content-Encoding: identity",
          "Expect: nothing",
          "Range: bytes=0-",
          "If-Modified-Since: never",
          "Cookie: a=b; c=\u00ff",
          "traceparent: 00-zz",
          "Connection: x",
          "Content-Type: text/plain",
          "X-Forwarded-For: \u0080",
          "Upgrade: h2c",
          "X-A: \u00c3\u00a9",
          "Accept-Encoding: gzip, br;q=0",
          "Accept-Charset: utf-16",
          "TE: trailers");

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X");

  private final Values values;
  private final Random random;
  private final List<BiConsumer<Mutations, Draft>> all =
      List.of(
          Mutations::illFormedPath,
          Mutations::illFormedQuery,
          Mutations::illFormedBody,
          Mutations::oddSegment,
          Mutations::unknownParameter,
          Mutations::type,
          Mutations::header,
          Mutations::method,
          Mutations::bodyWhereNoneIs,
          Mutations::brokenBody,
          Mutations::protocol,
          Mutations::large);

  Mutations(Values values, Random random) {
    this.values = values;
    this.random = random;
  }

  /** Does one of them. */
  void mutate(Draft draft) {
    values.one(all).accept(this, draft);
  }

  private void illFormedPath(Draft draft) {
    int at = 1 + random.nextInt(draft.path.length());
    draft.path = draft.path.substring(0, at) + values.one(ILL_FORMED) + draft.path.substring(at);
    draft.also.addAll(List.of(400, 404, 405));
  }

  private void illFormedQuery(Draft draft) {
    String ill = values.one(ILL_FORMED);
    draft.query.add(
        values.one(List.of("pageToken=" + ill, ill + "=1", "wait=none" + ill, "label=a" + ill)));
  }

  private void illFormedBody(Draft draft) {
    byte[] ill =
        values.one(
            List.of(
                new byte[] {(byte) 0xff},
                new byte[] {(byte) 0xc0, (byte) 0xaf},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xe2, (byte) 0x82},
                new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf},
                new byte[] {0},
                "\\ud800".getBytes(UTF_8)));
    byte[] before = draft.body == null ? new byte[0] : draft.body;
    int at = random.nextInt(before.length + 1);
    byte[] after = Arrays.copyOf(before, before.length + ill.length);
    System.arraycopy(ill, 0, after, at, ill.length);
    System.arraycopy(before, at, after, at + ill.length, before.length - at);
    setBody(draft, random.nextInt(20) == 0 ? new String(before, UTF_8).getBytes(UTF_16) : after);
  }

  private void oddSegment(Draft draft) {
    String[] segments = draft.path.split("/", -1);
    segments[1 + random.nextInt(segments.length - 1)] = values.one(ODD_SEGMENTS);
    draft.path = String.join("/", segments);
    if (!draft.path.startsWith("/")) {
      draft.path = "/" + draft.path;
    }
    anotherOperation(draft);
  }

  private void unknownParameter(Draft draft) {
    draft.query.add(
        values.one(
            List.of("unknown=1", "=", "&", "pageSize=1&pageSize=1", "wait", "a[]=1", "%61=1")));
  }

  private void type(Draft draft) {
    draft.type = values.one(TYPES);
    draft.also.addAll(List.of(400, 415));
  }

  private void header(Draft draft) {
    draft.headers.add(values.one(HEADERS));
    draft.also.addAll(List.of(400, 406, 415, 417));
  }

  private void method(Draft draft) {
    draft.method = values.one(METHODS);
    anotherOperation(draft);
    draft.also.add(501);
  }

  private void bodyWhereNoneIs(Draft draft) {
    setBody(draft, values.one(List.of("{}", "{\"a\":1}", "", "x", "[]")).getBytes(UTF_8));
    if (draft.type.isEmpty()) {
      draft.type = "application/json";
    }
  }

  private void brokenBody(Draft draft) {
    if (draft.body == null || draft.body.length == 0) {
      bodyWhereNoneIs(draft);
      return;
    }
    byte[] body = draft.body.clone();
    if (random.nextBoolean()) {
      body = Arrays.copyOf(body, random.nextInt(body.length));
    } else {
      body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
    }
    setBody(draft, body);
  }

  private void protocol(Draft draft) {
    draft.protocol =
        values.one(List.of("HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/1.1 "));
    draft.also.addAll(List.of(400, 505));
  }

  private void large(Draft draft) {
    switch (random.nextInt(4)) {
      case 0 -> draft.path += "/" + "a".repeat(9000);
      case 1 -> draft.headers.add("X-Long: " + "a".repeat(9000));
      case 2 -> {
        for (int i = 0; i < 120; i++) {
          draft.headers.add("X-" + i + ": a");
        }
      }
      default -> {
        setBody(draft, ("{\"name\":\"" + "n".repeat(20_000) + "\"}").getBytes(ISO_8859_1));
      }
    }
    draft.also.addAll(List.of(400, 404, 413, 414, 431));
  }

  private static void setBody(Draft draft, byte[] body) {
    draft.body = body;
    draft.also.addAll(List.of(400, 413, 415));
  }

  /** It may have become a request of any other operation, or of none. */
  private static void anotherOperation(Draft draft) {
    draft.also.addAll(
        List.of(200, 201, 202, 302, 400, 403, 404, 405, 406, 409, 413, 415, 422, 429, 504));
  }
}
