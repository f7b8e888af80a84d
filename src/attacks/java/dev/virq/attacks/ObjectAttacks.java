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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Objects without end: what is cheap to ask for and dear to keep. */
final class ObjectAttacks {
  /** Lines of the longest script. */
  private static final int LINES = 9_999;

  /** A full routing table: 4,096 messages to a vCPU. */
  static final String MESSAGES =
      IntStream.range(0, 4_096)
          .mapToObj(
              gsi -> "{\"gsi\":%d,\"msi\":{\"address\":4276092928,\"data\":65}}".formatted(gsi))
          .collect(Collectors.joining(",", "{\"entries\":[", "]}"));

  static final List<Attack> ALL =
      List.of(
          seen(
                  "script-of-full-tables",
                  "A script makes 3,333 VMs with 4,096 routing entries each: more than the heap."
                      + " Twenty times, one after the other.",
                  90,
                  ground ->
                      ground.together(
                          1,
                          (client, i) -> {
                            // Once takes a second, in which there are 50 looks at the victim.
                            for (int n = 0; n < size(2, 20); n++) {
                              tables(client, "tables", 3_333, false);
                            }
                          }))
              .carriedThrough(),
          seen(
              "full-tables-closed-again",
              "Scripts make VMs with full routing tables and close them: what is kept of closed VMs"
                  + " must not keep their tables. 900 VMs a sandbox, until called off.",
              40,
              ground ->
                  ground.untilTheEnd(2, (client, i) -> tables(client, "closed-" + i, 900, true))),
          seen(
              "sandboxes-full-of-signals",
              "3,761 sandboxes keep 1,000 signals and 1,024 events each: within every limit of one,"
                  + " 2.6 GB together.",
              180,
              ground -> {
                int sandboxes = size(150, 3_761);
                ground.together(
                    2,
                    (client, i) -> {
                      for (int n = i; n < sandboxes && !ground.over(); n += 2) {
                        signals(client, "signals-" + n);
                      }
                    });
              }),
          imagined(
              "vcpu-flood",
              "Scripts fill VMs with vCPUs, which have a local APIC each.",
              30,
              ground -> {
                ground.untilTheEnd(
                    2,
                    (client, i) -> {
                      String sandbox = sandbox(client, "vcpus-" + i);
                      StringBuilder text = new StringBuilder();
                      for (int vm = 0; vm < 9; vm++) {
                        text.append("vm_create v%d%nirqchip_create v%d%n".formatted(vm, vm));
                        for (int n = 0; n < 1_000; n++) {
                          text.append("vcpu_create v%d c%d %d%n".formatted(vm, n, n));
                        }
                      }
                      Answer _ = client.script(sandbox, text.toString());
                    });
              }),
          imagined(
              "vcpu-flood-over-http",
              "VMs that stay get vCPU after vCPU, until each is refused.",
              25,
              ground ->
                  ground.together(
                      4,
                      (client, i) -> {
                        String sandbox = sandbox(client, "cpus-" + i);
                        for (int vm = 1; !ground.over(); vm++) {
                          Answer _ = client.post(sandbox + "/vms", "{}");
                          String vcpus = sandbox + "/vms/vm-" + vm + "/vcpus";
                          for (int n = 0; n < 1_024 && !ground.over(); n++) {
                            if (!client.post(vcpus, "{\"id\":" + n + "}").ok()) {
                              break;
                            }
                          }
                        }
                      })),
          imagined(
              "descriptor-flood",
              "One eventfd is duplicated 400,000 times in each of eight sandboxes.",
              30,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        String sandbox = sandbox(client, "dup-" + i);
                        Answer _ = client.post(sandbox + "/eventfds", "{}");
                        while (!ground.over()) {
                          Answer _ = client.post(sandbox + "/eventfds/efd-1/dup");
                        }
                      })),
          imagined(
              "descriptor-flood-by-script",
              "Scripts of 10,000 duplicates each, four at a time.",
              20,
              ground -> {
                String text =
                    "eventfd_create e 0\n"
                        + IntStream.range(1, LINES)
                            .mapToObj(n -> "eventfd_dup e e" + n)
                            .collect(Collectors.joining("\n"));
                ground.scripts(4, "dups", 4, text);
              }),
          imagined(
              "message-tables",
              "Routing tables of 4,096 messages, by JSON, for VM after VM.",
              30,
              ground -> {
                ground.together(
                    4,
                    (client, i) -> {
                      String sandbox = sandbox(client, "messages-" + i);
                      for (int vm = 1; !ground.over(); vm++) {
                        Answer _ = client.post(sandbox + "/vms", "{}");
                        Answer _ = client.put(sandbox + "/vms/vm-" + vm + "/routing", MESSAGES);
                      }
                    });
              }),
          imagined(
              "longest-labels",
              "20,000 sandboxes with 32 labels of the greatest length each.",
              40,
              ground -> {
                int sandboxes = size(400, 20_000);
                String labels =
                    IntStream.range(0, 32)
                        .mapToObj(
                            n -> "\"%s%02d\":\"%s\"".formatted("k".repeat(61), n, "v".repeat(63)))
                        .collect(Collectors.joining(","));
                String json = "{\"ttl\":\"PT1H\",\"labels\":{" + labels + "}}";
                ground.together(
                    4,
                    (client, i) -> {
                      for (int n = i; n < sandboxes && !ground.over(); n += 4) {
                        String _ = sandbox(client, "labels-" + n, json);
                      }
                    });
              }),
          imagined(
              "closed-vms",
              "VMs with vCPUs, a bound eventfd and a full table are made and closed over HTTP, over"
                  + " and over.",
              20,
              ground ->
                  ground.untilTheEnd(
                      6,
                      (client, i) -> {
                        String sandbox = sandbox(client, "tombs-" + i);
                        String vm = client.post(sandbox + "/vms", "{}").text("id");
                        String path = sandbox + "/vms/" + vm;
                        Answer _ = client.post(path + "/vcpus", "{\"id\":0}");
                        String eventfd = client.post(sandbox + "/eventfds", "{}").text("id");
                        Answer _ =
                            client.post(
                                path + "/irqfds", "{\"eventfd\":\"" + eventfd + "\",\"gsi\":5}");
                        Answer _ = client.post(sandbox + "/eventfds/" + eventfd + "/signal");
                        Answer _ = client.delete(path);
                        Answer _ = client.delete(sandbox + "/eventfds/" + eventfd);
                      })),
          imagined(
              "sandboxes-made-and-deleted",
              "Eight clients make sandboxes with a binding and delete them at once.",
              20,
              ground ->
                  ground.untilTheEnd(
                      8,
                      (client, i) -> {
                        String sandbox = bound(client, "brief-" + i);
                        Answer _ = client.post(sandbox + "/eventfds/3/signal");
                        Answer _ = client.delete(sandbox);
                      })),
          imagined(
              "reset-storm",
              "One sandbox is reset by eight clients while eight others fill it.",
              20,
              ground ->
                  ground.untilTheEnd(
                      16,
                      (client, i) -> {
                        if (i < 8) {
                          Answer _ = client.post(sandbox(client, "resets") + "/reset");
                        } else {
                          Answer _ = client.post(bound(client, "resets") + "/eventfds/3/signal");
                        }
                      })),
          imagined(
              "leases-that-end-at-once",
              "2,000 sandboxes with a binding and held signals have leases that end in the same"
                  + " second.",
              40,
              ground -> {
                int sandboxes = size(100, 2_000);
                String lease = "{\"ttl\":\"PT%dS\"}".formatted(size(1, 15));
                ground.together(
                    4,
                    (client, i) -> {
                      for (int n = i; n < sandboxes && !ground.over(); n += 4) {
                        String sandbox = bound(client, "leases-" + n, lease);
                        Answer _ =
                            client.post(
                                sandbox + "/breakpoints", "{\"point\":\"inject.dereferenced\"}");
                        Answer _ = client.post(sandbox + "/eventfds/3/signal");
                      }
                    });
                // From here on they end by themselves.
                ground.hold();
              }));

  private ObjectAttacks() {}

  /** Runs a script that makes so many VMs with full tables, and closes each when asked to. */
  private static void tables(Client client, String name, int vms, boolean closed)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < vms; n++) {
      text.append("vm_create v%d%nirqchip_create v%d%n".formatted(n, n));
      text.append("routing_set v%d fill=4096%n".formatted(n));
      if (closed) {
        text.append("vm_close v%d%n".formatted(n));
      }
    }
    Answer _ = client.script(sandbox(client, name), text.toString());
  }

  /** Sends 1,100 signals in a sandbox of that name. */
  private static void signals(Client client, String name) throws IOException {
    String text =
        "vm_create v\nirqchip_create v\neventfd_create e 0\nirqfd_assign v e 5\n"
            + "eventfd_write e 1\n".repeat(1_100);
    Answer _ = client.script(sandbox(client, name), text);
  }
}
