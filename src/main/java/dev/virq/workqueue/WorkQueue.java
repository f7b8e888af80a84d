package dev.virq.workqueue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.Sleep;
import dev.virq.sync.WorkerName;
import dev.virq.sync.Yield;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A queue of {@link Work} and the workers that run it: {@code struct workqueue_struct}.
 *
 * <p>Workers are started when there is work and end when there is none: an idle queue holds no
 * thread. At most {@code maxActive} of them run at once; one that is about to sleep says so through
 * {@link #sleeping} and its place is given to another, as the kernel's concurrency-managed queues
 * do. A worker that a {@link ControlledWait.Scheduler} decides about ends after one item, so that
 * when the next one begins is decided too. A thread that asks for work may do it itself, in the
 * place of a worker that would begin at once: {@link Callers}. The queue cannot grow without bound:
 * every item is in it at most once.
 */
public final class WorkQueue extends Places<WorkQueue.Worker> {
  /** Items a worker runs before it lets other threads of the processor go first. */
  private static final int BATCH = 64;

  /** Items after which it lets those go first, too, that have just come. */
  private static final int LONG = 16 * BATCH;

  private static final ScopedValue<Worker> CURRENT = ScopedValue.newInstance();

  /** Bound on a worker whose place is given up already. */
  private static final ScopedValue<Boolean> ASLEEP = ScopedValue.newInstance();

  /** A worker's place. */
  static final class Worker extends Place implements Runnable {
    private final WorkQueue queue;
    private final Executor thread;

    /** Whether the item that runs here has slept. Of who has the place. */
    private boolean slept;

    /** Items that ran here since the worker began, and further parts of them. Of the worker. */
    private int ran;

    /** What is bound for a caller in this place; of who has the place. */
    private ScopedValue.@Nullable Carrier caller;

    private Worker(WorkQueue queue, int slot, Executor thread) {
      super(slot);
      this.queue = queue;
      this.thread = thread;
    }

    /** Made for the first caller: there can be thousands of workers that never have one. */
    private ScopedValue.Carrier caller(Callers callers) {
      ScopedValue.Carrier known = caller;
      if (known == null) {
        known = WorkerName.with(ScopedValue.where(CURRENT, this), callers.nameOf(number()));
        caller = known;
      }
      return known;
    }

    @Override
    public void run() {
      queue.work(this);
    }

    private void letOthersRun() {
      ran++;
      if (ran % LONG == 0) {
        Yield.toAll();
      } else if (ran % BATCH == 0) {
        Yield.toSome();
      }
    }
  }

  private final String name;
  private final Callers callers;
  private final Consumer<Throwable> bugs;

  /** Counts the items that wait, with those of other queues. */
  private final LongAdder queued;

  @GuardedBy("lock")
  private @Nullable Work head;

  @GuardedBy("lock")
  private @Nullable Work tail;

  @GuardedBy("lock")
  private int depth;

  /**
   * An idle queue.
   *
   * @param name for messages
   * @param maxActive workers that may run at once, at least 1
   * @param workers starts a worker: runs the given task on a thread of its own
   * @param bugs given what a work item threw; the worker continues
   */
  public WorkQueue(String name, int maxActive, Executor workers, Consumer<Throwable> bugs) {
    this(name, maxActive, number -> workers, Callers.NONE, bugs, new LongAdder());
  }

  /**
   * An idle queue.
   *
   * @param name for messages
   * @param maxActive workers that may run at once, at least 1
   * @param workers starts the worker of a number, from 1; asked once for each
   * @param callers whether threads that ask for work may run it
   * @param bugs given what a work item threw; the worker continues
   * @param queued goes up with each item that begins to wait here, and down when a worker takes it
   */
  public WorkQueue(
      String name,
      int maxActive,
      IntFunction<Executor> workers,
      Callers callers,
      Consumer<Throwable> bugs,
      LongAdder queued) {
    super(maxActive, workers);
    this.name = name;
    this.callers = callers;
    this.bugs = bugs;
    this.queued = queued;
  }

  /** The queue whose worker the calling thread is, or in whose worker's place, or null. */
  public static @Nullable WorkQueue current() {
    return CURRENT.isBound() ? CURRENT.get().queue : null;
  }

  /**
   * Runs something that may sleep for long: a {@link Sleep}. On a worker, or a caller in its place,
   * another worker takes that place meanwhile.
   *
   * @param wait what sleeps
   */
  public static void sleeping(Runnable wait) {
    WorkQueue queue = current();
    if (queue == null || ASLEEP.isBound()) {
      asleep(wait);
      return;
    }
    try {
      // Within: it has given the place up also when it cannot start a worker for it.
      queue.leave();
      ScopedValue.where(ASLEEP, true).run(() -> asleep(wait));
    } finally {
      CURRENT.get().slept = true;
      queue.rejoin();
    }
  }

  /**
   * Whether the item that the calling worker runs has slept: then another may have its place, and
   * an item that does one thing after another had better end.
   */
  public static boolean hasSlept() {
    return CURRENT.isBound() && CURRENT.get().slept;
  }

  /**
   * An item that does one thing after another goes on with the next one, which counts as an item of
   * its own: the worker lets others run first as often.
   */
  public static void nextOfItem() {
    if (CURRENT.isBound()) {
      CURRENT.get().letOthersRun();
    }
  }

  private static void asleep(Runnable wait) {
    try (Sleep sleep = new Sleep()) {
      sleep.begin();
      wait.run();
    }
  }

  /**
   * From now on items run one after another, in the order in which they were asked for, as if there
   * were one processor: until {@link #atOnce} was called as often. Those that run already go on.
   */
  public void inOrder() {
    lock.lock();
    try {
      setInOrder(true);
    } finally {
      lock.unlock();
    }
  }

  /** Undoes one {@link #inOrder}. */
  public void atOnce() {
    List<Worker> started = new ArrayList<>(0);
    lock.lock();
    try {
      setInOrder(false);
      for (Worker one = claimPlace(); one != null; one = claimPlace()) {
        started.add(one);
      }
    } finally {
      lock.unlock();
    }
    started.forEach(this::start);
  }

  @Override
  Worker place(int slot, Executor thread) {
    return new Worker(this, slot, thread);
  }

  @Override
  @GuardedBy("lock")
  int waiting() {
    return depth;
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
    if (KeptBack.isOn()) {
      KeptBack.add(() -> enqueue(work));
      return;
    }
    Worker start;
    lock.lock();
    try {
      append(work);
      start = claimPlace();
    } finally {
      lock.unlock();
    }
    if (start != null) {
      start(start);
    }
  }

  @GuardedBy("lock")
  private void append(Work work) {
    if (tail == null) {
      head = work;
    } else {
      tail.next = work;
    }
    tail = work;
    depth++;
    queued.increment();
  }

  /**
   * Runs an item that is in no list on the calling thread, as a worker that begins at once. Where
   * none could, or callers may not, it is appended.
   */
  void runHere(Work work) {
    if (KeptBack.isOn()) {
      KeptBack.add(() -> enqueue(work));
      return;
    }
    Worker here = null;
    Worker start = null;
    lock.lock();
    try {
      if (callerMayRun()) {
        here = takeCallersPlace(work);
      } else {
        append(work);
        start = claimPlace();
      }
    } finally {
      lock.unlock();
    }
    if (here != null) {
      runIn(here, work);
    } else if (start != null) {
      start(start);
    }
  }

  /** A place for a caller. If none can be made, the item is not lost: it waits for the next one. */
  @GuardedBy("lock")
  private Worker takeCallersPlace(Work work) {
    Worker place = null;
    boolean made = false;
    try {
      place = takePlace();
      var _ = place.caller(callers);
      made = true;
    } finally {
      if (!made) {
        append(work);
        if (place != null) {
          giveUp(place);
        }
      }
    }
    callerBegins();
    return place;
  }

  @GuardedBy("lock")
  private boolean callerMayRun() {
    return head == null
        && hasPlace()
        && !callersApart()
        && callers.mayRun()
        // A scheduler decides when an item begins, and by which thread.
        && !ControlledWait.isControlled()
        && !CURRENT.isBound();
  }

  private void runIn(Worker place, Work work) {
    place.slept = false;
    try {
      place.caller(callers).run(() -> run(work));
    } finally {
      Worker start;
      lock.lock();
      try {
        callerEnds();
        giveUp(place);
        start = claimPlace();
      } finally {
        lock.unlock();
      }
      if (start != null) {
        start(start);
      }
    }
  }

  /** A worker sleeps: its place goes to another if there is work. */
  private void leave() {
    Worker start;
    lock.lock();
    try {
      sleeps();
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
      wakes();
    } finally {
      lock.unlock();
    }
  }

  /** Starts a worker. One that cannot be started gives its place back: the next request tries. */
  private void start(Worker worker) {
    boolean started = false;
    try {
      worker.thread.execute(() -> ScopedValue.where(CURRENT, worker).run(worker));
      started = true;
    } finally {
      if (!started) {
        lock.lock();
        try {
          begins();
          giveUp(worker);
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void work(Worker worker) {
    // Where a scheduler decides when each item begins, each has a worker of its own.
    boolean single = ControlledWait.isControlled();
    boolean first = true;
    worker.ran = 0;
    while (true) {
      Work work = take(worker, first);
      first = false;
      if (work == null) {
        return;
      }
      worker.slept = false;
      run(work);
      if (single) {
        end(worker);
        return;
      }
      worker.letOthersRun();
    }
  }

  private void run(Work work) {
    try {
      work.run();
    } catch (OutOfMemoryError e) {
      // No bug of the item's, and nothing to continue with: for whoever guards the process.
      throw e;
    } catch (RuntimeException | Error e) {
      bugs.accept(e);
    }
  }

  /** A worker ends after its item. One that found no place for its own worker gets this one. */
  private void end(Worker worker) {
    Worker start;
    lock.lock();
    try {
      giveUp(worker);
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
        begins();
      }
      Work work = head;
      if (work == null || areTooMany()) {
        giveUp(worker);
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
