package dev.virq.attacks;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Latencies;
import dev.virq.attacks.rig.Pace;
import dev.virq.attacks.rig.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A rig in a sandbox of its own that does its work at a modest rate while others attack: signals
 * and waits for them, looks, and makes and closes a binding.
 */
final class Victim implements AutoCloseable {
  static final String SANDBOX = "/v1/sandboxes/victim";

  private static final long INTERVAL = 25_000_000L;
  private static final int ANSWER_MILLIS = 30_000;
  private static final int EXAMPLES = 5;
  private static final int STEPS = 6;

  private final int port;
  private final Thread thread;
  private final List<String> failures = new ArrayList<>();
  private long failed;
  private String made = "";

  /** Swapped while the victim works: each phase has its own. */
  private volatile Latencies latencies = new Latencies();

  private volatile boolean ended;

  /** Makes what it needs. */
  Victim(int port) throws IOException {
    this.port = port;
    try (Client client = new Client(port)) {
      require(client.put(SANDBOX, "{\"ttl\":\"PT1H\"}"));
      require(client.post(SANDBOX + "/vms", "{}"));
      require(client.post(SANDBOX + "/eventfds", "{}"));
      require(client.post(SANDBOX + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}"));
    }
    thread = Thread.ofPlatform().daemon().name("victim").start(this::work);
  }

  private static void require(Answer answer) throws IOException {
    if (!answer.ok()) {
      throw new IOException("the victim cannot begin: " + answer.shown());
    }
  }

  /** Begins a phase: what comes now is noted there. */
  synchronized Latencies phase() {
    failures.clear();
    failed = 0;
    latencies = new Latencies();
    return latencies;
  }

  /** Ends the phase as far as its lengths of time go; what fails is still noted. */
  void rest() {
    latencies = new Latencies();
  }

  /** What failed in this phase, the first few, with their number; empty when nothing did. */
  synchronized List<String> failures() {
    List<String> all = new ArrayList<>(failures);
    if (failed > failures.size()) {
      all.add("and " + (failed - failures.size()) + " more");
    }
    return all;
  }

  private void work() {
    Pace pace = new Pace(INTERVAL);
    try (Client client = new Client(port, () -> ANSWER_MILLIS, answer -> {})) {
      for (int step = 0; !ended; step = (step + 1) % STEPS) {
        long _ = pace.await();
        Latencies phase = latencies;
        long begun = System.nanoTime();
        String failure = attempt(client, step);
        phase.add(System.nanoTime() - begun);
        if (!failure.isEmpty() && !ended) {
          note(failure);
        }
      }
    }
  }

  private synchronized void note(String failure) {
    failed++;
    if (failures.size() < EXAMPLES) {
      failures.add(failure);
    }
  }

  /** One step; says what failed. */
  private String attempt(Client client, int step) {
    try {
      Answer answer = step(client, step);
      return answer.ok() ? "" : "step " + step + ": " + answer.shown();
    } catch (IOException e) {
      return "step " + step + ": " + e;
    }
  }

  private Answer step(Client client, int step) throws IOException {
    return switch (step) {
      case 1 -> client.get(SANDBOX + "/vms/vm-1/gsis/5");
      case 2 -> {
        Answer answer = client.post(SANDBOX + "/eventfds", "{\"initval\":0}");
        made = answer.text("id");
        yield answer;
      }
      case 3 ->
          made.isEmpty()
              ? client.get(SANDBOX)
              : client.post(
                  SANDBOX + "/vms/vm-1/irqfds", "{\"eventfd\":\"" + made + "\",\"gsi\":6}");
      case 5 -> made.isEmpty() ? client.get(SANDBOX) : client.delete(SANDBOX + "/eventfds/" + made);
      default -> client.post(SANDBOX + "/eventfds/3/signal?wait=settled");
    };
  }

  @Override
  public void close() {
    ended = true;
    Threads.join(List.of(thread));
  }
}
