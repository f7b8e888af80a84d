package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Cleanup;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Instance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Fills an instance over HTTP with a random mix of everything, then with one kind after the other,
 * until there is no room for anything more, and deletes it all.
 */
final class Fill {
  private static final List<Growth> KINDS = List.of(Growth.values());

  /** What takes most comes first. */
  private static final List<Growth> KINDS_THAT_END =
      KINDS.stream()
          .filter(Growth::ends)
          .sorted(Comparator.comparing(kind -> kind != Growth.TABLES))
          .toList();

  private static final int FILLERS = 4;
  private static final int SANDBOXES_EACH = 4;
  private static final int ANSWER_MILLIS = 30_000;
  private static final int EXAMPLES = 5;

  /** Refusals in a row, of all fillers, after which there is no room for a kind. */
  private static final int REFUSALS = 12;

  private final Instance instance;
  private final long seed;
  private final long mixedUntil;
  private final long deadline;
  private final Map<Growth, AtomicInteger> made = new EnumMap<>(Growth.class);
  private final Map<Growth, AtomicInteger> refused = new EnumMap<>(Growth.class);
  private final List<String> faults = Collections.synchronizedList(new ArrayList<>());

  private Fill(Instance instance, long seed, Duration mix, Duration longest) {
    this.instance = instance;
    this.seed = seed;
    long now = System.nanoTime();
    this.mixedUntil = now + mix.toNanos();
    this.deadline = now + longest.toNanos();
    for (Growth kind : KINDS) {
      made.put(kind, new AtomicInteger());
      refused.put(kind, new AtomicInteger());
    }
  }

  /**
   * One round.
   *
   * @param seed of its mix
   * @param full whether everything was refused before the time was over
   * @param made how often each kind was made
   * @param heap bytes of live objects when everything was deleted again
   * @param faults what must not have happened
   */
  record Round(long seed, boolean full, String made, long heap, List<String> faults) {}

  /**
   * Fills, deletes, and measures.
   *
   * @param mix how long all kinds are mixed
   * @param longest after so long it is full or not
   * @param first kinds of which there are as many as there may be before the mix begins
   */
  static Round round(Instance instance, long seed, Duration mix, Duration longest, Growth... first)
      throws InterruptedException {
    Fill fill = new Fill(instance, seed, mix, longest);
    List<Thread> fillers =
        IntStream.range(0, FILLERS)
            .mapToObj(i -> Thread.ofVirtual().start(() -> fill.work(i, List.of(first))))
            .toList();
    for (Thread filler : fillers) {
      filler.join();
    }
    if (instance.isAlive()) {
      fill.faults.addAll(Cleanup.of(instance));
    }
    fill.faults.addAll(instance.complaints());
    long heap = fill.live();
    return new Round(
        seed,
        fill.isFull(),
        fill.made.toString(),
        heap,
        fill.faults.stream().distinct().limit(EXAMPLES).toList());
  }

  /** Live heap; without an answer the process is gone or as good as gone. */
  private long live() throws InterruptedException {
    try {
      return instance.memory().live();
    } catch (IOException e) {
      faults.add("its memory cannot be measured: " + e.getMessage());
      return -1;
    }
  }

  private boolean isFull() {
    return KINDS_THAT_END.stream().allMatch(kind -> refused.get(kind).get() >= REFUSALS);
  }

  private void work(int index, List<Growth> first) {
    Random random = new Random(seed * FILLERS + index);
    double[] weights = weights(new Random(seed));
    try (Client client = new Client(instance.port(), () -> ANSWER_MILLIS, answer -> {});
        Place place = new Place(instance.port(), "fill-" + index + "-")) {
      prepare(client, place);
      for (Growth kind : first) {
        growToTheEnd(client, place, kind, random);
      }
      while (!isFull() && System.nanoTime() - mixedUntil < 0) {
        grow(client, place, any(weights, random), random);
      }
      for (Growth kind : KINDS_THAT_END) {
        growToTheEnd(client, place, kind, random);
      }
    } catch (IOException e) {
      faults.add("a filler ended: " + e);
    }
  }

  private static void prepare(Client client, Place place) throws IOException {
    for (int n = 0; n < SANDBOXES_EACH; n++) {
      String sandbox = place.fresh();
      Answer created = client.put(sandbox, "{\"ttl\":\"PT1H\"}");
      if (!created.ok()) {
        throw new IOException("no sandbox to be filled: " + created.shown());
      }
      Answer _ = client.post(sandbox + "/vms", "{}");
      Answer _ = client.post(sandbox + "/eventfds", "{}");
      place.add(sandbox);
    }
  }

  private void growToTheEnd(Client client, Place place, Growth kind, Random random)
      throws IOException {
    while (refused.get(kind).get() < REFUSALS && System.nanoTime() - deadline < 0) {
      grow(client, place, kind, random);
    }
  }

  private void grow(Client client, Place place, Growth kind, Random random) throws IOException {
    Answer answer = kind.more(client, place, random);
    if (answer.ok()) {
      int _ = made.get(kind).incrementAndGet();
      refused.get(kind).set(0);
    } else if (answer.refused()) {
      int _ = refused.get(kind).incrementAndGet();
    } else {
      faults.add(kind + ": " + answer.shown());
      int _ = refused.get(kind).incrementAndGet();
    }
  }

  /** How often each kind is tried: some mixes are almost of one kind. */
  private static double[] weights(Random random) {
    double[] weights = new double[KINDS.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 0.02 + Math.pow(random.nextDouble(), 3);
    }
    return weights;
  }

  private static Growth any(double[] weights, Random random) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double at = random.nextDouble() * sum;
    int kind = 0;
    while (kind < weights.length - 1 && at >= weights[kind]) {
      at -= weights[kind++];
    }
    return KINDS.get(kind);
  }
}
