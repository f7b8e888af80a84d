package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Attack.seen;
import static dev.virq.attacks.Ground.bound;
import static dev.virq.attacks.Ground.size;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Connection;
import dev.virq.attacks.rig.Pace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Connections that are opened to be kept, and requests that do not end. */
final class WireAttacks {
  private static final byte[] NOTHING = {};
  private static final long SLOWLY = 2_000_000_000L;
  private static final long BUSILY = 500_000_000L;
  private static final String POST =
      String.join(
          "\r\n",
          "POST /v1/sandboxes/default/eventfds HTTP/1.1",
          "Host: 127.0.0.1",
          "Content-Type: application/json",
          "");
  private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

  /** All of it but the last byte; %76 is a v. */
  private static final String HELD =
      "POST /%76%31/sandboxes/default/scripts HTTP/1.1\r\nHost: 127.0.0.1\r\n"
          + "Content-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n"
          + "#".repeat(999_999);

  private static final String START = "GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n";

  static final List<Attack> ALL =
      List.of(
          seen(
              "slow-headers",
              "3,000 connections send a request of which a byte comes every two seconds.",
              40,
              ground -> slowly(ground, size(1_000, 3_000), START + "X-Slow: ", "x")),
          imagined(
              "slow-bodies",
              "1,500 connections announce a body of a megabyte and send a byte every two seconds.",
              40,
              ground ->
                  slowly(ground, size(500, 1_500), POST + "Content-Length: 1000000\r\n\r\n{", " ")),
          seen(
                  "bodies-held-by-another-path",
                  "400 connections send a script of a megabyte but for its last byte, to paths that are"
                      + " written otherwise.",
                  8,
                  ground ->
                      ground.together(
                          400,
                          (client, i) -> {
                            try (Connection connection = ground.connection()) {
                              connection.write(HELD);
                              ground.hold();
                            }
                          }))
              .carriedThrough(),
          imagined(
              "chunks-without-end",
              "500 connections send a body in chunks that never end.",
              30,
              ground -> slowly(ground, size(200, 500), CHUNKED, "1\r\n \r\n")),
          imagined(
              "chunks-as-fast-as-they-go",
              "Eight connections send chunks of a byte as fast as they are taken.",
              15,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        try (Connection connection = ground.connection()) {
                          connection.write(CHUNKED);
                          byte[] chunks =
                              "1\r\n \r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
                          while (!ground.over()) {
                            connection.write(chunks);
                          }
                        }
                      })),
          imagined(
              "bodies-that-are-awaited",
              "1,000 clients ask whether they may send a body (100-continue), and never do.",
              25,
              ground ->
                  ground.together(
                      size(300, 1_000),
                      (client, i) -> {
                        try (Connection connection = ground.connection()) {
                          connection.write(
                              POST + "Content-Length: 100000\r\n" + "Expect: 100-continue\r\n\r\n");
                          ground.hold();
                        }
                      })),
          imagined(
              "idle-connections",
              "8,000 connections are opened and say nothing.",
              30,
              ground -> idle(ground, size(2_000, 8_000))),
          imagined(
              "more-connections-than-are-taken",
              "9,500 connections that each sent half a request line.",
              30,
              ground -> slowly(ground, size(2_000, 9_500), "GET /v1/sandb", "")),
          imagined(
              "busy-connections",
              "2,000 connections ask for something every half second, so that none is ever silent.",
              40,
              ground ->
                  ground.untilTheEnd(
                      size(1_000, 2_000),
                      (client, i) -> {
                        ground.tally().add(client.get("/v1/sandboxes/default"));
                        Pace.until(System.nanoTime() + BUSILY);
                      })),
          imagined(
              "connections-opened-and-closed",
              "16 clients open connections and send one request on each; then a quarter of them wait"
                  + " for the answer, a quarter close, a quarter reset, and a quarter reset after a"
                  + " request of 2,100 bytes.",
              15,
              ground -> ground.untilTheEnd(16, (client, i) -> once(ground, i % 4))),
          imagined(
              "half-closed-connections",
              "500 clients send a request, close their half, and stay.",
              20,
              ground ->
                  ground.together(
                      500,
                      (client, i) -> {
                        try (Connection connection = ground.connection()) {
                          connection.write(Connection.request("GET", "/v1", "", NOTHING));
                          connection.endOutput();
                          ground.hold();
                        }
                      })),
          imagined(
              "answers-that-nobody-reads",
              "32 connections send request after request and never read an answer.",
              20,
              ground -> {
                byte[] requests =
                    new String(
                            Connection.request("GET", "/v1/points", "", NOTHING),
                            StandardCharsets.US_ASCII)
                        .repeat(200)
                        .getBytes(StandardCharsets.US_ASCII);
                ground.together(
                    32,
                    (client, i) -> {
                      try (Connection connection = ground.connection()) {
                        while (!ground.over()) {
                          connection.write(requests);
                        }
                      }
                    });
              }),
          imagined(
              "pipelined-signals",
              "Eight connections send a thousand signals before they read the first answer.",
              20,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        String sandbox = bound(client, "pipe-" + i);
                        byte[] signal =
                            Connection.request("POST", sandbox + "/eventfds/3/signal", "", NOTHING);
                        try (Connection connection = ground.connection()) {
                          for (int n = 0; n < 1_000; n++) {
                            connection.write(signal);
                          }
                          for (int n = 0; n < 1_000; n++) {
                            ground.tally().add(connection.read());
                          }
                        }
                      })),
          imagined(
              "headers-at-the-limit",
              "32 clients send 8,000 bytes of headers with each request.",
              15,
              ground -> headers(ground, 70)),
          imagined(
              "headers-past-the-limit",
              "32 clients send 100,000 bytes of headers with each request.",
              15,
              ground -> headers(ground, 1_000)),
          imagined(
              "no-http-at-all",
              "The start of TLS, of HTTP/2, and noise.",
              15,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        try (Connection connection = ground.connection()) {
                          connection.write(
                              switch (i % 4) {
                                case 0 -> "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n";
                                case 1 -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
                                case 2 -> "\u0000".repeat(5_000) + "\r\n\r\n";
                                default -> "\u00ff\u00fe GET / / HTTP/9.9\r\n\r\n";
                              });
                          ground.tally().add(connection.read());
                        }
                      })),
          seen(
              "broken-chunks",
              "Bodies in chunks whose lengths are no numbers, too long, or cut off.",
              15,
              ground ->
                  ground.untilTheEnd(
                      4,
                      (client, i) -> {
                        String chunk =
                            List.of(
                                    "zz\r\n{}\r\n0\r\n\r\n",
                                    "fffffffffffff\r\n{}",
                                    "5\r\n{}",
                                    "-1\r\n")
                                .get(i);
                        try (Connection connection = ground.connection()) {
                          connection.write(CHUNKED + chunk);
                          connection.endOutput();
                          ground.tally().add(connection.read());
                        }
                      })));

  private WireAttacks() {}

  /** One request on a connection of its own. */
  private static void once(Ground ground, int way) throws IOException {
    String padding = way == 3 ? "X-Padding: " + "x".repeat(2_000) : "X-Padding: x";
    try (Connection connection = ground.connection()) {
      connection.write(START + padding + "\r\n\r\n");
      switch (way) {
        case 0 -> ground.tally().add(connection.read());
        case 1 -> {}
        default -> connection.resetOnClose();
      }
    }
  }

  /** Opens connections that send this start, and then this bit by bit. */
  private static void slowly(Ground ground, int connections, String start, String bit)
      throws InterruptedException {
    ground.together(
        connections,
        (client, i) -> {
          try (Connection connection = ground.connection()) {
            connection.write(start);
            for (Pace pace = new Pace(SLOWLY); !ground.over(); ) {
              long _ = pace.await();
              connection.write(bit);
            }
          }
        });
  }

  private static void idle(Ground ground, int connections) throws InterruptedException {
    ground.together(
        connections,
        (client, i) -> {
          try (Connection _ = ground.connection()) {
            ground.hold();
          }
        });
  }

  private static void headers(Ground ground, int headers) throws InterruptedException {
    String[] all = new String[headers];
    for (int n = 0; n < headers; n++) {
      all[n] = "X-Header-" + n + ": " + "v".repeat(95);
    }
    ground.untilTheEnd(32, (client, i) -> send(client, all));
  }

  private static void send(Client client, String... headers) throws IOException {
    Answer _ = client.send("GET", "/v1", "", NOTHING, headers);
  }
}
