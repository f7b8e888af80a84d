package dev.virq.attacks.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that behaves: one connection, kept as long as the server keeps it. For one thread at a
 * time.
 */
public final class Client implements AutoCloseable {
  private static final int READ_MILLIS = 90_000;
  private static final byte[] NOTHING = {};

  private final int port;
  private final IntSupplier readMillis;
  private final Consumer<Answer> seen;
  private @Nullable Connection connection;

  /**
   * Shows every answer to somebody.
   *
   * @param readMillis how long an answer may take, asked before each request
   */
  public Client(int port, IntSupplier readMillis, Consumer<Answer> seen) {
    this.port = port;
    this.readMillis = readMillis;
    this.seen = seen;
  }

  /** A client of this port. */
  public Client(int port) {
    this(port, () -> READ_MILLIS, answer -> {});
  }

  public Answer get(String path) throws IOException {
    return send("GET", path, "", NOTHING);
  }

  public Answer delete(String path) throws IOException {
    return send("DELETE", path, "", NOTHING);
  }

  public Answer put(String path, String json) throws IOException {
    return send("PUT", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** Posts JSON. */
  public Answer post(String path, String json) throws IOException {
    return send("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** Posts without a body. */
  public Answer post(String path) throws IOException {
    return send("POST", path, "", NOTHING);
  }

  /** Runs a script in a sandbox. */
  public Answer script(String sandbox, String text) throws IOException {
    return send(
        "POST", sandbox + "/scripts", "text/plain", text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sends one request and reads its answer. */
  public Answer send(String method, String path, String type, byte[] body, String... headers)
      throws IOException {
    Connection open = connection;
    if (open == null) {
      open = Connection.open(port, readMillis.getAsInt());
      connection = open;
    }
    try {
      open.timeout(readMillis.getAsInt());
      open.write(Connection.request(method, path, type, body, headers));
      Answer answer = open.read();
      if (answer.header("connection").equalsIgnoreCase("close")) {
        close();
      }
      seen.accept(answer);
      return answer;
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
