package dev.virq.testing;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;

/** A Tomcat of a test's own on a free port of the loopback interface, and clients of it. */
public final class OwnTomcat implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Tomcat tomcat = new Tomcat();
  private final Connector connector;
  private final Context context;
  private final List<Socket> clients = new ArrayList<>();

  /**
   * Not started yet.
   *
   * @param protocol serves its connections
   * @param threads on which requests are served
   * @param directory for its files
   */
  public OwnTomcat(AbstractProtocol<?> protocol, Executor threads, Path directory) {
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setExecutor(threads);
    connector = new Connector(protocol);
    connector.setPort(0);
    tomcat.setBaseDir(directory.toString());
    tomcat.setConnector(connector);
    context = tomcat.addContext("", directory.toString());
  }

  /** Where servlets and filters are added, before the start. */
  public Context context() {
    return context;
  }

  /** What listens. */
  public Connector connector() {
    return connector;
  }

  /** Listens from now on. */
  public void start() throws LifecycleException {
    tomcat.start();
  }

  /** A connection that has sent nothing; closed with the server. Its reads end after 30 s. */
  public Socket connect() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    clients.add(client);
    client.setSoTimeout((int) PATIENCE.toMillis());
    return client;
  }

  /** A connection that has sent that text. */
  public Socket send(String text) throws IOException {
    Socket client = connect();
    send(client, text);
    return client;
  }

  /** A connection that has asked for that. */
  public Socket get(String path) throws IOException {
    return send(request(path));
  }

  /** Sends text on a connection. */
  public static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A whole request for that. */
  public static String request(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  /** An answer's head, up to the empty line. */
  public static String head(Socket client) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int read = client.getInputStream().read();
      if (read < 0) {
        throw new EOFException("after " + head);
      }
      head.append((char) read);
    }
    return head.toString();
  }

  /** All that comes until the server closes. */
  public static String all(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  /** The connections that were made, oldest first. */
  public List<Socket> clients() {
    return List.copyOf(clients);
  }

  @Override
  public void close() throws IOException, LifecycleException {
    for (Socket client : clients) {
      client.close();
    }
    tomcat.stop();
    tomcat.destroy();
  }
}
