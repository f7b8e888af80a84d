package dev.virq.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One seeded client with a sandbox of its own; all that it sends follows from its seed. */
final class Client implements AutoCloseable {
  /** Requests that one sandbox sees. */
  private static final int LIFE = 1_500;

  /** Requests after which a sandbox that a request deleted is made again. */
  private static final int RENEWAL = 100;

  /** The first of those make objects for the others to meet. */
  private static final int CREATIONS = 12;

  private static final int FINDINGS = 40;

  private final String name;
  private final List<Document.Operation> operations;
  private final Oracle oracle;
  private final Random random;
  private final Pools pools;
  private final Values values;
  private final Mutations mutations;
  private final RawBytes raw;
  private final Wire wire;
  private final Map<Integer, Long> statuses = new TreeMap<>();
  private final Map<String, Long> successes = new TreeMap<>();
  private final Map<String, Finding> findings = new LinkedHashMap<>();

  /** The last requests by their ids, for what the log says of them later. */
  private final Map<String, byte[]> sent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
          return size() > 256;
        }
      };

  Client(int port, Document document, List<String> points, long seed, int number) {
    name = "fuzz-" + number;
    operations = document.operations();
    oracle = new Oracle(document);
    random = new Random(seed * 1_000_003 + number);
    pools = new Pools(random);
    values = new Values(document, pools, random, points, number);
    mutations = new Mutations(values, random);
    raw = new RawBytes(random);
    wire = new Wire(port);
  }

  void run(int requests) throws IOException {
    for (int i = 0; i < requests; i++) {
      if (i % LIFE == 0) {
        leave();
        pools.enter(name + "-" + i / LIFE);
      }
      if (i % RENEWAL == 0) {
        var _ = plain("PUT", "/v1/sandboxes/" + pools.sandbox(), "{\"ttl\":\"PT5M\"}");
      }
      one(i % RENEWAL < CREATIONS ? creation() : operation(), name + "." + i);
    }
    leave();
  }

  private Document.Operation operation() {
    while (true) {
      Document.Operation one = values.one(operations);
      boolean ends = one.id().equals("deleteSandbox") || one.id().equals("resetSandbox");
      if (values.chance(ends ? 3 : one.method().equals("DELETE") ? 25 : 100)) {
        return one;
      }
    }
  }

  /** One that makes something in a sandbox, or in a VM. */
  private Document.Operation creation() {
    while (true) {
      Document.Operation one = values.one(operations);
      if (one.responses().containsKey(201) && one.path().contains("{sb}/")) {
        return one;
      }
    }
  }

  private void one(Document.Operation operation, String id) throws IOException {
    int mode = random.nextInt(100);
    values.hostility(mode < 50 ? 0 : mode < 70 ? 10 : mode < 80 ? 40 : 3);
    values.operation(operation.id());
    Draft draft = Draft.of(operation, values, id);
    if (mode >= 96) {
      byte[] bytes = raw.of(draft);
      remember(id, bytes);
      if (values.chance(10)) {
        wire.abandon(bytes);
        return;
      }
      for (Wire.Answer answer : wire.send(bytes)) {
        count(draft, answer);
        oracle.faults(answer).forEach(fault -> found("bytes", fault, bytes));
      }
      return;
    }
    for (int times = mode >= 80 ? 1 + random.nextInt(2) : 0; times > 0; times--) {
      mutations.mutate(draft);
    }
    byte[] bytes = draft.bytes();
    remember(id, bytes);
    Wire.Answer answer;
    try {
      answer = wire.exchange(bytes);
    } catch (IOException e) {
      found(draft.operation.id(), "no answer: " + e.getMessage(), bytes);
      return;
    }
    count(draft, answer);
    oracle.faults(draft, answer).forEach(fault -> found(draft.operation.id(), fault, bytes));
    if (answer.status() < 300) {
      learn(draft, answer);
    }
  }

  private void remember(String id, byte[] bytes) {
    synchronized (sent) {
      sent.put(id, bytes);
    }
  }

  /** The request of that id, while it is remembered; null of another client. */
  byte[] sent(String id) {
    synchronized (sent) {
      return sent.get(id);
    }
  }

  private void count(Draft draft, Wire.Answer answer) {
    statuses.merge(answer.status(), 1L, Long::sum);
    if (answer.status() < 300) {
      successes.merge(draft.operation.id(), 1L, Long::sum);
    }
  }

  private void learn(Draft draft, Wire.Answer answer) throws IOException {
    if (!answer.header("content-type").equals("application/json") || answer.body().length == 0) {
      return;
    }
    JsonNode body = JsonMapper.shared().readTree(answer.body());
    pools.learn(body);
    String made = body.path("name").asString("");
    if (draft.operation.id().equals("createSandbox") && answer.status() == 201) {
      end(made);
    }
  }

  /** Ends every sandbox that this client has made, and looks whether one has seen a bug. */
  private void leave() throws IOException {
    Wire.Answer list = plain("GET", "/v1/sandboxes?pageSize=1000", "");
    List<String> mine = new ArrayList<>();
    for (JsonNode item : JsonMapper.shared().readTree(list.body()).path("items")) {
      String one = item.path("name").asString();
      if (one.startsWith(name + "-")) {
        mine.add(one);
      }
    }
    for (String one : mine) {
      end(one);
    }
  }

  private void end(String sandbox) throws IOException {
    String path = "/v1/sandboxes/" + sandbox;
    JsonNode stats = JsonMapper.shared().readTree(plain("GET", path + "/stats", "").body());
    if (stats.findValues("bugs").stream().anyMatch(bugs -> bugs.asLong() != 0)) {
      found("sandboxStats", "bugs " + stats, path.getBytes(UTF_8));
    }
    Wire.Answer ended = plain("DELETE", path, "");
    if (ended.status() != 200 && ended.status() != 404) {
      found(
          "deleteSandbox",
          "status %d: %s".formatted(ended.status(), new String(ended.body(), UTF_8)),
          path.getBytes(UTF_8));
    }
  }

  /** A right request outside of the fuzz. */
  Wire.Answer plain(String method, String path, String body) throws IOException {
    String head =
        method + " " + path + " HTTP/1.1\r\nHost: fuzz\r\nContent-Type: application/json\r\n";
    return wire.exchange(
        (head + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(UTF_8));
  }

  private void found(String operation, String fault, byte[] request) {
    Finding finding = new Finding(operation, fault, request);
    if (findings.size() < FINDINGS) {
      findings.putIfAbsent(finding.key(), finding);
    }
  }

  Map<Integer, Long> statuses() {
    return statuses;
  }

  Map<String, Long> successes() {
    return successes;
  }

  Map<String, Finding> findings() {
    return findings;
  }

  @Override
  public void close() {
    wire.close();
  }
}
