package dev.virq.system;

import dev.virq.testing.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * HAProxy before several instances: each request goes where the header {@code Sandbox} hashes to,
 * consistently, so that the loss of an instance moves no name of another.
 */
final class HaProxy implements AutoCloseable {
  private final ProcessHandle process;
  private final int port;

  private HaProxy(ProcessHandle process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it before these instances, name to port. Aborts the test, visibly, where there is no
   * HAProxy.
   */
  static HaProxy start(Path directory, Map<String, Integer> instances)
      throws IOException, InterruptedException {
    int port = freePort();
    StringBuilder configuration =
        new StringBuilder(
            """
            defaults
              mode http
              timeout connect 60s
              timeout client 180s
              timeout server 180s
              # A connection for each request, so that none is sent down one whose server has gone.
              option http-server-close
              # The first refused connection is the news of a loss; the request is then sent elsewhere.
              retries 3
              option redispatch 1
              default-server check inter 60s observe layer4 error-limit 1 on-error mark-down
            frontend gateway
              bind 127.0.0.1:%d
              default_backend virq
            backend virq
              balance hdr(Sandbox)
              hash-type consistent
              option httpchk GET /actuator/health/readiness
            """
                .formatted(port));
    instances.forEach(
        (name, at) -> configuration.append("  server %s 127.0.0.1:%d%n".formatted(name, at)));
    Path file = Files.writeString(directory.resolve("haproxy.cfg"), configuration);
    Path pid = directory.resolve("haproxy.pid");
    // As a daemon: the command ends as soon as the port is open.
    Script.Result start =
        Script.run("haproxy", "-D", "-q", "-p", pid.toString(), "-f", file.toString());
    if (start.status() != 0) {
      throw new AssertionError(start.output());
    }
    long daemon = Long.parseLong(Files.readString(pid).strip());
    return new HaProxy(ProcessHandle.of(daemon).orElseThrow(), port);
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
