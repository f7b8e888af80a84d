package dev.virq.attacks;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Cleanup;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Connection;
import dev.virq.attacks.rig.Instance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an instance makes once and keeps: the OpenAPI document in YAML, and the connector's buffers
 * for as many calls at once as it takes. Made before the first attack, they are not taken for what
 * an attack has left.
 */
final class WarmUp {
  private static final int SANDBOXES = 16;

  /** As many as are taken with the image's heap but for some. */
  private static final int CONNECTIONS = 700;

  private static final int ANSWER_MILLIS = 30_000;
  private static final int TIMED_OUT = 504;

  /** So many sets of buffers are kept. */
  private static final int PROCESSORS = 128;

  private WarmUp() {}

  static void of(Instance instance) throws IOException, InterruptedException {
    List<Connection> open = new ArrayList<>();
    try (Client client = new Client(instance.port())) {
      require(client.get("/v3/api-docs.yaml"));
      for (int i = 0; i < SANDBOXES; i++) {
        require(client.put(sandbox(i), "{\"ttl\":\"PT1H\"}"));
        require(client.post(sandbox(i) + "/eventfds", "{}"));
      }
      for (int i = 0; i < CONNECTIONS; i++) {
        Connection connection = Connection.open(instance.port(), ANSWER_MILLIS);
        open.add(connection);
        connection.write(
            Connection.request(
                "POST", sandbox(i % SANDBOXES) + "/eventfds/3/read?timeout=PT3S", "", new byte[0]));
      }
      int waited = 0;
      for (Connection connection : open) {
        // Those past the bound on waiting calls are refused.
        waited += connection.read().status() == TIMED_OUT ? 1 : 0;
      }
      if (waited < PROCESSORS) {
        throw new IOException("only " + waited + " calls of the warm-up waited at once");
      }
    } finally {
      open.forEach(Connection::close);
    }
    List<String> faults = Cleanup.of(instance);
    if (!faults.isEmpty()) {
      throw new IOException("the warm-up went wrong: " + faults);
    }
  }

  private static void require(Answer answer) throws IOException {
    if (!answer.ok()) {
      throw new IOException("the warm-up was answered " + answer.shown());
    }
  }

  private static String sandbox(int i) {
    return "/v1/sandboxes/warm-" + i;
  }
}
