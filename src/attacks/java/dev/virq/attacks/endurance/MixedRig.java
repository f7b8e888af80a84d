package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A rig's mixed work in a sandbox of its own, one request at a time: signals above all, looks,
 * bindings made and closed, holds, short scripts. For one thread.
 */
final class MixedRig {
  private static final int MOST_EVENTFDS = 8;
  private static final int LINES = 24;
  private static final String[] POINTS = {
    "inject.dereferenced", "sync.begin", "hup.unhooked", "put.vm"
  };
  private static final String SCRIPT =
      """
      vm_create v
      irqchip_create v
      eventfd_create e 0
      irqfd_assign v e 5
      eventfd_write e 1
      routing_set v fill=64
      eventfd_close e
      """;

  private final Client client;
  private final String sandbox;
  private final Random random;
  private final List<String> eventfds = new ArrayList<>();
  private long acknowledged;

  MixedRig(Client client, String name, long seed) {
    this.client = client;
    this.sandbox = "/v1/sandboxes/" + name;
    this.random = new Random(seed);
  }

  /** Makes what it needs. */
  void begin() throws IOException {
    Answer created = client.put(sandbox, "{\"ttl\":\"PT2H\"}");
    if (!created.ok()) {
      throw new IOException("the rig cannot begin: " + created.shown());
    }
    Answer _ = client.post(sandbox + "/vms", "{}");
    Answer _ = bind();
  }

  /** Signals that were answered with 200 or 202. */
  long acknowledged() {
    return acknowledged;
  }

  /** One request, or two when something is held meanwhile; its answer. */
  Answer step() throws IOException {
    int dice = random.nextInt(100);
    if (eventfds.isEmpty() || dice < 10) {
      return eventfds.size() < MOST_EVENTFDS ? bind() : unbind();
    } else if (dice < 16) {
      return unbind();
    } else if (dice < 80) {
      return signal(dice < 30 ? "?wait=settled" : "");
    } else if (dice < 92) {
      return client.get(
          sandbox + List.of("", "/eventfds", "/vms/vm-1/irqfds", "/stats").get(dice % 4));
    } else if (dice < 95) {
      return client.get(sandbox + "/vms/vm-1/gsis/" + random.nextInt(LINES));
    } else if (dice < 98) {
      return hold();
    }
    return client.script(sandbox, SCRIPT);
  }

  private Answer signal(String query) throws IOException {
    Answer answer = client.post(sandbox + "/eventfds/" + any() + "/signal" + query);
    if (answer.ok()) {
      acknowledged++;
    }
    return answer;
  }

  private Answer bind() throws IOException {
    Answer created = client.post(sandbox + "/eventfds", "{}");
    if (!created.ok()) {
      return created;
    }
    String id = created.text("id");
    eventfds.add(id);
    return client.post(
        sandbox + "/vms/vm-1/irqfds",
        "{\"eventfd\":\"%s\",\"gsi\":%d}".formatted(id, random.nextInt(LINES)));
  }

  private Answer unbind() throws IOException {
    String id = eventfds.remove(random.nextInt(eventfds.size()));
    return client.delete(sandbox + "/eventfds/" + id + (random.nextBoolean() ? "?wait=none" : ""));
  }

  /** Stops whoever comes by, for a moment. */
  private Answer hold() throws IOException {
    Answer set =
        client.post(
            sandbox + "/breakpoints",
            "{\"point\":\"%s\",\"maxHold\":\"PT10S\"}"
                .formatted(POINTS[random.nextInt(POINTS.length)]));
    if (!set.ok()) {
      return set;
    }
    Answer _ = signal("");
    return client.delete(sandbox + "/breakpoints/" + set.text("id"));
  }

  private String any() {
    return eventfds.get(random.nextInt(eventfds.size()));
  }
}
