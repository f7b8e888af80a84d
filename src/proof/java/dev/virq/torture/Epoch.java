package dev.virq.torture;

import dev.virq.srcu.Inside;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One domain with its readers and updaters, from its first section to its close. */
final class Epoch {
  /** Sections that were begun by one reader and are to be ended by another. */
  static final int MOST_HANDED_OFF = 4;

  private static final int READERS = 4;
  private static final int UPDATERS = 2;

  final SrcuDomain domain = new SrcuDomain();
  final SrcuRef<Element> ref = new SrcuRef<>(new Element());
  final Queue<Held> handOff = new ConcurrentLinkedQueue<>();

  private final long seed;
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private volatile boolean over;

  /** A section in other hands. */
  record Held(int index, Element element) {}

  Epoch(long seed) {
    this.seed = seed;
  }

  boolean over() {
    return over;
  }

  /** Remembers the first thing that went wrong, and ends the epoch. */
  void fail(String what) {
    boolean _ = fault.compareAndSet(null, what);
    over = true;
  }

  /**
   * Runs it.
   *
   * <p>About every second epoch is a duel: a sprinter, a sleeper or a straggler, and one updater.
   * In half of the epochs a section passes in the midst of scans. So what a broken copy overlooks
   * is there in a few epochs, however the threads are scheduled.
   *
   * @param length how long
   * @param patience how long after that its threads may take to end
   * @param tally takes what was done
   * @throws AssertionError when something was wrong
   */
  void run(Duration length, Duration patience, Tally tally) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean duel = random.nextBoolean();
    Reader.Kind rival = random.nextBoolean() ? Reader.Kind.SLEEPER : Reader.Kind.STRAGGLER;
    if (random.nextBoolean()) {
      Inside.passInScans(domain);
    }
    int doublings = doublings();
    int readers = duel ? 2 : READERS;
    int updaters = duel ? 1 : UPDATERS;
    // From readers that never rest to readers that mostly do: then there are more grace periods.
    int rests = random.nextInt(4) == 0 ? 0 : 1 << random.nextInt(11);
    List<Reader> reading = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      Reader.Kind task = !duel ? Reader.Kind.MIXED : i == 0 ? Reader.Kind.SPRINTER : rival;
      Reader reader = new Reader(task, this, rests, random.split());
      reading.add(reader);
      // The last of them is a virtual thread, which leaves its carrier when it parks.
      Thread.Builder kind = i == readers - 1 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
      threads.add(kind.name("reader-" + i).start(guarded(reader)));
    }
    List<Updater> updating = new ArrayList<>();
    for (int i = 0; i < updaters; i++) {
      Updater updater = new Updater(this, random.split());
      updating.add(updater);
      threads.add(Thread.ofPlatform().daemon().name("updater-" + i).start(guarded(updater)));
    }

    long start = System.nanoTime();
    long end = start + length.toNanos();
    for (Thread thread : threads) {
      boolean _ = joined(thread, end - System.nanoTime());
    }
    over = true;
    long last = System.nanoTime() + patience.toNanos();
    for (Thread thread : threads.subList(0, readers)) {
      awaitEnd(thread, last);
    }
    release();
    for (Thread thread : threads.subList(readers, threads.size())) {
      awaitEnd(thread, last);
    }
    conserved(last);

    reading.forEach(reader -> tally.add(reader.tally));
    updating.forEach(updater -> tally.add(updater.tally()));
    tally.gracePeriods += domain.gracePeriods();
    tally.growths += doublings() - doublings;
    tally.epochs++;
  }

  /** How often the number of stripes has doubled; the first four come at once. */
  private int doublings() {
    int stripes = Inside.stripes(domain);
    return stripes == 0 ? 1 : Integer.numberOfTrailingZeros(stripes);
  }

  private Runnable guarded(Runnable action) {
    return () -> {
      try {
        action.run();
      } catch (Throwable e) {
        fail(Thread.currentThread().getName() + ": " + e);
      }
    };
  }

  /** Ends the sections that nobody took over. */
  private void release() {
    for (Held held = handOff.poll(); held != null; held = handOff.poll()) {
      check(held.element());
      domain.upRead(held.index());
    }
  }

  /** Ends the epoch when something is wrong with an element that the caller may use. */
  void check(Element element) {
    String wrong = element.fault();
    if (!wrong.isEmpty()) {
      fail(wrong);
    }
  }

  private void awaitEnd(Thread thread, long last) {
    if (!joined(thread, last - System.nanoTime())) {
      fail(thread.getName() + " hangs at " + Arrays.toString(thread.getStackTrace()));
    }
    rethrow();
  }

  /** Nothing is left when all have gone: the counts are equal, and the domain can be closed. */
  private void conserved(long last) {
    Thread barrier = Thread.ofPlatform().daemon().name("barrier").start(guarded(domain::barrier));
    awaitEnd(barrier, last);
    for (int rank = 0; rank < 2; rank++) {
      long begun = Inside.begun(domain, rank);
      long ended = Inside.ended(domain, rank);
      if (begun != ended) {
        fail("rank %d: %,d sections begun, %,d ended".formatted(rank, begun, ended));
      }
    }
    // What startPoll promised is run by whoever comes next; close does that.
    guarded(domain::close).run();
    if (!Inside.idle(domain)) {
      fail("a grace period is under way after the end");
    }
    if (domain.callbacksPending() != 0 || domain.callbacksFailed() != 0) {
      fail("callbacks pending or failed: " + domain.callbacksPending());
    }
    rethrow();
  }

  private void rethrow() {
    String wrong = fault.get();
    if (wrong != null) {
      throw new AssertionError("epoch of seed " + seed + ": " + wrong);
    }
  }

  private static boolean joined(Thread thread, long nanos) {
    try {
      return nanos > 0 ? thread.join(Duration.ofNanos(nanos)) : !thread.isAlive();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
