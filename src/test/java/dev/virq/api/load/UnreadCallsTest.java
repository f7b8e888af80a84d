package dev.virq.api.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.limits.Quota;
import dev.virq.share.Shares;
import dev.virq.testing.Await;
import dev.virq.testing.OwnTomcat;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

/**
 * How the connector, which leaves calls of a sandbox unread, and the filter, which gives them
 * places, work together: as they are configured, in a Tomcat of its own.
 */
class UnreadCallsTest {
  /** Calls of a sandbox that are read at once. */
  private static final int IN_HAND = 2;

  private static final String CALL = "/v1/sandboxes/a/held";

  @TempDir private Path directory;
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch held = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private OwnTomcat tomcat;

  /** Answers when it is let. */
  private final class Held extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
      asked.incrementAndGet();
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Shares start(int atOnce, int queued, int connections) throws Exception {
    Shares shares =
        new Shares(
            "calls", new Shares.Bounds(atOnce, atOnce, queued, Duration.ofHours(1).toNanos()));
    RequestCosts costs =
        new RequestCosts(1L << 20, connections, Duration.ofMinutes(1), Duration.ofMinutes(1));
    DeadlineProtocol protocol = new DeadlineProtocol();
    tomcat = new OwnTomcat(protocol, threads, directory);
    TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory();
    new Connections(costs, shares).customize(factory);
    factory.getConnectorCustomizers().forEach(each -> each.customize(tomcat.connector()));
    FilterDef filter = new FilterDef();
    filter.setFilterName("shares");
    filter.setFilter(
        new ShareFilter(
            shares,
            costs,
            new Quota("bytes", costs.bytes(), Errno.ENFILE, null),
            (request, response, handler, refusal) -> {
              response.setStatus(429);
              return new org.springframework.web.servlet.ModelAndView();
            }));
    FilterMap everything = new FilterMap();
    everything.setFilterName("shares");
    everything.addURLPattern("/*");
    tomcat.context().addFilterDef(filter);
    tomcat.context().addFilterMap(everything);
    Tomcat.addServlet(tomcat.context(), "held", new Held()).addMapping("/");
    tomcat.start();
    return shares;
  }

  @AfterEach
  void stop() throws Exception {
    held.countDown();
    tomcat.close();
    threads.shutdownNow();
  }

  private void ask(String path, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      var _ = tomcat.get(path);
    }
  }

  @Test
  void callThatHasAPlaceLetsTheNextOneBeRead() throws Exception {
    var _ = start(100, 100, 400);

    ask(CALL, IN_HAND + 3);

    Await.until(() -> asked.get() == IN_HAND + 3);
  }

  @Test
  void callWhosePathIsWrittenOtherwiseIsReadAtOnce() throws Exception {
    Shares shares = start(1, 100, 400);
    try (Shares.Share _ = shares.enter("another")) {
      ask("/v1/sandboxes/%61/held", IN_HAND + 3);

      Await.until(() -> shares.waiting() == IN_HAND + 3);
    }
  }

  @Test
  void noMoreAreUnreadThanMayWaitInHand() throws Exception {
    int queued = IN_HAND + 1;
    Shares shares = start(1, queued, 400);
    try (Shares.Share _ = shares.enter("another")) {
      ask(CALL, IN_HAND + queued + 1);

      Await.until(() -> shares.waiting() == queued);
      assertThat(tomcat.get(CALL).getInputStream().readNBytes(12))
          .asString(US_ASCII)
          .endsWith(" 429");
      assertThat(shares.waiting()).isEqualTo(queued);
    }
  }

  @Test
  void noMoreAreUnreadThanAQuarterOfTheConnections() throws Exception {
    int longest = 12;
    Shares shares = start(1, 100, 4 * longest);
    try (Shares.Share _ = shares.enter("another")) {
      ask(CALL, IN_HAND + longest);
      Await.until(() -> shares.waiting() == IN_HAND);

      ask(CALL, 2);
      Await.until(() -> shares.waiting() == IN_HAND + 2);
    }
  }
}
