package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Attack.seen;
import static dev.virq.attacks.Ground.bound;
import static dev.virq.attacks.Ground.sandbox;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is no text, no JSON, no method or no request of this origin. */
final class InputAttacks {
  private static final String JSON = "application/json";
  private static final byte[] NOTHING = {};
  private static final String EFDS = Ground.PREFIX + "input/eventfds";

  /** Paths whose queries are read. */
  private static final List<String> QUERIES =
      List.of(
          "GET /v1/sandboxes?pageToken=",
          "GET /v1/sandboxes?label=",
          "GET $S/vms?pageToken=",
          "GET $S/vms?pageSize=",
          "GET $S/eventfds?pageToken=",
          "GET $S/vms/vm-1/irqfds?state=",
          "GET $S/vms/vm-1/irqfds?eventfd=",
          "GET $S/vms/vm-1/gsis?pageToken=",
          "GET $S/breakpoints?pageToken=",
          "POST $S/eventfds/3/signal?wait=",
          "POST $S/eventfds/3/signal?timeout=",
          "POST $S/eventfds/3/read?timeout=",
          "DELETE $S/vms/vm-9?wait=",
          "GET $S/vms?");

  static final List<Attack> ALL =
      List.of(
          seen(
              "ill-formed-queries",
              "Queries whose bytes are no UTF-8 (%ff, %c0%af, %ed%a0%80), on every operation that"
                  + " has one: 400, and nothing in the log.",
              15,
              ground ->
                  ground.untilTheEnd(
                      4,
                      (client, i) -> {
                        String sandbox = bound(client, "queries");
                        for (String query : QUERIES) {
                          String[] words = query.replace("$S", sandbox).split(" ", 2);
                          for (String bytes : List.of("%ff", "%c0%af", "%ed%a0%80", "%", "%zz")) {
                            Answer answer = client.send(words[0], words[1] + bytes, "", NOTHING);
                            ground.require(
                                answer.status() == 400, query + bytes + ": " + answer.shown());
                          }
                        }
                      })),
          seen(
              "ill-formed-names",
              "Names in JSON with overlong bytes, lone surrogates and bytes of no character: 400.",
              15,
              ground ->
                  ground.untilTheEnd(
                      2,
                      (client, i) -> {
                        String _ = sandbox(client, "input");
                        for (byte[] body : illFormed()) {
                          Answer answer = client.send("POST", EFDS, JSON, body);
                          ground.require(
                              answer.status() == 400, "an ill-formed name: " + answer.shown());
                        }
                      })),
          seen(
              "strange-methods",
              "Methods that nobody has, TRACE, and versions of HTTP that do not exist: a problem"
                  + " that does not call itself an internal error.",
              15,
              ground ->
                  ground.untilTheEnd(
                      4,
                      (client, i) -> {
                        for (String line :
                            List.of(
                                "BREW /v1 HTTP/1.1",
                                "TRACE /v1 HTTP/1.1",
                                "PATCH /v1 HTTP/1.1",
                                "GET /v1 HTTP/3.7",
                                "GET /v1 HTTP/1.1\r\nTransfer-Encoding: sideways")) {
                          strange(ground, line);
                        }
                      })),
          seen(
              "health-of-nobody",
              "Health of groups that do not exist, on the port of the API and on the other: a"
                  + " problem, not an empty answer.",
              10,
              ground ->
                  ground.together(
                      1,
                      (client, i) -> {
                        try (Client management = ground.client(ground.managementPort())) {
                          for (Client asked : List.of(client, management)) {
                            Answer answer = asked.get("/actuator/health/x");
                            ground.require(
                                answer.status() == 404 && !answer.text().isEmpty(),
                                "/actuator/health/x: " + answer.shown());
                          }
                        }
                      })),
          seen(
              "pages-of-another-origin",
              "What a browser sends for a page of another origin without asking first: reset,"
                  + " signal, script, empty form; and a foreign Host. None may be carried out.",
              15,
              ground ->
                  ground.together(
                      1,
                      (client, i) -> {
                        String sandbox = bound(client, "origin");
                        foreign(ground, client, sandbox + "/reset", "", "");
                        foreign(ground, client, sandbox + "/eventfds/3/signal", "", "");
                        foreign(ground, client, sandbox + "/scripts", "text/plain", "vm_create v");
                        foreign(
                            ground,
                            client,
                            sandbox + "/reset",
                            "application/x-www-form-urlencoded",
                            "");
                        Answer rebound =
                            client.send("GET", "/v1", "", NOTHING, "Host: evil.example");
                        ground.require(
                            !rebound.ok(), "Host evil.example is answered " + rebound.status());
                      })),
          imagined(
              "nested-json",
              "Bodies of a megabyte of opening brackets, and of objects in objects.",
              15,
              ground -> {
                String arrays = "[".repeat(900_000);
                String objects = "{\"a\":".repeat(180_000);
                bodies(ground, 32, arrays, objects);
              }),
          imagined(
              "members-twice",
              "Bodies of a megabyte in which one member stands 60,000 times, or 60,000 unknown ones"
                  + " stand.",
              15,
              ground -> {
                StringBuilder unknown = new StringBuilder("{\"a\":1");
                for (int n = 0; n < 60_000; n++) {
                  unknown.append(",\"m").append(n).append("\":1");
                }
                bodies(
                    ground,
                    32,
                    "{\"initval\":1" + ",\"initval\":1".repeat(60_000) + "}",
                    unknown.append('}').toString());
              }),
          imagined(
              "names-of-a-megabyte",
              "Names, numbers and labels of almost a megabyte.",
              15,
              ground ->
                  bodies(
                      ground,
                      32,
                      "{\"name\":\"" + "n".repeat(990_000) + "\"}",
                      "{\"initval\":" + "9".repeat(990_000) + "}",
                      "{\"name\":\"" + "\\u0041".repeat(165_000) + "\"}")),
          imagined(
              "bodies-past-the-limit",
              "Sixteen clients send bodies of eight megabytes.",
              15,
              ground -> bodies(ground, 16, " ".repeat(8_000_000))),
          imagined(
              "routes-of-a-megabyte",
              "Tables of 26,001 routes, far more than fit, which have to be refused.",
              15,
              ground -> {
                String route = "{\"gsi\":1,\"chip\":\"IOAPIC\",\"pin\":1}";
                String table = "{\"entries\":[" + (route + ",").repeat(26_000) + route + "]}";
                ground.untilTheEnd(
                    8,
                    (client, i) -> {
                      String sandbox = bound(client, "routes-" + i);
                      Answer _ = client.put(sandbox + "/vms/vm-1/routing", table);
                    });
              }),
          imagined(
              "queries-at-the-limit",
              "Queries of 1,500 parameters, repeated and unknown ones.",
              15,
              ground -> {
                String query = "pageSize=1" + "&a=1".repeat(1_500);
                ground.untilTheEnd(
                    16,
                    (client, i) -> {
                      Answer _ = client.get("/v1/sandboxes?" + query);
                    });
              }),
          imagined(
              "request-ids-at-the-limit",
              "Request ids and trace parents of 3,000 bytes, which answers echo.",
              15,
              ground ->
                  ground.untilTheEnd(
                      16,
                      (client, i) -> {
                        Answer _ =
                            client.send(
                                "GET",
                                "/v1/nothing",
                                "",
                                NOTHING,
                                "X-Request-Id: " + "i".repeat(3_000),
                                "traceparent: 00-" + "f".repeat(3_000));
                      })));

  private InputAttacks() {}

  private static List<byte[]> illFormed() {
    return List.of(
        "{\"name\":\"\u00c0\u00af\"}".getBytes(StandardCharsets.ISO_8859_1),
        "{\"name\":\"\u00ff\"}".getBytes(StandardCharsets.ISO_8859_1),
        "{\"name\":\"\u00ed\u00a0\u0080\"}".getBytes(StandardCharsets.ISO_8859_1),
        "{\"name\":\"\\ud800\"}".getBytes(StandardCharsets.US_ASCII),
        "{\"name\":\"\\udc00x\"}".getBytes(StandardCharsets.US_ASCII),
        "{\"name\":\"a\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void strange(Ground ground, String line) throws IOException {
    try (Connection connection = ground.connection()) {
      connection.write(line + "\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
      Answer answer = connection.read();
      ground.tally().add(answer);
      ground.require(
          !answer.ok() && !answer.text("errno").equals("EIO"),
          line.split("\r", 2)[0] + ": " + answer.shown());
    }
  }

  private static void foreign(Ground ground, Client client, String path, String type, String body)
      throws IOException {
    Answer answer =
        client.send(
            "POST",
            path,
            type,
            body.getBytes(StandardCharsets.US_ASCII),
            "Origin: http://evil.example",
            "Sec-Fetch-Site: cross-site");
    ground.require(
        !answer.ok(), "POST %s %s of another origin: %s".formatted(type, path, answer.shown()));
  }

  private static void bodies(Ground ground, int clients, String... bodies)
      throws InterruptedException {
    List<byte[]> all =
        List.of(bodies).stream().map(body -> body.getBytes(StandardCharsets.US_ASCII)).toList();
    ground.untilTheEnd(
        clients,
        (client, i) -> {
          String _ = sandbox(client, "input");
          for (byte[] body : all) {
            Answer answer = client.send("POST", EFDS, JSON, body);
            ground.require(!answer.ok(), "a body that is wrong: " + answer.shown());
          }
        });
  }
}
