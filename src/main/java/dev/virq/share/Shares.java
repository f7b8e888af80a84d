package dev.virq.share;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import dev.virq.sync.Uninterruptibly;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places for threads to run in, shared by owners: so many run at once, and whose threads wait for a
 * place get one in turn, however many threads each has.
 *
 * <p>Any thread. Owners are known by name, and only while they have a thread here. A thread that
 * sleeps gives its place up; when it wakes while it holds a lock it runs at once, so that for a
 * moment there may be more than the bound.
 */
public final class Shares {
  /** The fact of a refusal that is over soon: seconds after which to try again. */
  public static final String RETRY_AFTER = "retryAfter";

  private static final int RETRY_SECONDS = 1;

  private final String what;
  private final Bounds bounds;

  /** A leaf lock: nothing else is taken while it is held. */
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<String, Owner> owners = new HashMap<>();

  /** Those that have a waiting thread which may run as soon as a place is free. */
  @GuardedBy("lock")
  private final ArrayDeque<Owner> inTurn = new ArrayDeque<>();

  @GuardedBy("lock")
  private int running;

  @GuardedBy("lock")
  private long refused;

  /**
   * How many.
   *
   * @param atOnce threads that run at once
   * @param ofOneAtOnce threads of one owner that run at once
   * @param queued threads of one owner that may wait for their first place
   * @param patienceNanos after so long a thread runs anyhow, in nanoseconds: a place that is never
   *     given back must not stop the others
   */
  public record Bounds(int atOnce, int ofOneAtOnce, int queued, long patienceNanos) {
    /** Refuses what nothing could run with. */
    public Bounds {
      if (atOnce < 1 || ofOneAtOnce < 1 || queued < 0 || patienceNanos < 1) {
        throw new IllegalArgumentException(
            "%d at once, %d of one, %d queued, patience of %d ns"
                .formatted(atOnce, ofOneAtOnce, queued, patienceNanos));
      }
    }
  }

  /** Whoever has threads here. */
  private static final class Owner {
    final String name;
    final ArrayDeque<CountDownLatch> waiting = new ArrayDeque<>();
    int running;
    int members;
    boolean inTurn;

    Owner(String name) {
      this.name = name;
    }
  }

  /**
   * Free places.
   *
   * @param what the threads do, plural, for the refusal's sentence
   * @param bounds how many
   */
  public Shares(String what, Bounds bounds) {
    this.what = what;
    this.bounds = bounds;
  }

  /** A thread's place; used by that thread only, which closes it. */
  public final class Share implements Sleep.Place, AutoCloseable {
    private final Owner owner;

    /** Depth of sleeps within sleeps; 0 while the place is taken. */
    private int asleep;

    private Share(Owner owner) {
      this.owner = owner;
    }

    @Override
    public void leave() {
      if (asleep++ == 0) {
        vacate(owner);
      }
    }

    @Override
    public void rejoin() {
      if (--asleep == 0) {
        takeAnyhow(owner);
      }
    }

    /** Behind those that wait already. */
    @Override
    public void await() {
      if (--asleep == 0) {
        awaitPlace(owner);
      }
    }

    /** Does nothing while it is given up. */
    @Override
    public void pass() {
      if (asleep == 0 && isAwaited()) {
        leave();
        await();
      }
    }

    /** Gives the place back for good. */
    @Override
    public void close() {
      end(owner, asleep == 0);
      asleep = 1;
    }
  }

  /**
   * Takes a place, waiting for it in turn.
   *
   * @param name of the owner
   * @throws ErrnoException EAGAIN at once when too many threads of that owner wait already
   */
  public Share enter(String name) {
    Owner owner;
    CountDownLatch granted = null;
    lock.lock();
    try {
      owner = owners.computeIfAbsent(name, Owner::new);
      if (!isFree(owner)) {
        if (owner.waiting.size() >= bounds.queued()) {
          refused++;
          forgetIfIdle(owner);
          throw refusal(name);
        }
        granted = queue(owner);
      } else {
        take(owner);
      }
      owner.members++;
    } finally {
      lock.unlock();
    }
    if (granted != null) {
      await(owner, granted);
    }
    return new Share(owner);
  }

  private ErrnoException refusal(String name) {
    return new ErrnoException(
        Errno.EAGAIN,
        "limit of %d %s that wait for their turn reached%s"
            .formatted(bounds.queued(), what, name.isEmpty() ? "" : " by sandbox " + name),
        Map.of("limit", bounds.queued(), RETRY_AFTER, RETRY_SECONDS));
  }

  /** Threads of one owner that may wait for their first place. */
  public int queued() {
    return bounds.queued();
  }

  /** Threads that run. */
  public int running() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** Threads that wait for a place. */
  public int waiting() {
    lock.lock();
    try {
      return owners.values().stream().mapToInt(owner -> owner.waiting.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Threads that were refused so far. */
  public long refused() {
    lock.lock();
    try {
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /** Owners that have a thread here. */
  int owners() {
    lock.lock();
    try {
      return owners.size();
    } finally {
      lock.unlock();
    }
  }

  private boolean isAwaited() {
    lock.lock();
    try {
      return !inTurn.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a thread of the owner may run at once, past nobody that waits. */
  @GuardedBy("lock")
  private boolean isFree(Owner owner) {
    return running < bounds.atOnce()
        && owner.running < bounds.ofOneAtOnce()
        && owner.waiting.isEmpty();
  }

  private void awaitPlace(Owner owner) {
    CountDownLatch granted;
    lock.lock();
    try {
      if (isFree(owner)) {
        take(owner);
        return;
      }
      granted = queue(owner);
    } finally {
      lock.unlock();
    }
    await(owner, granted);
  }

  /** To the end of the owner's threads; whoever grants the latch has taken the place for it. */
  @GuardedBy("lock")
  private CountDownLatch queue(Owner owner) {
    CountDownLatch granted = new CountDownLatch(1);
    owner.waiting.add(granted);
    line(owner);
    return granted;
  }

  private void await(Owner owner, CountDownLatch granted) {
    long deadline = System.nanoTime() + bounds.patienceNanos();
    try (Uninterruptibly waits = new Uninterruptibly()) {
      while (granted.getCount() > 0) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          runAnyhow(owner, granted);
          return;
        }
        waits.once(() -> {
          boolean _ = granted.await(left, TimeUnit.NANOSECONDS);
        });
      }
    }
  }

  private void runAnyhow(Owner owner, CountDownLatch granted) {
    lock.lock();
    try {
      // Not there any more: it was granted after all.
      if (owner.waiting.remove(granted)) {
        take(owner);
      }
    } finally {
      lock.unlock();
    }
  }

  private void takeAnyhow(Owner owner) {
    lock.lock();
    try {
      take(owner);
    } finally {
      lock.unlock();
    }
  }

  private void vacate(Owner owner) {
    lock.lock();
    try {
      free(owner);
    } finally {
      lock.unlock();
    }
  }

  private void end(Owner owner, boolean hasPlace) {
    lock.lock();
    try {
      if (hasPlace) {
        free(owner);
      }
      owner.members--;
      forgetIfIdle(owner);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void forgetIfIdle(Owner owner) {
    if (owner.members == 0) {
      owners.remove(owner.name);
    }
  }

  @GuardedBy("lock")
  private void take(Owner owner) {
    running++;
    owner.running++;
  }

  @GuardedBy("lock")
  private void free(Owner owner) {
    running--;
    owner.running--;
    line(owner);
    while (running < bounds.atOnce()) {
      Owner next = inTurn.poll();
      if (next == null) {
        return;
      }
      next.inTurn = false;
      CountDownLatch granted = next.waiting.poll();
      if (granted != null) {
        take(next);
        granted.countDown();
        // To the back, whatever it has left: that is the turn.
        line(next);
      }
    }
  }

  /** Puts an owner in the line if it has a thread that may run. */
  @GuardedBy("lock")
  private void line(Owner owner) {
    if (!owner.inTurn && !owner.waiting.isEmpty() && owner.running < bounds.ofOneAtOnce()) {
      owner.inTurn = true;
      inTurn.add(owner);
    }
  }
}
