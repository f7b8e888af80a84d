package dev.virq.api.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ManualExecutor;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connector in a Tomcat of its own: what is wired together there, on real sockets. */
class HeadProtocolTest {
  private static final int LONG = 20_000;
  private static final String REQUEST =
      "GET /v1/sandboxes/a/held HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path directory;
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch admitted = new CountDownLatch(1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final AtomicInteger looks = new AtomicInteger();
  private final HeadProtocol protocol = new HeadProtocol(looks::incrementAndGet);
  private final Newcomers newcomers = protocol.newcomers();
  private final List<Socket> clients = new ArrayList<>();
  private final Tomcat tomcat = new Tomcat();

  /** Answers that close the connection: .../whole of known length, others without. */
  private final class Closing extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      asked.incrementAndGet();
      if (request.getRequestURI().endsWith("/held")) {
        Head.named(request, "a");
        await(admitted);
        Head.admitted(request);
        await(held);
        // Kept, as far as the application is asked.
        response.setContentLength(0);
        return;
      }
      Head.closeAfterAnswer(request);
      byte[] body = "x".repeat(LONG).getBytes(US_ASCII);
      if (request.getRequestURI().endsWith("/whole")) {
        response.setContentLength(LONG);
      }
      response.getOutputStream().write(body, 0, LONG / 2);
      response.flushBuffer();
      response.getOutputStream().write(body, LONG / 2, LONG / 2);
    }
  }

  private void letAllGo() {
    admitted.countDown();
    held.countDown();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void start(Executor threads) throws LifecycleException {
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setExecutor(threads);
    Connector connector = new Connector(protocol);
    connector.setPort(0);
    tomcat.setBaseDir(directory.toString());
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", directory.toString());
    Tomcat.addServlet(context, "closing", new Closing()).addMapping("/");
    tomcat.start();
  }

  private Socket send(String head) throws IOException {
    Socket client =
        new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
    clients.add(client);
    client.getOutputStream().write(head.getBytes(US_ASCII));
    return client;
  }

  /** All that comes until the connection is closed. */
  private String answer(String path) throws IOException {
    return all(send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }

  private static String all(Socket client) throws IOException {
    client.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
    return new String(client.getInputStream().readAllBytes(), US_ASCII);
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    tomcat.stop();
    tomcat.destroy();
  }

  @Test
  void aConnectionIsANewcomerFromItsFirstBytesUntilAThreadReadsThem() throws Exception {
    ManualExecutor threads = new ManualExecutor();
    start(threads);

    for (int i = 1; i <= 3; i++) {
      var _ = send("G");
      int sent = i;
      Await.until(() -> threads.size() == sent);
      assertThat(newcomers.waiting()).isEqualTo(i);
    }

    threads.runAll();
    assertThat(newcomers.waiting()).isZero();

    // More of the same request makes none a newcomer again.
    clients.getFirst().getOutputStream().write('E');
    Await.until(() -> threads.size() == 1);
    assertThat(newcomers.waiting()).isZero();
    threads.runAll();
  }

  @Test
  void onlySomeNewcomersAreHandedOnToThreadsAtATime() throws Exception {
    ManualExecutor threads = new ManualExecutor();
    start(threads);

    int sent = Newcomers.FEWEST + 3;
    for (int i = 0; i < sent; i++) {
      var _ = send("GET /whole HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    Await.until(() -> newcomers.waiting() == sent);
    assertThat(threads.size()).isEqualTo(Newcomers.FEWEST);

    Await.until(() -> {
      threads.runAll();
      return newcomers.waiting() == 0;
    });
    for (Socket client : clients) {
      assertThat(all(client)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void onlySomeCallsOfASandboxAreInHandUntilTheyAreAdmittedOrAnswered() throws Exception {
    // Closed first: else a failure would wait for calls that nothing lets go.
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = this::letAllGo) {
      fillLine(threads);
      Lines lines = protocol.lines();
      int sent = Lines.IN_HAND + 2;

      // Others go past, and who is admitted lets the next one in.
      var _ = send("GET /v1/sandboxes/b/held HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Await.until(() -> asked.get() == Lines.IN_HAND + 1);
      admitted.countDown();
      Await.until(() -> asked.get() == sent + 1 && lines.size() == 0);

      held.countDown();
      for (Socket client : clients) {
        client.shutdownOutput();
        assertThat(all(client)).startsWith("HTTP/1.1 200 ");
      }
      assertThat(answer("/v1/sandboxes/a/whole")).startsWith("HTTP/1.1 200 ");
      assertThat(lines.size()).isZero();
      tomcat.getConnector().stop();
    }
  }

  /** A line of 8 calls in hand and 2 that wait. */
  private void fillLine(Executor threads) throws Exception {
    start(threads);
    for (int i = 0; i < Lines.IN_HAND + 2; i++) {
      var _ = send(REQUEST);
    }
    Await.until(() -> protocol.lines().waiting() == 2 && asked.get() == Lines.IN_HAND);
  }

  @Test
  void callsThatWaitAreServedAlthoughTheConnectorPausesAndWhatFollowsThemIsNot() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = this::letAllGo) {
      fillLine(threads);

      tomcat.getConnector().pause();
      for (Socket client : clients) {
        client.getOutputStream().write(REQUEST.getBytes(US_ASCII));
      }
      letAllGo();
      for (Socket client : clients) {
        assertThat(all(client)).startsWith("HTTP/1.1 200 ").containsOnlyOnce("HTTP/1.1");
      }
      assertThat(asked).hasValue(clients.size());
      tomcat.getConnector().stop();
    }
  }

  @Test
  void callOfAnotherSandboxThanItsLineSaysWaitsForNobodyThere() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = this::letAllGo) {
      start(threads);
      int sent = Lines.IN_HAND + 2;
      for (int i = 0; i < sent; i++) {
        var _ = send("GET /v1/sandboxes/%61/held HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
      Await.until(() -> asked.get() == sent && protocol.lines().size() == 0);
      letAllGo();
      tomcat.getConnector().stop();
    }
  }

  @Test
  void whoeverTakesConnectionsLooksForNewcomersBeforeEach() throws Exception {
    for (int i = 0; i < Newcomers.MOST; i++) {
      var _ = newcomers.comes(new Newcomers.Newcomer(() -> {}));
    }
    start(new ManualExecutor());

    for (int taken = 0; taken < 3; taken++) {
      int before = taken;
      Await.until(() -> looks.get() == Newcomers.LOOKS * (before + 1));
      var _ = send("G");
    }
    Await.until(() -> looks.get() == Newcomers.LOOKS * 4);
  }

  @Test
  void whatANewConnectionThatIsResetHadAskedForIsNotCarriedOut() throws Exception {
    ManualExecutor threads = new ManualExecutor();
    start(threads);

    // The reset may still be under way when the server reads.
    Await.until(() -> !isCarriedOut(threads));
  }

  private boolean isCarriedOut(ManualExecutor threads) {
    int before = asked.get();
    try {
      Socket gone = send("GET /whole HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Await.until(() -> threads.size() == 1);
      gone.setSoLinger(true, 0);
      gone.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.runAll();
    return asked.get() > before;
  }

  @Test
  void anAnswerThatClosesSaysSoAndIsWhole() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      start(threads);

      assertThat(answer("/whole"))
          .contains("\r\nConnection: close\r\n", "\r\nContent-Length: " + LONG + "\r\n")
          .endsWith("\r\n\r\n" + "x".repeat(LONG));
      assertThat(answer("/parts"))
          .contains("\r\nConnection: close\r\n", "\r\nTransfer-Encoding: chunked\r\n")
          // Without its last chunk it would not be known for whole.
          .endsWith("x\r\n0\r\n\r\n");
      tomcat.getConnector().stop();
    }
  }
}
