package dev.virq.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.VirqApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A server of the copy that this class is loaded with, and one run of a scenario on it. Each method
 * is a test as {@link BrokenCopy#run} takes it.
 */
final class ScenarioOfACopy {

  void fiveSteps() throws Exception {
    runs("five-steps");
  }

  void flushWaitsForAReader() throws Exception {
    runs("flush-waits-for-a-reader");
  }

  void hangupAgainstVmClose() throws Exception {
    runs("hangup-against-vm-close");
  }

  void vmCloseAgainstHangup() throws Exception {
    runs("vm-close-against-hangup");
  }

  void preloadedCounter() throws Exception {
    runs("preloaded-counter");
  }

  void ebusyAcrossVms() throws Exception {
    runs("ebusy-across-vms");
  }

  void coalescing() throws Exception {
    runs("coalescing");
  }

  void doubleClose() throws Exception {
    runs("double-close");
  }

  void leaseExpiryUnderAHold() throws Exception {
    runs("lease-expiry-under-a-hold");
  }

  void heldReaders() throws Exception {
    runs("held-readers");
  }

  private void runs(String scenario) throws IOException, InterruptedException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // Spring loads by the thread's loader, Tomcat's threads inherit it.
    thread.setContextClassLoader(getClass().getClassLoader());
    try (ConfigurableApplicationContext server =
            new SpringApplicationBuilder(VirqApplication.class)
                .properties("server.port=0", "management.server.port=-1")
                .run();
        HttpClient client = HttpClient.newHttpClient()) {
      String sandbox =
          "http://127.0.0.1:%s/v1/sandboxes/default/scenarios/%s/run"
              .formatted(server.getEnvironment().getProperty("local.server.port"), scenario);
      HttpRequest run =
          HttpRequest.newBuilder(URI.create(sandbox)).POST(BodyPublishers.noBody()).build();
      String answer = client.send(run, BodyHandlers.ofString()).body();
      assertThat(answer.contains("\"verdict\":\"OK\"")).as(answer).isTrue();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
