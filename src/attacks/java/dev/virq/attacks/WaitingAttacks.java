package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Attack.seen;
import static dev.virq.attacks.Ground.bound;
import static dev.virq.attacks.Ground.sandbox;
import static dev.virq.attacks.Ground.size;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Connection;
import java.util.List;

/** Calls that wait for as long as they may, as many as may be. */
final class WaitingAttacks {
  private static final byte[] NOTHING = {};

  static final List<Attack> ALL =
      List.of(
          seen(
              "blocking-reads",
              "4,450 reads of a minute each in five sandboxes: within every limit of one, 540 MB"
                  + " together.",
              30,
              ground -> {
                makeFive(ground, "reads-");
                ground.together(
                    4_450,
                    (client, i) -> {
                      String eventfd = Ground.PREFIX + "reads-" + i % 5 + "/eventfds/3";
                      Answer _ = client.post(eventfd + "/read?timeout=PT1M");
                      ground.hold();
                    });
              }),
          imagined(
              "waits-of-a-minute",
              "5,000 waits of a minute for an injection that never comes, in five sandboxes.",
              30,
              ground -> {
                makeFive(ground, "waits-");
                ground.together(
                    size(2_000, 5_000),
                    (client, i) -> {
                      Answer _ =
                          client.post(
                              Ground.PREFIX + "waits-" + i % 5 + "/wait",
                              "{\"for\":\"injected\",\"vm\":\"vm-1\",\"gsi\":5,\"atLeast\":9999,"
                                  + "\"timeout\":\"PT60S\"}");
                      ground.hold();
                    });
              }),
          imagined(
              "waits-that-are-left",
              "Clients ask to wait for a minute and hang up at once; nobody is there to be answered.",
              20,
              ground -> {
                ground.together(1, (client, i) -> bound(client, "left"));
                byte[] wait =
                    Connection.request(
                        "POST", Ground.PREFIX + "left/eventfds/3/read?timeout=PT1M", "", NOTHING);
                ground.untilTheEnd(
                    8,
                    (client, i) -> {
                      try (Connection connection = ground.connection()) {
                        connection.write(wait);
                        connection.resetOnClose();
                      }
                    });
              }),
          imagined(
              "waits-on-what-is-held",
              "Sixteen clients ask over and over to wait for what a breakpoint holds.",
              20,
              ground -> {
                ground.together(
                    1,
                    (client, i) -> {
                      String sandbox = bound(client, "held");
                      Answer _ =
                          client.post(
                              sandbox + "/breakpoints",
                              "{\"point\":\"inject.dereferenced\",\"maxHold\":\"PT5M\"}");
                      Answer _ = client.post(sandbox + "/eventfds/3/signal");
                    });
                ground.untilTheEnd(
                    16,
                    (client, i) -> {
                      Answer _ =
                          client.post(
                              Ground.PREFIX + "held/eventfds/3/signal?wait=settled&timeout=PT60S");
                      Answer _ = client.post(Ground.PREFIX + "held/wait", "{\"for\":\"settled\"}");
                    });
              }),
          imagined(
              "deleted-under-its-waiters",
              "A sandbox is deleted while 1,000 calls wait in it, and made again, over and over.",
              25,
              ground -> underReaders(ground, 1_000, "deleted", "DELETE", "")),
          imagined(
              "reset-under-its-readers",
              "A sandbox is reset while 200 reads wait in it, over and over.",
              20,
              ground -> underReaders(ground, 200, "reset", "POST", "/reset")),
          imagined(
              "readers-woken-together",
              "500 readers wait on one eventfd; each write wakes them, one gets it, all wait again.",
              20,
              ground ->
                  ground.untilTheEnd(
                      500,
                      (client, i) -> {
                        String sandbox = sandbox(client, "woken");
                        if (i == 0) {
                          Answer _ = client.post(sandbox + "/eventfds", "{}");
                        }
                        String eventfd = sandbox + "/eventfds/efd-1";
                        Answer _ =
                            client.post(eventfd + (i < 4 ? "/signal" : "/read?timeout=PT1M"));
                      })));

  private WaitingAttacks() {}

  private static void makeFive(Ground ground, String name) throws InterruptedException {
    ground.together(5, (client, i) -> bound(client, name + i));
  }

  /** One client ends what the others read in, over and over. */
  private static void underReaders(
      Ground ground, int clients, String name, String method, String end)
      throws InterruptedException {
    ground.untilTheEnd(
        clients,
        (client, i) -> {
          String sandbox = bound(client, name);
          Answer _ =
              i == 0
                  ? client.send(method, sandbox + end, "", NOTHING)
                  : client.post(sandbox + "/eventfds/3/read?timeout=PT1M");
        });
  }
}
