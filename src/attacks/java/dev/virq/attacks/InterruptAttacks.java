package dev.virq.attacks;

import static dev.virq.attacks.Attack.imagined;
import static dev.virq.attacks.Attack.seen;
import static dev.virq.attacks.Ground.bound;
import static dev.virq.attacks.Ground.sandbox;
import static dev.virq.attacks.Ground.size;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import java.io.IOException;
import java.util.List;

/** Signals, holds and closes, piled up. */
final class InterruptAttacks {
  private static final String HOLD = "{\"point\":\"%s\",\"hits\":1000,\"maxHold\":\"PT5M\"}";

  static final List<Attack> ALL =
      List.of(
          seen(
                  "closes-of-one-held-irqfd",
                  "28,000 de-assignments, without waiting, of an irqfd whose reader is held; then the"
                      + " reader is let go and all of them end at once.",
                  60,
                  ground -> {
                    int closes = size(4_000, 28_000);
                    ground.together(1, (client, i) -> closes(ground, client, closes));
                  })
              .carriedThrough(),
          imagined(
                  "closes-of-many-behind-one",
                  "One reader is held; 5,000 VMs and eventfds of the sandbox are closed behind it.",
                  40,
                  ground -> ground.together(1, (client, i) -> closesBehindOne(ground, client)))
              .carriedThrough(),
          imagined(
              "holds-in-many-sandboxes",
              "In each of 50 sandboxes a breakpoint holds as many as may be held, and signals pile"
                  + " up behind.",
              40,
              ground -> {
                int sandboxes = size(4, 50);
                ground.together(
                    sandboxes,
                    (client, i) -> {
                      String sandbox = bound(client, "holds-" + i, "{\"workers\":64}");
                      for (int gsi = 6; gsi < 40 && !ground.over(); gsi++) {
                        Answer _ = client.post(sandbox + "/eventfds", "{}");
                        Answer _ =
                            client.post(
                                sandbox + "/vms/vm-1/irqfds",
                                "{\"fd\":%d,\"gsi\":%d}".formatted(gsi - 2, gsi % 24));
                      }
                      Answer _ =
                          client.post(
                              sandbox + "/breakpoints", HOLD.formatted("inject.dereferenced"));
                      for (int n = 0; !ground.over(); n++) {
                        Answer _ = client.post(sandbox + "/eventfds/" + (3 + n % 35) + "/signal");
                      }
                    });
              }),
          imagined(
              "breakpoints-everywhere",
              "100 breakpoints on one point in each of 20 sandboxes, all of which delay.",
              30,
              ground -> {
                int sandboxes = size(4, 20);
                ground.together(
                    sandboxes,
                    (client, i) -> {
                      String sandbox = bound(client, "points-" + i);
                      for (int n = 0; n < 100 && !ground.over(); n++) {
                        Answer _ =
                            client.post(
                                sandbox + "/breakpoints",
                                "{\"point\":\"inject.enter\",\"action\":\"DELAY\",\"delay\":"
                                    + "\"PT0.001S\",\"hits\":10}");
                      }
                      while (!ground.over()) {
                        Answer _ = client.post(sandbox + "/eventfds/3/signal");
                      }
                    });
              }),
          imagined(
              "signal-storm",
              "Eight sandboxes of 64 workers are signalled as fast as they answer, through full"
                  + " routing tables.",
              25,
              ground ->
                  ground.together(
                      8,
                      (client, i) -> {
                        String sandbox = bound(client, "storm-" + i, "{\"workers\":64}");
                        Answer _ =
                            client.put(sandbox + "/vms/vm-1/routing", ObjectAttacks.MESSAGES);
                        while (!ground.over()) {
                          Answer _ = client.post(sandbox + "/eventfds/3/signal");
                        }
                      })),
          imagined(
              "signals-of-one-sandbox",
              "32 clients signal one eventfd and wait for each to be settled.",
              20,
              ground ->
                  ground.together(
                      32,
                      (client, i) -> {
                        String sandbox = bound(client, "one");
                        while (!ground.over()) {
                          Answer _ = client.post(sandbox + "/eventfds/3/signal?wait=settled");
                        }
                      })),
          imagined(
              "resample-storm",
              "Level-triggered devices are asserted, acknowledged and ended in eight sandboxes.",
              20,
              ground -> ground.together(8, (client, i) -> resamples(ground, client, i))),
          imagined(
              "line-storm",
              "Eight clients raise and lower lines and send messages to nobody.",
              20,
              ground ->
                  ground.together(
                      8,
                      (client, i) -> {
                        String vm = bound(client, "lines-" + i) + "/vms/vm-1";
                        while (!ground.over()) {
                          Answer _ = client.put(vm + "/gsis/5/line", "{\"level\":1}");
                          Answer _ = client.put(vm + "/gsis/5/line", "{\"level\":0}");
                          Answer _ =
                              client.post(vm + "/msi", "{\"address\":4276092928,\"data\":65}");
                        }
                      })));

  private InterruptAttacks() {}

  private static void closes(Ground ground, Client client, int closes) throws IOException {
    String sandbox = bound(client, "closes");
    Answer _ = client.post(sandbox + "/breakpoints", HOLD.formatted("inject.dereferenced"));
    Answer _ = client.post(sandbox + "/eventfds/3/signal");
    for (int n = 0; n < closes && !ground.over(); n++) {
      Answer _ = client.delete(sandbox + "/vms/vm-1/irqfds/irqfd-1?wait=none");
    }
    Answer _ = client.post(sandbox + "/breakpoints/bp-1/release");
    settled(ground, client, sandbox);
  }

  private static void closesBehindOne(Ground ground, Client client) throws IOException {
    String sandbox = bound(client, "behind");
    Answer _ = client.post(sandbox + "/breakpoints", HOLD.formatted("inject.dereferenced"));
    Answer _ = client.post(sandbox + "/eventfds/3/signal");
    int pairs = size(300, 5_000);
    for (int n = 2; n < pairs + 2 && !ground.over(); n++) {
      Answer _ = client.post(sandbox + "/vms", "{}");
      Answer _ = client.post(sandbox + "/eventfds", "{}");
      Answer _ =
          client.post(
              sandbox + "/vms/vm-" + n + "/irqfds", "{\"eventfd\":\"efd-" + n + "\",\"gsi\":5}");
      Answer _ = client.delete(sandbox + "/vms/vm-" + n + "?wait=none");
      Answer _ = client.delete(sandbox + "/eventfds/efd-" + n + "?wait=none");
    }
    Answer _ = client.post(sandbox + "/breakpoints/bp-1/release");
    settled(ground, client, sandbox);
  }

  /** When everything is let go, everything ends. */
  private static void settled(Ground ground, Client client, String sandbox) throws IOException {
    if (ground.over()) {
      return;
    }
    Answer wait = client.post(sandbox + "/wait", "{\"for\":\"settled\",\"timeout\":\"PT10S\"}");
    ground.require(wait.ok(), "what was let go does not settle: " + wait.shown());
  }

  private static void resamples(Ground ground, Client client, int index) throws IOException {
    String sandbox = sandbox(client, "level-" + index);
    String vm = sandbox + "/vms/vm-1";
    Answer _ = client.post(sandbox + "/vms", "{}");
    Answer _ = client.post(sandbox + "/eventfds", "{}");
    Answer _ = client.post(sandbox + "/eventfds", "{}");
    Answer _ = client.post(vm + "/vcpus", "{\"id\":0}");
    Answer _ = client.put(vm + "/vcpus/0/lapic", "{\"svr\":511}");
    Answer _ =
        client.put(
            vm + "/irqchip/ioapic/pins/16",
            "{\"vector\":65,\"triggerMode\":\"LEVEL\",\"mask\":false}");
    Answer _ =
        client.post(
            vm + "/irqfds", "{\"fd\":3,\"gsi\":16,\"flags\":[\"RESAMPLE\"],\"resampleFd\":4}");
    while (!ground.over()) {
      Answer _ = client.post(sandbox + "/eventfds/3/signal");
      Answer _ = client.post(vm + "/vcpus/0/ack");
      Answer _ = client.post(vm + "/vcpus/0/eoi");
    }
  }
}
