package dev.virq.attacks.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Asks for liveness as a cluster does, on a new connection each time, but every 50 ms. */
public final class Liveness implements AutoCloseable {
  private static final long INTERVAL = 50_000_000L;
  private static final int ANSWER_MILLIS = 3_000;
  private static final int EXAMPLES = 3;

  private final int port;
  private final Thread thread;
  private final List<String> failures = new ArrayList<>();

  /** Swapped while it asks: each phase has its own. */
  private volatile Latencies latencies = new Latencies();

  private volatile boolean ended;

  /** Asks at this port. */
  public Liveness(int port) {
    this.port = port;
    thread = Thread.ofPlatform().daemon().name("liveness").start(this::work);
  }

  /** Begins a phase. */
  public synchronized Latencies phase() {
    failures.clear();
    latencies = new Latencies();
    return latencies;
  }

  /** Ends the phase as far as its lengths of time go; what fails is still noted. */
  public void rest() {
    latencies = new Latencies();
  }

  /** What failed in this phase, the first few. */
  public synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  private void work() {
    Pace pace = new Pace(INTERVAL);
    while (!ended) {
      long _ = pace.await();
      Latencies phase = latencies;
      long begun = System.nanoTime();
      String failure = attempt();
      phase.add(System.nanoTime() - begun);
      if (!failure.isEmpty() && !ended) {
        note(failure);
      }
    }
  }

  private synchronized void note(String failure) {
    if (failures.size() < EXAMPLES) {
      failures.add(failure);
    }
  }

  private String attempt() {
    try (Client client = new Client(port, () -> ANSWER_MILLIS, answer -> {})) {
      int status = client.get("/actuator/health/liveness").status();
      return status == 200 ? "" : "liveness " + status;
    } catch (IOException e) {
      return "liveness " + e;
    }
  }

  @Override
  public void close() {
    ended = true;
    Threads.join(List.of(thread));
  }
}
