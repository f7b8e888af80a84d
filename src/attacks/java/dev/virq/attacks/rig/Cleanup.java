package dev.virq.attacks.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Deletes what attackers made, and looks for broken invariants on the way. */
public final class Cleanup {
  /** Sandboxes that stay. */
  private static final List<String> KEPT = List.of("victim", "default");

  private static final int CLIENTS = 4;
  private static final int LOOKED_AT = 100;
  private static final int ANSWER_MILLIS = 60_000;
  private static final int EXAMPLES = 5;
  private static final int LATE_ROUNDS = 10;
  private static final int PATIENCE_SECONDS = 20;

  /** So many sandboxes with the longest labels fit into what is kept of an answer. */
  private static final int PAGE = 100;

  private Cleanup() {}

  /** Empties the instance but for the victim's sandbox; says what was wrong. */
  public static List<String> of(Instance instance) throws InterruptedException {
    List<String> faults = Collections.synchronizedList(new ArrayList<>());
    try (Client client = client(instance)) {
      List<String> names = names(client);
      List<String> looked = new ArrayList<>(names.subList(0, Math.min(LOOKED_AT, names.size())));
      looked.addAll(KEPT);
      for (String name : looked) {
        long bugs = client.get("/v1/sandboxes/" + name + "/stats").json().path("bugs").asLong(0);
        if (bugs != 0) {
          faults.add(name + " has bugs=" + bugs);
        }
      }
      deleteAll(instance, names, faults);
      Answer reset = client.post("/v1/sandboxes/default/reset");
      if (!reset.ok()) {
        faults.add("default cannot be reset: " + reset.shown());
      }
      List<String> left = names(client);
      for (int late = 0; !left.isEmpty() && late < LATE_ROUNDS; late++) {
        // Made by a call whose client had hung up before it was served.
        deleteAll(instance, left, faults);
        left = names(client);
      }
      if (!left.isEmpty()) {
        faults.add(left.size() + " sandboxes are left, such as " + left.getFirst());
      }
    } catch (IOException e) {
      faults.add("cleaning up failed: " + e);
    }
    return faults.stream().distinct().limit(EXAMPLES).toList();
  }

  private static void deleteAll(Instance instance, List<String> names, List<String> faults)
      throws InterruptedException {
    List<Thread> deleters =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> Thread.ofVirtual().start(() -> delete(instance, names, i, faults)))
            .toList();
    for (Thread deleter : deleters) {
      deleter.join();
    }
  }

  private static Client client(Instance instance) {
    return new Client(instance.port(), () -> ANSWER_MILLIS, answer -> {});
  }

  /** Deletes every so manieth, from one of the first on. */
  private static void delete(
      Instance instance, List<String> names, int first, List<String> faults) {
    try (Client client = client(instance)) {
      for (int i = first; i < names.size(); i += CLIENTS) {
        Answer answer = client.delete("/v1/sandboxes/" + names.get(i));
        // One whose lease ended meanwhile is gone.
        if (!answer.ok() && answer.status() != 404) {
          faults.add("a deletion: " + answer.shown());
        }
      }
    } catch (IOException e) {
      faults.add("a deletion: " + e);
    }
  }

  /** What attackers asked for last may be under way still, and fill what calls may take. */
  private static Answer patiently(Client client, String path) throws IOException {
    Answer answer = client.get(path);
    for (int again = 0; answer.status() == 429 && again < PATIENCE_SECONDS; again++) {
      Pace.until(System.nanoTime() + 1_000_000_000L);
      answer = client.get(path);
    }
    return answer;
  }

  private static List<String> names(Client client) throws IOException {
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      String after = token.isEmpty() ? "" : "&pageToken=" + token;
      Answer page = patiently(client, "/v1/sandboxes?pageSize=" + PAGE + after);
      if (!page.ok()) {
        throw new IOException("sandboxes cannot be listed: " + page.shown());
      }
      JsonNode body = page.json();
      for (JsonNode item : body.path("items")) {
        names.add(item.path("name").asString());
      }
      token = body.path("nextPageToken").asString("");
    } while (!token.isEmpty());
    names.removeAll(KEPT);
    return names;
  }
}
