package dev.virq.workqueue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.Sleep;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue of {@link Work} and the workers that run it: {@code struct workqueue_struct}.
 *
 * <p>Workers are started when there is work and end when there is none: an idle queue holds no
 * thread. At most {@code maxActive} of them run at once; one that is about to sleep says so through
 * {@link #sleeping} and its place is given to another, as the kernel's concurrency-managed queues
 * do. A worker that a {@link ControlledWait.Scheduler} decides about ends after one item, so that
 * when the next one begins is decided too. The queue cannot grow without bound: every item is in it
 * at most once.
 */
public final class WorkQueue {
  /** Items a worker runs before it lets other threads of the processor go first. */
  private static final int BATCH = 64;

  private static final ScopedValue<Worker> CURRENT = ScopedValue.newInstance();

  /** Bound on a worker whose place is given up already. */
  private static final ScopedValue<Boolean> ASLEEP = ScopedValue.newInstance();

  /** What the calling thread asked for and keeps back until its operation has ended. */
  private static final ScopedValue<List<Work>> KEPT_BACK = ScopedValue.newInstance();

  /** A worker's place: the lowest number that no other has. */
  private record Worker(WorkQueue queue, int slot, Executor thread) implements Runnable {
    @Override
    public void run() {
      queue.work(this);
    }
  }

  private final String name;
  private final int maxActive;
  private final IntFunction<Executor> workers;
  private final Consumer<Throwable> bugs;

  /** Counts the items that wait, with those of other queues. */
  private final LongAdder queued;

  /** A leaf lock: nothing else is taken while it is held. */
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private @Nullable Work head;

  @GuardedBy("lock")
  private @Nullable Work tail;

  @GuardedBy("lock")
  private int depth;

  @GuardedBy("lock")
  private int active;

  /** How many want items to run one after another. */
  @GuardedBy("lock")
  private int inOrder;

  /** Workers of those that have been started and have not looked for their first item yet. */
  @GuardedBy("lock")
  private int beginning;

  /** The workers that there have been, by their numbers. */
  @GuardedBy("lock")
  private final List<Worker> known = new ArrayList<>(0);

  /** The numbers of those that there are. */
  @GuardedBy("lock")
  private final BitSet taken = new BitSet(0);

  /**
   * An idle queue.
   *
   * @param name for messages
   * @param maxActive workers that may run at once, at least 1
   * @param workers starts a worker: runs the given task on a thread of its own
   * @param bugs given what a work item threw; the worker continues
   */
  public WorkQueue(String name, int maxActive, Executor workers, Consumer<Throwable> bugs) {
    this(name, maxActive, number -> workers, bugs, new LongAdder());
  }

  /**
   * An idle queue.
   *
   * @param name for messages
   * @param maxActive workers that may run at once, at least 1
   * @param workers starts the worker of a number, from 1; asked once for each
   * @param bugs given what a work item threw; the worker continues
   * @param queued goes up with each item that begins to wait here, and down when a worker takes it
   */
  public WorkQueue(
      String name,
      int maxActive,
      IntFunction<Executor> workers,
      Consumer<Throwable> bugs,
      LongAdder queued) {
    if (maxActive < 1) {
      throw new IllegalArgumentException("maxActive " + maxActive + " is less than 1");
    }
    this.name = name;
    this.maxActive = maxActive;
    this.workers = workers;
    this.bugs = bugs;
    this.queued = queued;
  }

  /** The queue whose worker the calling thread is, or null. */
  public static @Nullable WorkQueue current() {
    return CURRENT.isBound() ? CURRENT.get().queue() : null;
  }

  /**
   * Runs something that may sleep for long. On a worker, another worker takes its place meanwhile;
   * on any other thread it is a {@link Sleep}.
   *
   * @param wait what sleeps
   */
  public static void sleeping(Runnable wait) {
    WorkQueue queue = current();
    if (queue == null || ASLEEP.isBound()) {
      try (Sleep sleep = new Sleep()) {
        sleep.begin();
        wait.run();
      }
      return;
    }
    queue.leave();
    try {
      ScopedValue.where(ASLEEP, true).run(wait);
    } finally {
      queue.rejoin();
    }
  }

  /**
   * Runs an operation, and only then the work that it asks for, as if the workers had to wait for
   * the processor that the operation runs on. The operation must not wait for work that it asked
   * for.
   *
   * @param operation runs at once, on this thread
   */
  public static <R> R keepingBack(Supplier<R> operation) {
    if (KEPT_BACK.isBound()) {
      return operation.get();
    }
    List<Work> kept = new ArrayList<>(0);
    try {
      return ScopedValue.where(KEPT_BACK, kept).call(operation::get);
    } finally {
      kept.forEach(work -> work.queue().enqueue(work));
    }
  }

  /**
   * From now on items run one after another, in the order in which they were asked for, as if there
   * were one processor: until {@link #atOnce} was called as often. Those that run already go on.
   */
  public void inOrder() {
    lock.lock();
    try {
      inOrder++;
    } finally {
      lock.unlock();
    }
  }

  /** Undoes one {@link #inOrder}. */
  public void atOnce() {
    List<Worker> started = new ArrayList<>(0);
    lock.lock();
    try {
      if (inOrder == 0) {
        throw new IllegalStateException("items of " + name + " run at once already");
      }
      inOrder--;
      for (Worker one = claimPlace(); one != null; one = claimPlace()) {
        started.add(one);
      }
    } finally {
      lock.unlock();
    }
    started.forEach(this::start);
  }

  @GuardedBy("lock")
  private int mostActive() {
    return inOrder > 0 ? 1 : maxActive;
  }

  /** Items waiting for a worker. */
  public int depth() {
    lock.lock();
    try {
      return depth;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** Appends an item that is in no list, and starts a worker if one more may run. */
  void enqueue(Work work) {
    if (KEPT_BACK.isBound()) {
      KEPT_BACK.get().add(work);
      return;
    }
    Worker start;
    lock.lock();
    try {
      if (tail == null) {
        head = work;
      } else {
        tail.next = work;
      }
      tail = work;
      depth++;
      queued.increment();
      start = claimPlace();
    } finally {
      lock.unlock();
    }
    if (start != null) {
      start(start);
    }
  }

  /** A worker sleeps: its place goes to another if there is work. */
  private void leave() {
    Worker start;
    lock.lock();
    try {
      active--;
      start = claimPlace();
    } finally {
      lock.unlock();
    }
    if (start != null) {
      start(start);
    }
  }

  /** A worker woke up. For a moment there may be more than maxActive: the next to finish ends. */
  private void rejoin() {
    lock.lock();
    try {
      active++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The place of one more worker, which is to be started; null when no more may run, or when those
   * that begin are enough for the items that wait.
   */
  @GuardedBy("lock")
  private @Nullable Worker claimPlace() {
    if (active >= mostActive() || depth <= beginning) {
      return null;
    }
    int slot = taken.nextClearBit(0);
    if (slot == known.size()) {
      known.add(new Worker(this, slot, workers.apply(slot + 1)));
    }
    taken.set(slot);
    active++;
    beginning++;
    return known.get(slot);
  }

  /** Starts a worker. One that cannot be started gives its place back: the next request tries. */
  private void start(Worker worker) {
    boolean started = false;
    try {
      worker.thread().execute(() -> ScopedValue.where(CURRENT, worker).run(worker));
      started = true;
    } finally {
      if (!started) {
        lock.lock();
        try {
          active--;
          beginning--;
          taken.clear(worker.slot());
        } finally {
          lock.unlock();
        }
      }
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // only fairness depends on the yield, not correctness
  private void work(Worker worker) {
    // Where a scheduler decides when each item begins, each has a worker of its own.
    boolean single = ControlledWait.isControlled();
    for (int done = 1; ; done++) {
      Work work = take(worker, done == 1);
      if (work == null) {
        return;
      }
      try {
        work.run();
      } catch (OutOfMemoryError e) {
        // No bug of the item's, and nothing to continue with: for whoever guards the process.
        throw e;
      } catch (RuntimeException | Error e) {
        bugs.accept(e);
      }
      if (single) {
        end(worker);
        return;
      }
      if (done % BATCH == 0) {
        Thread.yield();
      }
    }
  }

  /** A worker ends after its item. An item that found no place for its own worker gets this one. */
  private void end(Worker worker) {
    Worker start;
    lock.lock();
    try {
      active--;
      taken.clear(worker.slot());
      start = claimPlace();
    } finally {
      lock.unlock();
    }
    if (start != null) {
      start(start);
    }
  }

  /** The next item, or null when the worker has to end: its place is given up then. */
  private @Nullable Work take(Worker worker, boolean first) {
    lock.lock();
    try {
      if (first) {
        beginning--;
      }
      Work work = head;
      if (work == null || active > mostActive()) {
        active--;
        taken.clear(worker.slot());
        return null;
      }
      head = work.next;
      if (head == null) {
        tail = null;
      }
      work.next = null;
      depth--;
      queued.decrement();
      return work;
    } finally {
      lock.unlock();
    }
  }
}
