package dev.virq.api.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.OwnTomcat;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connector in a Tomcat of its own: what is wired together there, on real sockets. */
class HeadProtocolTest {
  private static final int LONG = 20_000;
  private static final String HELD = "/v1/sandboxes/a/held";

  @TempDir private Path directory;
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch admitted = new CountDownLatch(1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final AtomicInteger looks = new AtomicInteger();
  private final HeadProtocol protocol = new HeadProtocol(looks::incrementAndGet);
  private final Newcomers newcomers = protocol.newcomers();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private OwnTomcat tomcat;

  /**
   * Answers at once (.../kept), when it is admitted and let (.../held), with a head and the rest
   * when it is let (.../begun); and such that close the connection, of known length (.../whole) or
   * without.
   */
  private final class Answers extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      asked.incrementAndGet();
      String path = request.getRequestURI();
      if (path.endsWith("/kept")) {
        return;
      }
      if (path.endsWith("/held")) {
        Head.named(request, "a");
        await(admitted);
        Head.admitted(request);
        await(held);
        // Kept, as far as the application is asked.
        response.setContentLength(0);
        return;
      }
      if (path.endsWith("/begun")) {
        response.flushBuffer();
        await(held);
        return;
      }
      Head.closeAfterAnswer(request);
      byte[] body = "x".repeat(LONG).getBytes(US_ASCII);
      if (path.endsWith("/whole")) {
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

  private void start(Executor executor) throws LifecycleException {
    tomcat = new OwnTomcat(protocol, executor, directory);
    Tomcat.addServlet(tomcat.context(), "answers", new Answers()).addMapping("/");
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    letAllGo();
    tomcat.close();
    threads.shutdownNow();
  }

  @Test
  void aConnectionIsANewcomerFromItsFirstBytesUntilAThreadReadsThem() throws Exception {
    ManualExecutor manual = new ManualExecutor();
    start(manual);

    for (int i = 1; i <= 3; i++) {
      var _ = tomcat.send("G");
      int sent = i;
      Await.until(() -> manual.size() == sent);
      assertThat(newcomers.waiting()).isEqualTo(i);
    }

    manual.runAll();
    assertThat(newcomers.waiting()).isZero();

    // More of the same request makes none a newcomer again.
    OwnTomcat.send(tomcat.clients().getFirst(), "E");
    Await.until(() -> manual.size() == 1);
    assertThat(newcomers.waiting()).isZero();
    manual.runAll();
  }

  @Test
  void onlySomeNewcomersAreHandedOnToThreadsAtATime() throws Exception {
    ManualExecutor manual = new ManualExecutor();
    start(manual);

    int sent = Newcomers.FEWEST + 3;
    ask("/whole", sent);
    Await.until(() -> newcomers.waiting() == sent);
    assertThat(manual.size()).isEqualTo(Newcomers.FEWEST);

    Await.until(() -> {
      manual.runAll();
      return newcomers.waiting() == 0;
    });
    for (Socket client : tomcat.clients()) {
      assertThat(OwnTomcat.all(client)).startsWith("HTTP/1.1 200 ");
    }
  }

  private void ask(String path, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      var _ = tomcat.get(path);
    }
  }

  /** A line of as many calls in hand as may be, and 2 that wait. */
  private void fillLine() throws IOException {
    ask(HELD, Lines.IN_HAND + 2);
    Await.until(() -> protocol.lines().waiting() == 2 && asked.get() == Lines.IN_HAND);
  }

  @Test
  void onlySomeCallsOfASandboxAreInHandUntilTheyAreAdmittedOrAnswered() throws Exception {
    start(threads);
    fillLine();

    // Others go past, and who is admitted lets the next one in.
    ask("/v1/sandboxes/b/held", 1);
    Await.until(() -> asked.get() == Lines.IN_HAND + 1);
    admitted.countDown();
    Lines lines = protocol.lines();
    Await.until(() -> asked.get() == Lines.IN_HAND + 3 && lines.size() == 0);

    held.countDown();
    for (Socket client : tomcat.clients()) {
      client.shutdownOutput();
      assertThat(OwnTomcat.all(client)).startsWith("HTTP/1.1 200 ");
    }
    assertThat(OwnTomcat.all(tomcat.get("/v1/sandboxes/a/whole"))).startsWith("HTTP/1.1 200 ");
    Await.until(() -> lines.size() == 0);
  }

  @Test
  void callThatWaitsHasNoThreadAndIsNoNewcomerAnyMore() throws Exception {
    AtomicInteger started = new AtomicInteger();
    start(task -> {
      started.incrementAndGet();
      threads.execute(task);
    });
    ask(HELD, Lines.IN_HAND);
    Await.until(() -> asked.get() == Lines.IN_HAND);

    ask(HELD, 3);
    Await.until(() -> protocol.lines().waiting() == 3 && newcomers.waiting() == 0);
    assertThat(started).hasValue(Lines.IN_HAND);

    // Those of others do have one.
    ask("/v1/sandboxes/b/held", 1);
    Await.until(() -> asked.get() == Lines.IN_HAND + 1);
    letAllGo();
    for (Socket client : tomcat.clients()) {
      assertThat(OwnTomcat.head(client)).startsWith("HTTP/1.1 200 ");
    }
    assertThat(started).hasValue(tomcat.clients().size());
  }

  @Test
  void whatComesInTheMiddleOfARequestIsNotTakenForACallAlthoughOthersWait() throws Exception {
    AtomicInteger done = new AtomicInteger();
    start(task ->
        threads.execute(() -> {
          task.run();
          done.incrementAndGet();
        }));
    Socket half = tomcat.send("GET /kept HTTP/1.1\r\nHost: localhost\r\nX-Example: ");
    // Read by Tomcat, too.
    Await.until(() -> done.get() == 1);
    fillLine();

    OwnTomcat.send(half, "GET " + HELD + " HTTP/1.1\r\n\r\n");
    assertThat(OwnTomcat.head(half)).startsWith("HTTP/1.1 200 ");
    assertThat(protocol.lines().waiting()).isEqualTo(2);
  }

  @Test
  void whatIsResetWhileOthersWaitIsNotCarriedOut() throws Exception {
    ManualExecutor manual = new ManualExecutor();
    start(manual);
    for (int i = 0; i < Lines.IN_HAND; i++) {
      var _ = protocol.lines().comes(new Lines.Call("another", () -> {}));
    }
    // The reset may still be under way when the server reads.
    Await.until(() -> !isCarriedOutAlthoughOthersWait(manual));
  }

  private boolean isCarriedOutAlthoughOthersWait(ManualExecutor manual) {
    int before = asked.get();
    // The next one is counted already.
    Await.until(() -> protocol.getConnectionCount() == 1);
    try {
      Socket gone = tomcat.get("/v1/sandboxes/a/kept");
      Await.until(() -> protocol.getConnectionCount() == 2);
      gone.setSoLinger(true, 0);
      gone.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Await.until(() -> {
      manual.runAll();
      return protocol.getConnectionCount() == 1;
    });
    return asked.get() > before;
  }

  @Test
  void callThatIsReadPastTomcatIsHeardAllTheSame() throws Exception {
    start(threads);
    Socket kept = tomcat.get("/kept");
    assertThat(OwnTomcat.head(kept)).startsWith("HTTP/1.1 200 ");
    long before = protocol.lastReads().getFirst();
    Await.until(() -> System.currentTimeMillis() > before);

    OwnTomcat.send(kept, OwnTomcat.request(HELD));
    Await.until(() -> asked.get() == 2);

    assertThat(protocol.lastReads().getFirst()).isGreaterThan(before);
  }

  @Test
  void callThatIsNeverAdmittedGivesItsPlaceBackWithTheFirstBytesOfItsAnswer() throws Exception {
    start(threads);
    int sent = Lines.IN_HAND + 2;
    ask("/v1/sandboxes/a/begun", sent);

    // None has ended.
    Await.until(() -> asked.get() == sent && protocol.lines().size() == 0);
  }

  @Test
  void callsThatWaitAreServedAlthoughTheConnectorPausesAndWhatFollowsThemIsNot() throws Exception {
    start(threads);
    fillLine();

    tomcat.connector().pause();
    for (Socket client : tomcat.clients()) {
      OwnTomcat.send(client, OwnTomcat.request(HELD));
    }
    letAllGo();
    for (Socket client : tomcat.clients()) {
      assertThat(OwnTomcat.all(client)).startsWith("HTTP/1.1 200 ").containsOnlyOnce("HTTP/1.1");
    }
    assertThat(asked).hasValue(tomcat.clients().size());
  }

  @Test
  void whatComesOnceTheConnectorPausesDoesNotWait() throws Exception {
    start(threads);
    Socket late = tomcat.get("/kept");
    assertThat(OwnTomcat.head(late)).startsWith("HTTP/1.1 200 ");
    ask(HELD, Lines.IN_HAND + 2);
    Await.until(() -> protocol.lines().waiting() == 2);

    tomcat.connector().pause();
    OwnTomcat.send(late, OwnTomcat.request(HELD));

    // The others are still held: it would wait behind them.
    assertThat(OwnTomcat.all(late)).isEmpty();
    assertThat(protocol.lines().waiting()).isEqualTo(2);
  }

  @Test
  void callOfAnotherSandboxThanItsLineSaysWaitsForNobodyThere() throws Exception {
    start(threads);
    int sent = Lines.IN_HAND + 2;
    ask("/v1/sandboxes/%61/held", sent);
    Await.until(() -> asked.get() == sent && protocol.lines().size() == 0);
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
      var _ = tomcat.send("G");
    }
    Await.until(() -> looks.get() == Newcomers.LOOKS * 4);
  }

  @Test
  void whatANewConnectionThatIsResetHadAskedForIsNotCarriedOut() throws Exception {
    ManualExecutor manual = new ManualExecutor();
    start(manual);

    // The reset may still be under way when the server reads.
    Await.until(() -> !isCarriedOut(manual));
  }

  private boolean isCarriedOut(ManualExecutor manual) {
    int before = asked.get();
    try {
      Socket gone = tomcat.get("/whole");
      Await.until(() -> manual.size() == 1);
      gone.setSoLinger(true, 0);
      gone.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    manual.runAll();
    return asked.get() > before;
  }

  @Test
  void anAnswerThatClosesSaysSoAndIsWhole() throws Exception {
    start(threads);

    assertThat(OwnTomcat.all(tomcat.get("/whole")))
        .contains("\r\nConnection: close\r\n", "\r\nContent-Length: " + LONG + "\r\n")
        .endsWith("\r\n\r\n" + "x".repeat(LONG));
    assertThat(OwnTomcat.all(tomcat.get("/parts")))
        .contains("\r\nConnection: close\r\n", "\r\nTransfer-Encoding: chunked\r\n")
        // Without its last chunk it would not be known for whole.
        .endsWith("x\r\n0\r\n\r\n");
  }
}
