package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Where one filler puts things: sandboxes of its own, and connections that it keeps open. */
final class Place implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 200;
  private static final int READ_MILLIS = 30_000;

  private final int port;
  private final String prefix;
  private final List<String> sandboxes = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private int names;

  Place(int port, String prefix) {
    this.port = port;
    this.prefix = "/v1/sandboxes/" + prefix;
  }

  /** A name that was not used. */
  String fresh() {
    return prefix + names++;
  }

  /** A sandbox with vm-1, and efd-1 as descriptor 3, is ready to be filled. */
  void add(String sandbox) {
    sandboxes.add(sandbox);
  }

  /** One of those. */
  String any(Random random) {
    return sandboxes.get(random.nextInt(sandboxes.size()));
  }

  /** A connection that stays open; null when there are enough. */
  @Nullable Connection connection() throws IOException {
    if (connections.size() == MOST_CONNECTIONS) {
      return null;
    }
    Connection connection = Connection.open(port, READ_MILLIS);
    connections.add(connection);
    return connection;
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
  }
}
