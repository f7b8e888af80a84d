package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Ground.sandbox;
import static dev.virq.attacks.Ground.size;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is dear to answer, and what is never the same twice. */
final class ServiceAttacks {
  private static final byte[] NOTHING = {};

  static final List<Attack> ALL =
      List.of(
          imagined(
              "listings",
              "Eight clients list 20,000 eventfds and their bindings, a thousand a page, for ever.",
              40,
              ground -> {
                int scripts = size(2, 20);
                ground.together(
                    4,
                    (client, i) -> {
                      String sandbox = sandbox(client, "listed");
                      for (int n = 0; n < scripts * 250 && !ground.over(); n++) {
                        Answer _ = client.post(sandbox + "/eventfds", "{\"initval\":1}");
                      }
                    });
                ground.untilTheEnd(8, (client, i) -> list(ground, client));
              }),
          imagined(
              "api-documents",
              "Sixteen clients ask for the OpenAPI document and the page, with a query and in a language"
                  + " that are never the same twice: each could be made, and kept.",
              20,
              ground ->
                  ground.untilTheEnd(
                      16,
                      (client, i) -> {
                        for (String path :
                            List.of(
                                "/v3/api-docs", "/v3/api-docs.yaml", "/swagger-ui/index.html")) {
                          Answer _ =
                              client.send(
                                  "GET",
                                  path + "?x=" + System.nanoTime(),
                                  "",
                                  NOTHING,
                                  "Accept-Language: en-x-n" + System.nanoTime() % 100_000_000);
                        }
                      })),
          imagined(
              "metrics",
              "Sixteen clients scrape the metrics as fast as they are answered.",
              20,
              ground ->
                  ground.together(
                      16,
                      (client, i) -> {
                        try (Client management = ground.client(ground.managementPort())) {
                          while (!ground.over()) {
                            Answer _ = management.get("/actuator/prometheus");
                          }
                        }
                      })),
          imagined(
              "paths-of-nobody",
              "Paths that are never the same twice, each of which could become a label of a metric.",
              20,
              ground ->
                  ground.untilTheEnd(
                      16,
                      (client, i) -> {
                        long n = System.nanoTime();
                        Answer _ = client.get("/v1/nothing-" + n);
                        Answer _ = client.get("/v1/sandboxes/nobody-" + n + "/vms");
                        Answer _ = client.get("/actuator/" + n);
                      })),
          imagined(
              "methods-of-nobody",
              "Methods that are never the same twice.",
              15,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        Answer _ = client.send("M" + System.nanoTime(), "/v1", "", NOTHING);
                      })),
          imagined(
              "hosts-of-nobody",
              "Host headers that are never the same twice.",
              15,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        Answer _ =
                            client.send(
                                "GET",
                                "/v1",
                                "",
                                NOTHING,
                                "Host: h" + System.nanoTime() + ".example");
                      })),
          imagined(
              "sandboxes-listed-by-label",
              "1,000 sandboxes are listed by a label that none has.",
              25,
              ground -> {
                int sandboxes = size(100, 1_000);
                ground.together(
                    4,
                    (client, i) -> {
                      for (int n = i; n < sandboxes && !ground.over(); n += 4) {
                        String _ = sandbox(client, "label-" + n);
                      }
                    });
                ground.untilTheEnd(
                    8,
                    (client, i) -> {
                      Answer _ = client.get("/v1/sandboxes?pageSize=1000&label=a%3Db");
                    });
              }),
          imagined(
              "everything-at-once",
              "A little of each: scripts, waits, signals, listings and closes by 48 clients.",
              40,
              ground -> {
                String script =
                    "vm_create v\nirqchip_create v\n"
                        + IntStream.range(0, 500)
                            .mapToObj(n -> "routing_set v fill=" + n)
                            .collect(Collectors.joining("\n"));
                ground.untilTheEnd(
                    48,
                    (client, i) -> {
                      String sandbox = Ground.bound(client, "mix-" + i % 12);
                      Answer _ =
                          switch (i % 6) {
                            case 0 -> client.script(sandbox, script);
                            case 1 -> client.post(sandbox + "/eventfds/3/read?timeout=PT1S");
                            case 2 -> client.get(sandbox + "/eventfds?pageSize=1000");
                            case 3 -> client.delete(sandbox + "/vms/vm-1");
                            case 4 -> client.post(sandbox + "/eventfds/3/signal?wait=settled");
                            default -> client.get("/v1/points");
                          };
                    });
              }));

  private ServiceAttacks() {}

  private static void list(Ground ground, Client client) throws java.io.IOException {
    String path = Ground.PREFIX + "listed/eventfds?pageSize=1000";
    String token = "";
    do {
      Answer answer = client.get(token.isEmpty() ? path : path + "&pageToken=" + token);
      token = answer.text("nextPageToken");
    } while (!token.isEmpty() && !ground.over());
  }
}
