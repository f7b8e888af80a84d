package dev.virq.schedule;

import dev.virq.sync.ControlledWait;
import dev.virq.sync.Halted;
import dev.virq.sync.Uninterruptibly;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the threads of one run take turns: one runs, and at every choice point a strategy decides
 * which goes on.
 *
 * <p>Choice points are the stoppable tracepoints, every wait that is told through {@link
 * ControlledWait}, the begin of a thread, its end, and {@link #pass}. No lock is held at any of
 * them, so a thread that has the turn comes to the next one; if it does not, the run is given up
 * and {@link #play} says so.
 *
 * <p>Everything is done by the thread that has the turn, and handing it over publishes what that
 * thread did. So what no other thread touches needs no lock: fields are "guarded by the turn".
 */
public final class ControlledScheduler implements Probe, Workers, ControlledWait.Scheduler {
  /** How long a run may go on until it is asked whether it still should. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How long a thread that stands at no choice point may take to end, before it is left behind. */
  private static final long LEAVE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** What a run tells whoever makes it. */
  @FunctionalInterface
  public interface Supervisor {
    /** The body of a thread threw, and the run was not given up. On that thread, in its turn. */
    void thrown(Throwable bug);

    /**
     * The run is given up: everything is still as it was when that was seen, for no other thread
     * knows of it yet. Once, on the thread that has the turn; when that one is stuck or the run is
     * stopped, on the one that makes the run, while the other may still go on.
     */
    default void halted(Halt why) {}

    /**
     * Whether a run that takes long shall go on. Asked every now and then, on the thread that makes
     * it; what it throws, {@link #play} throws.
     */
    default boolean goesOn() {
      return true;
    }
  }

  private final Strategy strategy;
  private final Executor threads;
  private final int mostSteps;
  private final long patienceNanos;
  private final Supervisor supervisor;
  private final Moment moment = new Moment();

  /** Threads that have been asked for and have not ended. */
  private final AtomicInteger running = new AtomicInteger();

  /** Whose turn it is; null for the thread that makes the run. Volatile: handing it over. */
  private volatile @Nullable Player turn;

  /** Whether a thread gives the run up, or has. */
  private final AtomicBoolean givenUp = new AtomicBoolean();

  /** Set once, by the thread that gives the run up; volatile: read by all others. */
  private volatile @Nullable Halt halt;

  /** What a thread threw that the process cannot go on after; set before the halt. */
  private volatile @Nullable VirtualMachineError fatal;

  /** Choice points so far. Volatile: the thread that makes the run looks whether it moves. */
  private volatile int steps;

  /** Those that have not ended. Volatile: written under the turn, read when a run is given up. */
  private volatile Player[] players = {};

  /** The thread that makes the run; volatile as the turn is. */
  private volatile @Nullable Thread maker;

  // All guarded by the turn.
  private boolean deciding;
  private int started;
  private int[] choices = new int[64];
  private int decisions;
  private int preemptions;

  /**
   * A run that has not begun.
   *
   * @param strategy decides; already told that the run begins
   * @param threads starts a thread for each task
   * @param mostSteps choice points that the run may have
   * @param patienceNanos how long a thread may take from one choice point to the next, in
   *     nanoseconds
   * @param supervisor told what goes wrong
   */
  public ControlledScheduler(
      Strategy strategy,
      Executor threads,
      int mostSteps,
      long patienceNanos,
      Supervisor supervisor) {
    this.strategy = strategy;
    this.threads = threads;
    this.mostSteps = mostSteps;
    this.patienceNanos = patienceNanos;
    this.supervisor = supervisor;
  }

  // ---- the run, for the thread that makes it

  /** Adds a thread; it begins when {@link #play} says so. */
  public void add(String name, Runnable body) {
    add(name, null, body);
  }

  private void add(String name, @Nullable String queue, Runnable body) {
    Player[] more = Arrays.copyOf(players, players.length + 1);
    more[more.length - 1] = new Player(started++, name, queue, body);
    players = more;
  }

  /**
   * Lets the threads take turns until all have ended, those too that they start.
   *
   * @param decide whether the strategy decides; otherwise a thread goes on for as long as it can
   * @return why the run was given up, or null; nothing can be played then any more
   * @throws VirtualMachineError when a thread threw one, but for a stack that overflowed: it is no
   *     bug of what the thread does, and whoever guards the process has to know
   */
  public @Nullable Halt play(boolean decide) {
    if (players.length == 0) {
      return halt;
    }
    deciding = decide;
    maker = Thread.currentThread();
    try (Uninterruptibly waits = new Uninterruptibly()) {
      begin();
      try {
        watch(waits);
      } finally {
        if (turn != null && halt == null) {
          Halted _ = giveUp(new Halt(Halt.Kind.STOPPED, describe(), List.of()));
        }
        awaitThreads(waits);
      }
    }
    VirtualMachineError end = fatal;
    if (end != null) {
      throw end;
    }
    return halt;
  }

  /** Until the threads have ended, or the run has to be given up. */
  private void watch(Uninterruptibly waits) {
    int seen = steps;
    long since = System.nanoTime();
    while (turn != null && halt == null) {
      long began = System.nanoTime();
      LockSupport.parkNanos(this, Math.min(patienceNanos, LOOK_NANOS));
      waits.keep();
      if (turn == null || halt != null) {
        return;
      }
      long now = System.nanoTime();
      if (steps != seen) {
        seen = steps;
        since = now;
      } else if (now - since >= patienceNanos) {
        Halted _ = giveUp(stuck());
        return;
      }
      if (now - began >= LOOK_NANOS && !supervisor.goesOn()) {
        return;
      }
    }
  }

  /** The choices made so far, one a decision: a copy. */
  public int[] choices() {
    return Arrays.copyOf(choices, decisions);
  }

  /** Decisions so far. */
  public int decisions() {
    return decisions;
  }

  /** How often a thread that could have gone on did not. */
  public int preemptions() {
    return preemptions;
  }

  /** Choice points so far. */
  public int steps() {
    return steps;
  }

  // ---- what its threads call

  /** Name of the thread that has the turn, or null between two plays. */
  public @Nullable String current() {
    Player player = turn;
    return player == null ? null : player.name;
  }

  /** Where the thread that has the turn stood last, or null. */
  public @Nullable String place() {
    Player player = turn;
    return player == null ? null : player.place;
  }

  /** A choice point of a thread's own: others may go first. */
  public void pass(String where) {
    Player me = me();
    if (me != null) {
      me.at(where);
      yieldTurn(me, null);
    }
  }

  /** Waits until no other thread is left. */
  public void settle() {
    until(() -> players.length == 1);
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.stoppable();
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    Player me = me();
    if (me != null) {
      me.at(point, subject);
      yieldTurn(me, null);
    }
  }

  @Override
  public void until(BooleanSupplier over) {
    Player me = me();
    if (me != null) {
      yieldTurn(me, over);
    }
  }

  @Override
  public Executor forWorker(String queue, String worker) {
    String name = queue.substring(queue.lastIndexOf('/') + 1);
    // A worker is started for an item of work, by the thread that asks for it.
    return task -> {
      endIfHalted();
      add(name + "-" + started, queue, task);
    };
  }

  /**
   * Ends the calling thread when the run is given up: nothing that it does afterwards is of the
   * run. Any thread, also under a lock.
   */
  public void endIfHalted() {
    if (halt != null) {
      throw new Halted();
    }
  }

  /** The thread that calls, which has the turn; null for one that is not of the run. */
  private @Nullable Player me() {
    endIfHalted();
    Player player = turn;
    return player != null && Thread.currentThread().equals(player.thread) ? player : null;
  }

  private void yieldTurn(Player me, @Nullable BooleanSupplier over) {
    me.over = over;
    Player next = next(me);
    if (next != me) {
      handTo(next);
      while (turn != me) {
        endIfHalted();
        LockSupport.park(this);
      }
    }
    endIfHalted();
    me.over = null;
  }

  private void begin() {
    try {
      passOn();
    } catch (Halted e) {
      // There is no step that any thread can make: play() says so.
    }
  }

  /** Gives the turn away for good, or at the beginning. */
  private void passOn() {
    if (players.length == 0) {
      turn = null;
      LockSupport.unpark(maker);
    } else {
      handTo(next(null));
    }
  }

  private void handTo(Player next) {
    boolean begins = !next.started;
    next.started = true;
    if (begins) {
      running.incrementAndGet();
    }
    turn = next;
    if (begins) {
      threads.execute(() -> run(next));
    } else {
      LockSupport.unpark(next.thread);
    }
  }

  private void run(Player me) {
    Thread thread = Thread.currentThread();
    me.thread = thread;
    // What the listener of a grace period throws goes there.
    thread.setUncaughtExceptionHandler((_, e) -> threw(e));
    try {
      ControlledWait.run(this, me.body);
    } catch (Throwable e) {
      threw(e);
    }
    try {
      if (halt == null) {
        players = Arrays.stream(players).filter(other -> other != me).toArray(Player[]::new);
        passOn();
      }
    } catch (Halted e) {
      // The others wait for each other.
    } finally {
      if (running.decrementAndGet() == 0) {
        LockSupport.unpark(maker);
      }
    }
  }

  /** What a thread threw that has the turn, or that ends because the run is given up. */
  private void threw(Throwable e) {
    if (e instanceof VirtualMachineError end && !(e instanceof StackOverflowError)) {
      fatal = end;
      if (halt == null) {
        Halted _ = giveUp(new Halt(Halt.Kind.STOPPED, List.of(), List.of()));
      }
    } else if (halt == null && !(e instanceof Halted)) {
      supervisor.thrown(e);
    }
  }

  /** Decides. The caller has the turn. */
  private Player next(@Nullable Player me) {
    int step = steps + 1;
    steps = step;
    if (step > mostSteps) {
      throw giveUp(new Halt(Halt.Kind.ENDLESS, describe(), List.of()));
    }
    moment.begin();
    if (me != null && me.isAble()) {
      moment.add(me, true);
    }
    for (Player player : players) {
      if (player != me && player.isAble()) {
        moment.add(player, false);
      }
    }
    if (moment.size() == 0) {
      throw giveUp(new Halt(Halt.Kind.DEADLOCK, describe(), List.of()));
    }
    return moment.size() == 1 || !deciding ? moment.player(0) : decide();
  }

  private Player decide() {
    int choice;
    try {
      choice = strategy.choose(moment);
    } catch (IllegalStateException e) {
      throw giveUp(new Halt(Halt.Kind.STRAYED, List.of(String.valueOf(e.getMessage())), List.of()));
    }
    if (decisions == choices.length) {
      choices = Arrays.copyOf(choices, decisions * 2);
    }
    choices[decisions++] = choice;
    if (choice != 0 && moment.continues()) {
      preemptions++;
    }
    return moment.player(choice);
  }

  // ---- a run that is given up

  private Halted giveUp(Halt why) {
    if (!givenUp.compareAndSet(false, true)) {
      // The thread that makes the run and the one that has the turn saw it at once.
      return new Halted();
    }
    try {
      supervisor.halted(why);
    } finally {
      halt = why;
    }
    for (Player player : players) {
      LockSupport.unpark(player.thread);
    }
    LockSupport.unpark(maker);
    return new Halted();
  }

  private List<String> describe() {
    return Arrays.stream(players).map(Player::toString).toList();
  }

  private Halt stuck() {
    Player player = turn;
    Thread thread = player == null ? null : player.thread;
    List<String> stack = new ArrayList<>();
    if (thread != null) {
      for (StackTraceElement frame : thread.getStackTrace()) {
        stack.add(frame.toString());
      }
    }
    return new Halt(
        Halt.Kind.STUCK, player == null ? List.of() : List.of(player.toString()), stack);
  }

  /** The threads of a run that is given up end by themselves; one that is stuck is left behind. */
  private void awaitThreads(Uninterruptibly waits) {
    while (givenUp.get() && halt == null) {
      LockSupport.parkNanos(this, 1_000);
      waits.keep();
    }
    Halt why = halt;
    if (why == null) {
      return;
    }
    // At a choice point all stand but for one that is stuck, or that went on when it was stopped.
    boolean all = why.kind() != Halt.Kind.STUCK && why.kind() != Halt.Kind.STOPPED;
    long most = all ? patienceNanos : Math.min(patienceNanos, LEAVE_NANOS);
    long deadline = System.nanoTime() + most;
    while (running.get() != 0 && System.nanoTime() - deadline < 0) {
      for (Player player : players) {
        LockSupport.unpark(player.thread);
      }
      LockSupport.parkNanos(this, Math.min(most, 1_000_000));
      waits.keep();
    }
  }
}
