package dev.virq.system;

import dev.virq.testing.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * HAProxy before several instances, as the chart sets it up: each request goes where the sandbox's
 * name in its path hashes to, consistently, over the instances' ordinals. Here health is not
 * probed: a test says when an instance is out of it and when it is back.
 */
final class HaProxy implements AutoCloseable {
  private final ProcessHandle process;
  private final int port;
  private final Path socket;
  private final Map<String, Integer> ports;

  private HaProxy(ProcessHandle process, int port, Path socket, Map<String, Integer> ports) {
    this.process = process;
    this.port = port;
    this.socket = socket;
    this.ports = Map.copyOf(ports);
  }

  /**
   * Starts it before these instances, name to port; a name ends in the ordinal. Aborts the test,
   * visibly, where there is no HAProxy.
   */
  static HaProxy start(Path directory, Map<String, Integer> instances)
      throws IOException, InterruptedException {
    return start(directory, instances, "");
  }

  /**
   * Starts it before stand-ins, each of which answers with its name as X-Node, whatever is asked.
   */
  static HaProxy withStandIns(Path directory, Iterable<String> names)
      throws IOException, InterruptedException {
    Map<String, Integer> ports = new TreeMap<>();
    StringBuilder standIns = new StringBuilder();
    for (String name : names) {
      int at = freePort();
      ports.put(name, at);
      standIns.append(
          """
          frontend %s
            bind 127.0.0.1:%d
            http-request return status 200 content-type application/json string "{}" hdr X-Node %s
          """
              .formatted(name, at, name));
    }
    return start(directory, ports, standIns.toString());
  }

  private static HaProxy start(Path directory, Map<String, Integer> instances, String more)
      throws IOException, InterruptedException {
    int port = freePort();
    Path socket = directory.resolve("haproxy.sock");
    StringBuilder configuration =
        new StringBuilder(
            """
            global
              stats socket %s level admin
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
              default-server check inter 1h observe layer4 error-limit 1 on-error mark-down weight 100
            frontend gateway
              bind 127.0.0.1:%d
              default_backend virq
            backend virq
              balance hash path,url_dec,field(4,/)
              hash-type consistent
            """
                .formatted(socket, port));
    instances.forEach((name, at) ->
        configuration.append(
            "  server %s 127.0.0.1:%d id %d%n".formatted(name, at, ordinal(name) + 1)));
    Path file = Files.writeString(directory.resolve("haproxy.cfg"), configuration + more);
    Path pid = directory.resolve("haproxy.pid");
    // As a daemon: the command ends as soon as the port is open.
    Script.Result start =
        Script.run("haproxy", "-D", "-q", "-p", pid.toString(), "-f", file.toString());
    if (start.status() != 0) {
      throw new AssertionError(start.output());
    }
    long daemon = Long.parseLong(Files.readString(pid).strip());
    return new HaProxy(ProcessHandle.of(daemon).orElseThrow(), port, socket, instances);
  }

  private static int ordinal(String name) {
    return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  /** Where the instances were when it started, by name. */
  Map<String, Integer> ports() {
    return ports;
  }

  /** Requests go elsewhere from now on, as when an instance has missed its probes. */
  void takeOut(String name) throws IOException {
    command("set server virq/" + name + " state maint");
  }

  /** Requests come again. */
  void takeBack(String name) throws IOException {
    command("set server virq/" + name + " state ready");
    command("set server virq/" + name + " health up");
  }

  /** The instance has another address from now on. */
  void move(String name, int at) throws IOException {
    command("set server virq/" + name + " addr 127.0.0.1 port " + at);
  }

  private void command(String line) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer sent = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (sent.hasRemaining()) {
        channel.write(sent);
      }
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer read = ByteBuffer.allocate(1024);
      while (channel.read(read) >= 0) {
        answer.write(read.array(), 0, read.position());
        read.clear();
      }
      String said = answer.toString(StandardCharsets.UTF_8).strip();
      if (!said.isEmpty() && !said.contains("changed")) {
        throw new AssertionError(line + ": " + said);
      }
    }
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
