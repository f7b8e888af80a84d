package dev.virq.litmus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs one litmus test for a while: rounds of {@value #STATES} states each, every thread going
 * through all of them on its own, loosely kept abreast, with random pauses in between. Loads and
 * stores are opaque in even rounds and volatile in odd ones.
 */
final class LitmusRun {
  private static final int STATES = 1_000;
  private static final int WIDTH = 20;

  /** Both strengths of loads and stores have had their turn. */
  private static final int LEAST_ROUNDS = 2;

  private static final int ABREAST_SPINS = 256;
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);

  private final Litmus litmus;
  private final Supplier<Domain> domains;
  private final long seed;
  private final List<List<Op>> threads;
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  // Written between rounds by thread 0, which the barriers order.
  private Round round;
  private boolean over;
  private long rounds;
  private long hits;

  /** After this many nanoseconds of {@link System#nanoTime} no further round begins. */
  private long deadline;

  /** One round's memory. */
  private static final class Round {
    final int[] variables = new int[STATES * WIDTH];
    final int[] registers = new int[STATES * WIDTH];
    final int[] indexes = new int[STATES * WIDTH];
    final int[] progress;
    final Domain[] domains;

    Round(int threads, Supplier<Domain> domains) {
      progress = new int[threads * 32];
      this.domains = new Domain[] {domains.get(), domains.get()};
    }
  }

  /**
   * What a run came to.
   *
   * @param states states tried
   * @param hits how many of them ended in the outcome asked about
   */
  record Result(long states, long hits) {}

  LitmusRun(Litmus litmus, Supplier<Domain> domains, long seed) {
    this.litmus = litmus;
    this.domains = domains;
    this.seed = seed + 1_000L * litmus.name().hashCode();
    this.threads = litmus.threads();
    this.round = new Round(threads.size(), domains);
  }

  /** As the other, with no limit of time. */
  Result run(long limit, boolean untilHit) throws InterruptedException {
    return run(limit, untilHit, Duration.ofDays(1));
  }

  /**
   * Runs that many rounds, or, when asked, until the first hit; but two at least, and none begins
   * when the time is over.
   *
   * @throws IllegalStateException when a thread failed
   */
  Result run(long limit, boolean untilHit, Duration time) throws InterruptedException {
    deadline = System.nanoTime() + time.toNanos();
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads.size(); t++) {
      int thread = t;
      workers.add(
          Thread.ofPlatform()
              .name("litmus-" + t)
              .daemon()
              .start(() -> work(thread, limit, untilHit)));
    }
    for (Thread worker : workers) {
      worker.join();
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException(litmus.name() + " seed " + seed, failed);
    }
    return new Result(rounds * STATES, hits);
  }

  private void work(int thread, long limit, boolean untilHit) {
    try {
      SplittableRandom random = new SplittableRandom(seed + thread);
      Op[] ops = threads.get(thread).toArray(Op[]::new);
      int barriers = 0;
      while (true) {
        barrier(++barriers);
        if (over) {
          return;
        }
        Round now = round;
        boolean strong = (rounds & 1) == 1;
        for (int state = 0; state < STATES; state++) {
          abreast(now, thread, state);
          pause(random.nextInt(60), random);
          step(now, ops, state * WIDTH, strong, random);
        }
        CELL.setVolatile(now.progress, thread * 32, STATES);
        barrier(++barriers);
        if (thread == 0) {
          count(now);
          round = new Round(threads.size(), domains);
          over =
              rounds >= limit
                  || (untilHit && hits > 0)
                  || (rounds >= LEAST_ROUNDS && System.nanoTime() - deadline > 0);
        }
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private void count(Round done) {
    rounds++;
    for (int state = 0; state < STATES; state++) {
      if (litmus.holds(done.registers, done.variables, state * WIDTH)) {
        hits++;
      }
    }
  }

  private static void step(Round now, Op[] ops, int base, boolean strong, SplittableRandom random) {
    int[] memory = now.variables;
    for (Op op : ops) {
      int at = base + op.variable();
      switch (op.kind()) {
        case LOCK -> now.indexes[at] = now.domains[op.value()].readLock();
        case UNLOCK -> now.domains[op.value()].readUnlock(now.indexes[at]);
        case GP -> now.domains[op.value()].synchronize();
        case STORE -> {
          if (strong) {
            CELL.setVolatile(memory, at, op.value());
          } else {
            CELL.setOpaque(memory, at, op.value());
          }
        }
        case STORE_RELEASE -> CELL.setRelease(memory, at, op.value());
        case LOAD ->
            now.registers[base + op.value()] =
                strong ? (int) CELL.getVolatile(memory, at) : (int) CELL.getOpaque(memory, at);
        case AWAIT -> {
          while ((int) CELL.getAcquire(memory, at) != op.value()) {
            giveWay();
          }
        }
        case MB -> VarHandle.fullFence();
        case PAUSE -> pause(random.nextInt(200), random);
      }
    }
  }

  /** Waits a little for those behind; not for ever, they may have no processor. */
  private static void abreast(Round now, int thread, int state) {
    CELL.setRelease(now.progress, thread * 32, state);
    int spins = 0;
    for (int other = 0; other < now.progress.length; other += 32) {
      while ((int) CELL.getAcquire(now.progress, other) < state && spins < ABREAST_SPINS) {
        spins++;
        if (spins % 32 == 0) {
          giveWay();
        } else {
          Thread.onSpinWait();
        }
      }
    }
  }

  private void barrier(int number) {
    arrived.incrementAndGet();
    int all = number * threads.size();
    while (arrived.get() < all) {
      if (failure.get() != null) {
        throw new IllegalStateException("another thread failed");
      }
      giveWay();
    }
  }

  /** Now and then lets another thread have the processor: there may be more threads than those. */
  private static void pause(int turns, SplittableRandom random) {
    if (random.nextInt(8) == 0) {
      giveWay();
    }
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing waits for its effect; it mixes the threads
  private static void giveWay() {
    Thread.yield();
  }
}
