package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Several clients at once against one server, and what they found. */
final class Fuzzer {
  /**
   * What the server has to be told so that nothing holds a client up, and limits are reached: as
   * properties of a Spring test.
   */
  static final String SHORT_WAITS = "virq.limits.max-wait=PT0.02S";

  static final String SHORT_HOLDS = "virq.limits.max-hold=PT0.02S";

  private static final int SHRINKING_TRIES = 300;

  private final int port;
  private final long seed;
  private final int clients;

  /** So many clients; each sends its own requests, which follow from the seed and its number. */
  Fuzzer(int port, long seed, int clients) {
    this.port = port;
    this.seed = seed;
    this.clients = clients;
  }

  /**
   * What came of it.
   *
   * @param requests that were sent
   * @param seconds that it took
   * @param cpuSeconds that this process spent, on both sides
   * @param statuses how often each was answered
   * @param successes how often each operation was answered with a 2xx
   * @param findings what is wrong
   */
  record Report(
      long requests,
      double seconds,
      double cpuSeconds,
      Map<Integer, Long> statuses,
      Map<String, Long> successes,
      List<Finding> findings) {}

  Report run(int requests, LogWatch log) throws IOException, InterruptedException {
    Document document;
    List<String> points = new ArrayList<>();
    try (Wire wire = new Wire(port)) {
      document = new Document(get(wire, "/v3/api-docs"));
      JsonNode catalogue = JsonMapper.shared().readTree(get(wire, "/v1/points"));
      catalogue.findValues("name").forEach(name -> points.add(name.asString()));
    }
    long began = System.nanoTime();
    double cpuBefore = cpuSeconds();
    List<Client> all = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      all.add(new Client(port, document, points, seed, i));
    }
    Map<String, Finding> findings = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> runs = new ArrayList<>();
      for (Client client : all) {
        runs.add(
            threads.submit(() -> {
              client.run(requests / clients);
              return null;
            }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("seed " + seed + ": a client failed", e.getCause());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    double cpu = cpuSeconds() - cpuBefore;
    Map<Integer, Long> statuses = new TreeMap<>();
    Map<String, Long> successes = new TreeMap<>();
    for (Client client : all) {
      client.close();
      client.statuses().forEach((status, count) -> statuses.merge(status, count, Long::sum));
      client.successes().forEach((id, count) -> successes.merge(id, count, Long::sum));
      client.findings().forEach(findings::putIfAbsent);
    }
    for (LogWatch.Line line : log.take()) {
      Finding finding = new Finding("log", line.text(), sender(all, line.request()));
      var _ = findings.putIfAbsent(finding.key(), finding);
    }
    List<Finding> shrunk =
        findings.values().stream().map(one -> shrunk(one, document, log)).toList();
    return new Report(requests, seconds, cpu, statuses, successes, shrunk);
  }

  private static double cpuSeconds() {
    return ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .map(spent -> spent.toNanos() / 1e9)
        .orElse(0.0);
  }

  private static String get(Wire wire, String path) throws IOException {
    byte[] request = ("GET " + path + " HTTP/1.1\r\nHost: fuzz\r\n\r\n").getBytes(UTF_8);
    return new String(wire.exchange(request).body(), UTF_8);
  }

  private static byte[] sender(List<Client> clients, String id) {
    return clients.stream()
        .map(client -> client.sent(id))
        .filter(bytes -> bytes != null)
        .findFirst()
        .orElse(("request " + id).getBytes(UTF_8));
  }

  /** Smaller, when the request shows the fault by itself. */
  private Finding shrunk(Finding finding, Document document, LogWatch log) {
    Oracle oracle = new Oracle(document);
    try (Wire wire = new Wire(port)) {
      Shrinker shrinker =
          new Shrinker(
              bytes -> {
                try {
                  List<String> faults = new ArrayList<>();
                  wire.send(bytes).forEach(answer -> faults.addAll(oracle.faults(answer)));
                  log.take().forEach(line -> faults.add(line.text()));
                  return faults.stream()
                      .map(fault -> new Finding(finding.operation(), fault, bytes).key())
                      .anyMatch(finding.key()::equals);
                } catch (IOException e) {
                  return false;
                }
              },
              SHRINKING_TRIES);
      return new Finding(finding.operation(), finding.fault(), shrinker.shrink(finding.request()));
    }
  }
}
