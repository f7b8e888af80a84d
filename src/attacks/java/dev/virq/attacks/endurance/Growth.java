package dev.virq.attacks.endurance;

import com.google.errorprone.annotations.Immutable;
import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Connection;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The kinds of thing that an instance can be filled with, and how one more of each is made. */
enum Growth {
  SANDBOXES((client, place, random) -> client.put(place.fresh(), Sent.LABELLED)),
  VMS((client, place, random) -> client.post(place.any(random) + "/vms", "{}")),
  TABLES((client, place, random) -> {
    String sandbox = place.any(random);
    Answer made = client.post(sandbox + "/vms", "{}");
    return made.ok()
        ? client.put(sandbox + "/vms/" + made.text("id") + "/routing", Sent.TABLE)
        : made;
  }),
  VCPUS((client, place, random) -> {
    String sandbox = place.any(random);
    Answer made = client.post(sandbox + "/vms", "{}");
    for (int n = 0; n < 64 && made.ok(); n++) {
      String vcpus = sandbox + "/vms/" + made.text("id") + "/vcpus";
      Answer vcpu = client.post(vcpus, "{\"id\":" + n + "}");
      if (!vcpu.ok()) {
        return vcpu;
      }
    }
    return made;
  }),
  EVENTFDS((client, place, random) ->
      client.post(place.any(random) + "/eventfds", "{\"name\":\"" + "n".repeat(63) + "\"}")),
  DESCRIPTORS((client, place, random) -> {
    String eventfd = place.any(random) + "/eventfds/3";
    Answer last = client.post(eventfd + "/dup");
    for (int n = 0; n < 50 && last.ok(); n++) {
      last = client.post(eventfd + "/dup");
    }
    return last;
  }),
  IRQFDS((client, place, random) -> {
    String sandbox = place.any(random);
    Answer made = client.post(sandbox + "/eventfds", "{}");
    return made.ok()
        ? client.post(
            sandbox + "/vms/vm-1/irqfds",
            "{\"eventfd\":\"%s\",\"gsi\":%d}".formatted(made.text("id"), random.nextInt(24)))
        : made;
  }),
  BREAKPOINTS((client, place, random) ->
      client.post(
          place.any(random) + "/breakpoints",
          "{\"point\":\"inject.dereferenced\",\"maxHold\":\"PT5M\",\"skip\":1000000}")),
  /** Calls that wait; each keeps a connection open. */
  WAITS((client, place, random) -> {
    Connection connection = place.connection();
    if (connection == null) {
      return Sent.FULL;
    }
    connection.write(
        Connection.request(
            "POST", place.any(random) + "/eventfds/3/read?timeout=PT1M", "", new byte[0]));
    return client.get("/v1");
  }),
  /** Not refused at a bound: the oldest goes. */
  SIGNALS((client, place, random) -> {
    String sandbox = place.any(random);
    Answer last = client.post(sandbox + "/eventfds/3/signal");
    for (int n = 0; n < 100 && last.ok(); n++) {
      last = client.post(sandbox + "/eventfds/3/signal");
    }
    return last;
  }),
  /** Likewise. */
  CLOSED_VMS((client, place, random) -> {
    String sandbox = place.any(random);
    Answer made = client.post(sandbox + "/vms", "{}");
    if (!made.ok()) {
      return made;
    }
    Answer _ = client.put(sandbox + "/vms/" + made.text("id") + "/routing", Sent.TABLE);
    return client.delete(sandbox + "/vms/" + made.text("id"));
  }),
  /** Closed at the script's end, and kept as far as closed things are. */
  SCRIPTS((client, place, random) -> client.script(place.any(random), Sent.SCRIPT));

  /** Makes one more; the answer says whether there was room. */
  @Immutable
  interface Step {
    Answer more(Client client, Place place, Random random) throws IOException;
  }

  /** Kinds that have no end. */
  private static final List<Growth> ENDLESS = List.of(SIGNALS, CLOSED_VMS, SCRIPTS);

  private final Step step;

  Growth(Step step) {
    this.step = step;
  }

  Answer more(Client client, Place place, Random random) throws IOException {
    return step.more(client, place, random);
  }

  /** Whether there comes a time when there is no room for more. */
  boolean ends() {
    return !ENDLESS.contains(this);
  }

  /** What is sent; a constant's own fields cannot be named where it is declared. */
  private static final class Sent {
    static final Answer FULL = new Answer(429, "", "");

    static final String LABELLED =
        IntStream.range(0, 32)
            .mapToObj(n -> "\"%s%02d\":\"%s\"".formatted("k".repeat(61), n, "v".repeat(63)))
            .collect(Collectors.joining(",", "{\"ttl\":\"PT1H\",\"labels\":{", "}}"));

    static final String TABLE =
        IntStream.range(0, 4_096)
            .mapToObj(
                gsi -> "{\"gsi\":%d,\"msi\":{\"address\":4276092928,\"data\":65}}".formatted(gsi))
            .collect(Collectors.joining(",", "{\"entries\":[", "]}"));

    static final String SCRIPT =
        IntStream.range(0, 20)
            .mapToObj(n ->
                "vm_create v%d\nirqchip_create v%d\nrouting_set v%d fill=4096\n".formatted(n, n, n))
            .collect(Collectors.joining());
  }
}
