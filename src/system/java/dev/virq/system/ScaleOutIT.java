package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.system.Rest.Answer;
import dev.virq.testing.Script;
import dev.virq.testing.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three instances behind HAProxy, which hashes on the header {@code Sandbox} as the chart has the
 * gateway do: every request reaches its sandbox, and a lost instance takes its own along and no
 * other.
 */
class ScaleOutIT {
  private static final int SANDBOXES = 200;
  private static final int SIGNALS = 5;

  @TempDir private static Path directory;

  private static final Map<String, ServerProcess> INSTANCES = new TreeMap<>();
  private static HaProxy gateway;

  @BeforeAll
  static void start() throws Exception {
    // Three programs need not be started where there is nothing to stand before them.
    var _ = Script.run("haproxy", "-v");
    for (String name : List.of("virq-0", "virq-1", "virq-2")) {
      List<String> arguments = List.of("--server.port=0", "--virq.node=" + name);
      INSTANCES.put(name, ServerProcess.start(ServerProcess.program(List.of(), arguments)));
    }
    Map<String, Integer> ports = new TreeMap<>();
    for (Map.Entry<String, ServerProcess> instance : INSTANCES.entrySet()) {
      ports.put(instance.getKey(), instance.getValue().port());
    }
    gateway = HaProxy.start(directory, ports);
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    INSTANCES.values().forEach(ServerProcess::close);
  }

  @Test
  void everyRequestReachesItsSandboxAndALostInstanceTakesOnlyItsOwn() throws Exception {
    List<Client> clients =
        IntStream.range(0, SANDBOXES).mapToObj(i -> new Client("rig-" + i)).toList();

    Map<String, List<Client>> byNode =
        atOnce(clients, Client::create).stream().collect(Collectors.groupingBy(c -> c.node));
    atOnce(clients, Client::signal);

    assertThat(byNode).containsOnlyKeys(INSTANCES.keySet());

    String lost = "virq-1";
    INSTANCES.get(lost).close();
    var _ = INSTANCES.get(lost).end(30);
    List<Client> gone = byNode.remove(lost);
    List<Client> left = byNode.values().stream().flatMap(List::stream).toList();

    atOnce(left, Client::signal);
    for (Answer answer : atOnce(gone, Client::look)) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
      assertThat(answer.text("errno")).isEqualTo("ENOENT");
      assertThat(answer.node()).isNotEqualTo(lost).isIn(INSTANCES.keySet());
      assertThat(answer.text("node")).isEqualTo(answer.node());
    }

    // Whoever lost a sandbox starts again under the same name, on an instance that lives.
    atOnce(gone, Client::create);
    atOnce(clients, Client::signal);
    assertThat(clients).allMatch(client -> !client.node.equals(lost));
  }

  private static <C, R> List<R> atOnce(List<C> clients, Function<C, R> action) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<R>> calls = new ArrayList<>();
      for (C client : clients) {
        calls.add(() -> action.apply(client));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : threads.invokeAll(calls)) {
        results.add(future.get());
      }
      return results;
    }
  }

  /**
   * A rig with a sandbox of its own, which it names itself, so that its first call hashes right.
   */
  private static final class Client {
    private final String sandbox;
    private final Rest rest;
    private String node = "";
    private int sent;

    Client(String name) {
      this.sandbox = "/v1/sandboxes/" + name;
      this.rest = new Rest(gateway.port(), "Sandbox", name);
    }

    Client create() {
      Answer created = rest.put(sandbox, "{}").ok();
      assertThat(created.status()).isEqualTo(201);
      node = created.node();
      sent = 0;
      same(rest.post(sandbox + "/vms", "{}"));
      same(rest.post(sandbox + "/eventfds", "{}"));
      same(rest.post(sandbox + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}"));
      return this;
    }

    Client signal() {
      for (int i = 0; i < SIGNALS; i++) {
        Answer signalled =
            same(rest.post(sandbox + "/eventfds/3/signal?wait=settled&timeout=PT1M", null));
        assertThat(signalled.text("outcome")).isEqualTo("INJECTED");
        sent++;
      }
      Answer line = same(rest.get(sandbox + "/vms/vm-1/gsis/5"));
      assertThat(line.number("injected")).isEqualTo(sent);
      return this;
    }

    Answer look() {
      return rest.get(sandbox);
    }

    private Answer same(Answer answer) {
      assertThat(answer.ok().node()).isEqualTo(node);
      return answer;
    }
  }
}
