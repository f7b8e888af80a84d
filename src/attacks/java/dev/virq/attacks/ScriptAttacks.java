package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Attack.seen;
import static dev.virq.attacks.Ground.sandbox;
import static dev.virq.attacks.Ground.size;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Connection;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Work without end: scripts that take long to read, to run or to answer. */
final class ScriptAttacks {
  private static final String CHIP = "vm_create v\nirqchip_create v\n";

  /** As many lines as a script may have, each of which makes a table of 4,096 entries. */
  private static final String ROUTING = CHIP + "routing_set v fill=4096\n".repeat(9_998);

  static final List<Attack> ALL =
      List.of(
          seen(
              "routing-scripts-of-two",
              "Two clients run scripts of 9,998 full routing tables: as many as there are cores.",
              30,
              ground -> routing(ground, 2)),
          seen(
              "routing-scripts-of-six",
              "Six clients do the same: three times as many as there are cores.",
              40,
              ground -> routing(ground, 6)),
          imagined(
              "routing-scripts-of-one-sandbox",
              "Sixteen clients run such scripts in one sandbox.",
              30,
              ground -> ground.scripts(16, "routing", 1, ROUTING)),
          imagined(
              "longest-script-texts",
              "64 clients send scripts of a megabyte that say nothing.",
              25,
              ground -> {
                String text = ("#" + "x".repeat(103) + "\n").repeat(9_990);
                ground.scripts(size(16, 64), "texts", 8, text);
              }),
          imagined(
              "longest-script-line",
              "16 clients send one line of 70,000 routing entries.",
              20,
              ground -> {
                String text = CHIP + "routing_set v" + " 1:msi:1:1".repeat(70_000) + "\n";
                ground.scripts(16, "line", 4, text);
              }),
          imagined(
              "longest-script-answers",
              "16 clients ask for 9,998 dumps of chips in one script: 20 MB of answer.",
              30,
              ground -> {
                String text = CHIP + "get_ioapic v\nget_pic v\n".repeat(4_999);
                ground.scripts(16, "dumps", 4, text);
              }),
          imagined(
              "script-answers-that-nobody-reads",
              "100 clients ask for such dumps and read nothing.",
              25,
              ground -> {
                String text = CHIP + "get_ioapic v\nget_pic v\n".repeat(4_999);
                byte[] body = text.getBytes(StandardCharsets.US_ASCII);
                ground.together(
                    size(20, 100),
                    (client, i) -> {
                      String sandbox = sandbox(client, "unread-" + i % 4);
                      try (Connection connection = ground.connection()) {
                        connection.write(
                            Connection.request("POST", sandbox + "/scripts", "text/plain", body));
                        ground.hold();
                      }
                    });
              }),
          imagined(
              "scripts-of-eventfds",
              "Scripts of 3,333 eventfds bound and written to, eight at a time.",
              25,
              ground -> {
                StringBuilder text = new StringBuilder(CHIP);
                for (int n = 0; n < 3_332; n++) {
                  text.append(
                      "eventfd_create e%d 0%nirqfd_assign v e%d 5%neventfd_write e%d 1%n"
                          .formatted(n, n, n));
                }
                ground.scripts(8, "bound", 8, text.toString());
              }),
          imagined(
              "scripts-of-held-work",
              "Scripts run into a breakpoint, eight at a time in each of eight sandboxes.",
              20,
              ground ->
                  ground.untilTheEnd(
                      64,
                      (client, i) -> {
                        String sandbox = sandbox(client, "stopped-" + i % 8);
                        Answer _ =
                            client.post(
                                sandbox + "/breakpoints",
                                "{\"point\":\"inject.dereferenced\",\"maxHold\":\"PT2S\"}");
                        Answer _ =
                            client.script(
                                sandbox,
                                CHIP
                                    + "eventfd_create e 0\nirqfd_assign v e 5\n"
                                    + "eventfd_write e 1\n".repeat(100));
                      })));

  private ScriptAttacks() {}

  private static void routing(Ground ground, int clients) throws InterruptedException {
    ground.scripts(clients, "routing", clients, ROUTING);
  }
}
