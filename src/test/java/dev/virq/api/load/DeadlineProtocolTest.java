package dev.virq.api.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ManualExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which connections are closed when all are taken, in a Tomcat of its own, on real sockets. */
class DeadlineProtocolTest {
  /** So few that one is closed at a time. */
  private static final int CONNECTIONS = 8;

  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path directory;
  private final ManualExecutor threads = new ManualExecutor();
  private final DeadlineProtocol protocol = new DeadlineProtocol();
  private final List<Socket> clients = new ArrayList<>();
  private final Tomcat tomcat = new Tomcat();

  @BeforeEach
  void start() throws LifecycleException {
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setExecutor(threads);
    Connector connector = new Connector(protocol);
    connector.setPort(0);
    // More than there are, so that none is closed but by the test.
    protocol.setMaxConnections(CONNECTIONS);
    tomcat.setBaseDir(directory.toString());
    tomcat.setConnector(connector);
    var _ = tomcat.addContext("", directory.toString());
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    tomcat.stop();
    tomcat.destroy();
  }

  private Socket connect() throws IOException {
    Socket client =
        new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
    client.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
    clients.add(client);
    return client;
  }

  private Socket send(String text) throws IOException {
    int before = threads.size();
    Socket client = connect();
    client.getOutputStream().write(text.getBytes(US_ASCII));
    Await.until(() -> threads.size() == before + 1);
    return client;
  }

  private boolean makeRoom() {
    return protocol.makeRoom(System.currentTimeMillis() + Duration.ofHours(1).toMillis());
  }

  @Test
  void oneThatIsSilentIsClosedAlthoughItNeverSaidAnything() throws IOException {
    Socket silent = connect();
    // Closed by a thread, and in front of it are as many newcomers as may be.
    Socket last = null;
    for (int i = 0; i < 4; i++) {
      last = send(REQUEST);
    }
    assertThat(makeRoom()).isTrue();
    assertThat(threads.size()).isEqualTo(5);
    threads.runAll();
    assertThat(silent.getInputStream().read()).isEqualTo(-1);
    assertThat(last.getInputStream().read()).isEqualTo('H');
  }

  @Test
  void oneWhoseRequestWaitsForAThreadIsNotSilent() throws IOException {
    Socket waiting = send(REQUEST);
    assertThat(makeRoom()).isFalse();
    threads.runAll();
    assertThat(waiting.getInputStream().read()).isEqualTo('H');
  }

  @Test
  void oneThatHasSentHalfAHeadIsSilent() throws IOException {
    Socket half = send("GET / HTTP");
    threads.runAll();
    Await.until(this::makeRoom);
    threads.runAll();
    assertThat(half.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void halfAHeadOfACallIsHeardWhenItComes() throws IOException {
    Socket half = connect();
    long connected = System.currentTimeMillis();
    Await.until(() -> System.currentTimeMillis() > connected);
    half.getOutputStream().write("GET /v1/vms HTTP".getBytes(US_ASCII));
    Await.until(() -> threads.size() == 1);
    threads.runAll();
    Await.until(() -> protocol.silent().size() == 1);
    assertThat(protocol.silent().getFirst().since()).isGreaterThan(connected);
  }
}
