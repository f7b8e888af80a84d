package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.OwnTomcat;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which connections are closed when all are taken, in a Tomcat of its own, on real sockets. */
class DeadlineProtocolTest {
  /** So few that one is closed at a time. */
  private static final int CONNECTIONS = 8;

  @TempDir private Path directory;
  private final ManualExecutor threads = new ManualExecutor();
  private final DeadlineProtocol protocol = new DeadlineProtocol();
  private OwnTomcat tomcat;

  @BeforeEach
  void start() throws Exception {
    // More than there are, so that none is closed but by the test.
    protocol.setMaxConnections(CONNECTIONS);
    tomcat = new OwnTomcat(protocol, threads, directory);
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  private Socket send(String text) throws IOException {
    int before = threads.size();
    Socket client = tomcat.send(text);
    Await.until(() -> threads.size() == before + 1);
    return client;
  }

  private boolean makeRoom() {
    return protocol.makeRoom(System.currentTimeMillis() + Duration.ofHours(1).toMillis());
  }

  @Test
  void oneThatIsSilentIsClosedAlthoughItNeverSaidAnything() throws IOException {
    Socket silent = tomcat.connect();
    // Closed by a thread, and in front of it are as many newcomers as may be.
    Socket last = null;
    for (int i = 0; i < 4; i++) {
      last = send(OwnTomcat.request("/"));
    }
    assertThat(makeRoom()).isTrue();
    assertThat(threads.size()).isEqualTo(5);
    threads.runAll();
    assertThat(silent.getInputStream().read()).isEqualTo(-1);
    assertThat(last.getInputStream().read()).isEqualTo('H');
  }

  @Test
  void oneWhoseRequestWaitsForAThreadIsNotSilent() throws IOException {
    Socket waiting = send(OwnTomcat.request("/"));
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
    Socket half = tomcat.connect();
    // Not the client's time: the server may take the connection later.
    long taken = silentSince();
    Await.until(() -> System.currentTimeMillis() > taken);

    OwnTomcat.send(half, "GET /v1/vms HTTP");
    Await.until(() -> threads.size() == 1);
    threads.runAll();

    assertThat(silentSince()).isGreaterThan(taken);
  }

  /** Since when the only connection is silent, once it is. */
  private long silentSince() {
    Await.until(() -> protocol.silent().size() == 1);
    return protocol.silent().getFirst().since();
  }
}
