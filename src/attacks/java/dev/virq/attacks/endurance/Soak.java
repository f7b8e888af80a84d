package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Answer;
import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Memory;
import dev.virq.attacks.rig.Pace;
import dev.virq.attacks.rig.Scrape;
import dev.virq.attacks.rig.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/** Mixed load from many clients for a long time, and a look at the process every so often. */
final class Soak implements AutoCloseable {
  private static final int MOST_THINKING_MILLIS = 60;
  private static final int EXAMPLES = 10;
  private static final int ANSWER_MILLIS = 30_000;

  private final Instance instance;
  private final List<Thread> clients;
  private final AtomicLong answered = new AtomicLong();
  private final List<String> failures = new ArrayList<>();

  /** A step holds it for reading, and a look at the heap, for which all rest, for writing. */
  private final ReadWriteLock resting = new ReentrantReadWriteLock(true);

  /** Read by every client before each step. */
  private volatile boolean ended;

  /**
   * A look.
   *
   * @param answered requests so far
   * @param heap bytes of live objects, while all clients rest
   * @param threads of the process
   * @param descriptors of the process
   * @param resident bytes of memory, files left out
   * @param law accepted signals less outcomes less pending, in one scrape under load
   */
  record Look(long answered, long heap, long threads, long descriptors, long resident, long law) {}

  /** Starts so many clients. */
  Soak(Instance instance, int clients, long seed) {
    this.instance = instance;
    this.clients =
        IntStream.range(0, clients)
            .mapToObj(i -> Thread.ofVirtual().start(() -> load("soak-" + i, seed + i)))
            .toList();
  }

  private void load(String name, long seed) {
    Random random = new Random(seed);
    try (Client client = new Client(instance.port(), () -> ANSWER_MILLIS, answer -> {})) {
      MixedRig rig = new MixedRig(client, name, seed);
      rig.begin();
      while (!ended) {
        Answer answer = step(rig);
        long _ = answered.incrementAndGet();
        if (!answer.ok()) {
          note(name + ": " + answer.shown());
        }
        Pace.until(System.nanoTime() + random.nextInt(MOST_THINKING_MILLIS) * 1_000_000L);
      }
    } catch (IOException e) {
      note(name + ": " + e);
    }
  }

  private Answer step(MixedRig rig) throws IOException {
    resting.readLock().lock();
    try {
      return rig.step();
    } finally {
      resting.readLock().unlock();
    }
  }

  private synchronized void note(String failure) {
    if (failures.size() < EXAMPLES) {
      failures.add(failure);
    }
  }

  /** What was not answered with a 2xx, the first few. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** Looks at the process, under load but for the heap. */
  Look look() throws IOException, InterruptedException {
    long law;
    try (Client management = new Client(instance.managementPort())) {
      law = Scrape.of(management).lawDifference();
    }
    Memory memory = instance.memory();
    long threads = memory.threads();
    long descriptors = memory.descriptors();
    long resident = memory.resident();
    return new Look(answered.get(), heapAtRest(), threads, descriptors, resident, law);
  }

  /**
   * Under load there is garbage again between a collection and the look at what it left: as much as
   * the young generation holds.
   */
  private long heapAtRest() throws IOException, InterruptedException {
    resting.writeLock().lock();
    try {
      return instance.memory().live();
    } finally {
      resting.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    ended = true;
    Threads.join(clients);
  }
}
