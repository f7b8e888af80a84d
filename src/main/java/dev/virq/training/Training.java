package dev.virq.training;

import dev.virq.api.http.Addresses;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/**
 * A training run: a server is sent what its document shows, each operation many times, and many
 * signals. Meanwhile its JVM notes for an AOT cache what it loads and how methods are used.
 *
 * <p>One thread, one call after the other. The first that is not answered with a documented success
 * ends the run: a cache that was trained on refusals would be of little use, and nobody would
 * notice.
 */
public final class Training implements AutoCloseable {
  /** So often that the JVM has compiled what a call runs through. */
  private static final int WALKS = 20;

  /** Likewise, by the compiler that takes its time. */
  private static final int SIGNALS = 10_000;

  private static final long LONGEST_ANSWER_SECONDS = 30;
  private static final int OK = 200;
  private static final int CREATED = 201;

  /** A signal whose injection takes long. */
  private static final int ACCEPTED = 202;

  /** The sandbox of the document's examples, which is there once only. */
  private static final Pattern DOCUMENTED = Pattern.compile("^/v1/sandboxes/default(?=[/?]|$)");

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  private final String api;
  private final List<String> looks;
  private final int walks;
  private final int signals;

  /**
   * Of one server.
   *
   * @param api scheme, host and port of its API
   * @param looks addresses of what people and probes ask for
   * @param walks how often each operation is called
   * @param signals how many are sent
   */
  Training(String api, List<String> looks, int walks, int signals) {
    this.api = api;
    this.looks = List.copyOf(looks);
    this.walks = walks;
    this.signals = signals;
  }

  /**
   * Of the server that an environment was filled by when it had begun to listen.
   *
   * @throws TrainingFailure there is none
   */
  public static Training of(Environment environment) throws TrainingFailure {
    String address = environment.getProperty("server.address");
    String api = Addresses.api(environment, Addresses.host(address));
    if (api == null) {
      throw new TrainingFailure("there is no server to call");
    }
    List<String> looks = new ArrayList<>(List.of(api + "/ui/index.html"));
    if (Addresses.hasUi(environment)) {
      looks.add(api + "/swagger-ui/index.html");
    }
    String own = environment.getProperty("management.server.address", Addresses.host(address));
    String management = Addresses.management(environment, api, Addresses.host(own));
    if (management != null) {
      for (String path : List.of("/health/readiness", "/health/liveness", "/prometheus")) {
        looks.add(management + path);
      }
    }
    return new Training(api, looks, WALKS, SIGNALS);
  }

  /**
   * Sends everything.
   *
   * @return how many calls were made
   * @throws TrainingFailure one was not answered as it should have been
   */
  public int run() throws TrainingFailure, InterruptedException {
    try {
      int calls = 0;
      for (int walk = 0; walk < walks; walk++) {
        calls += look() + walk("/v1/sandboxes/training-" + walk);
      }
      return calls + signal("/v1/sandboxes/training-signals");
    } catch (RuntimeException e) {
      // Such as a document that was replaced by another.
      throw new TrainingFailure(e.toString());
    }
  }

  private int look() throws TrainingFailure, InterruptedException {
    for (String look : looks) {
      call(HttpRequest.newBuilder(URI.create(look)), List.of(OK));
    }
    return looks.size();
  }

  /** Every operation by its examples, in a sandbox of its own. */
  private int walk(String sandbox) throws TrainingFailure, InterruptedException {
    List<DocumentedCall> calls =
        DocumentedCall.all(
            JsonMapper.shared().readTree(call(request("/v3/api-docs"), List.of(OK))));
    make(sandbox);
    for (DocumentedCall call : calls) {
      Iterator<String> bodies = call.bodies().values().iterator();
      HttpRequest.Builder request = request(DOCUMENTED.matcher(call.url()).replaceFirst(sandbox));
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
          List.of(OK, ACCEPTED));
    }
    end(sandbox);
    return signals + 5;
  }

  private void make(String sandbox) throws TrainingFailure, InterruptedException {
    call(request(sandbox).PUT(BodyPublishers.noBody()), List.of(CREATED));
  }

  private void end(String sandbox) throws TrainingFailure, InterruptedException {
    call(request(sandbox).DELETE(), List.of(OK));
  }

  private void post(String path, String json) throws TrainingFailure, InterruptedException {
    call(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)),
        List.of(CREATED));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(api + path));
  }

  private String call(HttpRequest.Builder call, List<Integer> expected)
      throws TrainingFailure, InterruptedException {
    HttpRequest request = call.build();
    String what = request.method() + " " + request.uri().getPath();
    try {
      HttpResponse<String> answer =
          client
              .sendAsync(request, BodyHandlers.ofString())
              .get(LONGEST_ANSWER_SECONDS, TimeUnit.SECONDS);
      if (!expected.contains(answer.statusCode())) {
        throw new TrainingFailure(
            "%s was answered %d: %s".formatted(what, answer.statusCode(), answer.body()));
      }
      return answer.body();
    } catch (ExecutionException e) {
      throw new TrainingFailure("%s was not answered: %s".formatted(what, e.getCause()));
    } catch (TimeoutException e) {
      throw new TrainingFailure(
          "%s was not answered within %d s".formatted(what, LONGEST_ANSWER_SECONDS));
    }
  }

  @Override
  public void close() {
    // Not close(), which would wait for an answer that does not come.
    client.shutdownNow();
  }
}
