package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Latencies;
import dev.virq.attacks.rig.Pace;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * A load of a few clients that wait for each answer, which finds the rate that an instance
 * sustains, and one of many that send by the clock, whatever is answered.
 */
final class Overload {
  private static final int SANDBOXES = 16;
  private static final int ANSWER_MILLIS = 20_000;
  private static final long SECOND = 1_000_000_000L;

  private final int port;

  Overload(int port) {
    this.port = port;
  }

  /**
   * What came of a load.
   *
   * @param seconds how long it was
   * @param answers how often each status came; a connection without an answer by its exception
   * @param good latencies of the 2xx
   */
  record Outcome(double seconds, Map<String, Long> answers, Latencies good) {
    /** Requests a second that were carried out. */
    double goodput() {
      return count("2") / seconds;
    }

    /** Requests a second that were sent. */
    double sent() {
      return count("") / seconds;
    }

    private long count(String prefix) {
      return answers.entrySet().stream()
          .filter(entry -> entry.getKey().startsWith(prefix))
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  /** Makes the sandboxes that the loads work in. */
  void prepare() throws IOException {
    try (Client client = new Client(port)) {
      for (int i = 0; i < SANDBOXES; i++) {
        Answer created = client.put(sandbox(i), "{\"ttl\":\"PT1H\"}");
        if (!created.ok()) {
          throw new IOException("no sandbox: " + created.shown());
        }
        Answer _ = client.post(sandbox(i) + "/vms", "{}");
        Answer _ = client.post(sandbox(i) + "/eventfds", "{}");
        Answer _ = client.post(sandbox(i) + "/vms/vm-1/irqfds", "{\"fd\":3,\"gsi\":5}");
      }
    }
  }

  /** So many clients, each of which sends when it has been answered. */
  Outcome closed(int clients, long seconds) throws InterruptedException {
    return load(clients, seconds, 0);
  }

  /** So many clients, which together send so many requests a second. */
  Outcome open(int clients, long seconds, double rate) throws InterruptedException {
    return load(clients, seconds, (long) (clients * (double) SECOND / rate));
  }

  private Outcome load(int clients, long seconds, long interval) throws InterruptedException {
    Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    Latencies good = new Latencies();
    CountDownLatch begin = new CountDownLatch(1);
    long[] end = new long[1];
    var threads =
        IntStream.range(0, clients)
            .mapToObj(i ->
                Thread.ofVirtual()
                    .start(() -> {
                      try {
                        begin.await();
                        send(i, end[0], interval, answers, good);
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }))
            .toList();
    long begun = System.nanoTime();
    end[0] = begun + seconds * SECOND;
    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    double lasted = (System.nanoTime() - begun) / (double) SECOND;
    Map<String, Long> counts = new TreeMap<>();
    answers.forEach((status, count) -> counts.put(status, count.sum()));
    return new Outcome(lasted, counts, good);
  }

  private void send(
      int index, long end, long interval, Map<String, LongAdder> answers, Latencies good) {
    String sandbox = sandbox(index % SANDBOXES);
    if (interval > 0) {
      // Not all of them in the same moment.
      Pace.until(System.nanoTime() + (index * 7_919L) % interval);
    }
    Pace pace = new Pace(interval);
    try (Client client = new Client(port, () -> ANSWER_MILLIS, answer -> {})) {
      for (int n = index; System.nanoTime() - end < 0; n++) {
        if (interval > 0) {
          long _ = pace.await();
        }
        long begun = System.nanoTime();
        String status = attempt(client, sandbox, n);
        answers.computeIfAbsent(status, one -> new LongAdder()).increment();
        if (status.startsWith("2")) {
          good.add(System.nanoTime() - begun);
        }
      }
    }
  }

  private static String attempt(Client client, String sandbox, int n) {
    try {
      Answer answer =
          switch (n % 4) {
            case 0 -> client.get(sandbox + "/vms/vm-1/gsis/5");
            case 1 -> client.post(sandbox + "/eventfds/3/signal?wait=settled");
            default -> client.post(sandbox + "/eventfds/3/signal");
          };
      return Integer.toString(answer.status());
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static String sandbox(int index) {
    return "/v1/sandboxes/overload-" + index;
  }
}
