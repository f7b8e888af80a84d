package dev.virq.training;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/**
 * A training run: a server is sent what its document shows, each operation many times, and many
 * signals. Meanwhile its JVM notes for an AOT cache what it loads and how methods are used.
 *
 * <p>One thread, one call after the other. The first that is not answered as documented ends the
 * run: a cache that was trained on refusals would be of little use, and nobody would notice.
 */
public final class Training implements AutoCloseable {
  /** So often that the JVM has compiled what a call runs through. */
  private static final int WALKS = 20;

  /** Likewise, by the compiler that takes its time. */
  private static final int SIGNALS = 10_000;

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);
  private static final int OK = 200;

  /** The sandbox of the document's examples, which is there once only. */
  private static final String DOCUMENTED = "/v1/sandboxes/default";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI api;
  private final URI management;
  private final int walks;
  private final int signals;

  /**
   * Of one server.
   *
   * @param api where its API is
   * @param management where its health and metrics are
   * @param walks how often each operation is called
   * @param signals how many are sent
   */
  Training(URI api, URI management, int walks, int signals) {
    this.api = api;
    this.management = management;
    this.walks = walks;
    this.signals = signals;
  }

  /** Of the server that an environment was filled by when it had begun to listen. */
  public static Training of(Environment environment) {
    int port = environment.getRequiredProperty("local.server.port", Integer.class);
    // Without a port of its own, management is on that of the API.
    int other = environment.getProperty("local.management.port", Integer.class, port);
    String host = host(environment.getProperty("server.address", ""));
    return new Training(
        URI.create("http://" + host + ":" + port),
        URI.create("http://" + host + ":" + other),
        WALKS,
        SIGNALS);
  }

  /** Under which address a server is called that listens on this one. */
  private static String host(String address) {
    try {
      InetAddress named = InetAddress.getByName(address);
      InetAddress called = named.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : named;
      String text = called.getHostAddress();
      return text.contains(":") ? "[" + text + "]" : text;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("it listens there", e);
    }
  }

  /**
   * Sends everything.
   *
   * @return how many calls were made
   * @throws TrainingFailure one was not answered as it should have been
   */
  public int run() throws TrainingFailure, InterruptedException {
    int calls = 0;
    for (int walk = 0; walk < walks; walk++) {
      calls += look() + walk("/v1/sandboxes/training-" + walk);
    }
    return calls + signal("/v1/sandboxes/training-signals");
  }

  /** What people and probes ask for. */
  private int look() throws TrainingFailure, InterruptedException {
    List<URI> looks =
        List.of(
            management.resolve("/actuator/health/readiness"),
            management.resolve("/actuator/health/liveness"),
            management.resolve("/actuator/prometheus"),
            api.resolve("/swagger-ui/index.html"),
            api.resolve("/ui/index.html"));
    for (URI look : looks) {
      call(HttpRequest.newBuilder(look), List.of(OK));
    }
    return looks.size();
  }

  /** Every operation by its examples, in a sandbox of its own. */
  private int walk(String sandbox) throws TrainingFailure, InterruptedException {
    List<DocumentedCall> calls =
        DocumentedCall.all(
            JsonMapper.shared()
                .readTree(call(HttpRequest.newBuilder(api.resolve("/v3/api-docs")), List.of(OK))));
    make(sandbox);
    for (DocumentedCall call : calls) {
      Iterator<String> bodies = call.bodies().values().iterator();
      HttpRequest.Builder request = request(call.url().replace(DOCUMENTED, sandbox));
      if (bodies.hasNext()) {
        request.header("Content-Type", call.mediaType());
      }
      BodyPublisher body =
          bodies.hasNext() ? BodyPublishers.ofString(bodies.next()) : BodyPublishers.noBody();
      call(request.method(call.method(), body), call.successes());
    }
    end(sandbox);
    return calls.size() + 3;
  }

  /** What rigs do most. */
  private int signal(String sandbox) throws TrainingFailure, InterruptedException {
    make(sandbox);
    post(sandbox + "/vms", "{}");
    post(sandbox + "/eventfds", "{}");
    post(sandbox + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
    for (int i = 0; i < signals; i++) {
      String query = i % 2 == 0 ? "?wait=settled" : "";
      call(
          request(sandbox + "/eventfds/3/signal" + query).POST(BodyPublishers.noBody()),
          List.of(OK));
    }
    end(sandbox);
    return signals + 5;
  }

  private void make(String sandbox) throws TrainingFailure, InterruptedException {
    call(request(sandbox).PUT(BodyPublishers.noBody()), List.of(OK + 1));
  }

  private void end(String sandbox) throws TrainingFailure, InterruptedException {
    call(request(sandbox).DELETE(), List.of(OK));
  }

  private void post(String path, String json) throws TrainingFailure, InterruptedException {
    call(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)),
        List.of(OK + 1));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(api.resolve(path));
  }

  private String call(HttpRequest.Builder call, List<Integer> expected)
      throws TrainingFailure, InterruptedException {
    HttpRequest request = call.timeout(LONGEST_ANSWER).build();
    String what = request.method() + " " + request.uri().getPath();
    try {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      if (!expected.contains(answer.statusCode())) {
        throw new TrainingFailure(
            "%s was answered %d: %s".formatted(what, answer.statusCode(), answer.body()));
      }
      return answer.body();
    } catch (IOException e) {
      throw new TrainingFailure("%s was not answered: %s".formatted(what, e));
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
