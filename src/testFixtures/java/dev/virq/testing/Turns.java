package dev.virq.testing;

import dev.virq.sync.ControlledWait;
import dev.virq.trace.Detail;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Lets the threads of one host take turns: one runs, and at every stoppable tracepoint and before
 * every wait a seed decides which is next. It uses the seam as it is: a probe, a factory for
 * workers, and the word of a thread that is about to wait.
 */
public final class Turns implements Probe, Workers, ControlledWait.Scheduler {
  /** One thread of the run. Guarded by the monitor of the run. */
  private static final class Player {
    final String name;

    /** What it waits for; null while it can continue. */
    BooleanSupplier over;

    Player(String name) {
      this.name = name;
    }

    boolean isAble() {
      return over == null || over.getAsBoolean();
    }
  }

  private final Random random;

  // All guarded by this.
  private final Map<String, AtomicInteger> workers = new ConcurrentHashMap<>();
  private final Map<Thread, Player> players = new LinkedHashMap<>();
  private final List<String> story = new ArrayList<>();
  private Player turn;
  private boolean begun;
  private Throwable failure;

  /** A run whose decisions follow from a seed. */
  public Turns(long seed) {
    random = new Random(seed);
  }

  /** Adds a thread; it begins when {@link #play} does. */
  public void actor(String name, Runnable body) {
    start(name, body);
  }

  /** Lets them play until all have ended. */
  public void play() {
    synchronized (this) {
      begun = true;
      next();
      awaitUntil(() -> players.isEmpty() || failure != null);
      if (failure != null) {
        throw new AssertionError("after " + story, failure);
      }
    }
  }

  /** Who passed which tracepoint, in order. */
  public synchronized List<String> story() {
    return List.copyOf(story);
  }

  @Override
  public boolean observes(Tracepoint point) {
    return point.stoppable();
  }

  @Override
  public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
    synchronized (this) {
      Player player = players.get(Thread.currentThread());
      if (player != null) {
        story.add(player.name + " " + point);
        yieldUntil(player, null);
      }
    }
  }

  @Override
  public synchronized void until(BooleanSupplier over) {
    yieldUntil(players.get(Thread.currentThread()), over);
  }

  private void yieldUntil(Player player, BooleanSupplier over) {
    player.over = over;
    next();
    awaitTurn(player);
  }

  @Override
  public Executor forWorker(String queue, String worker) {
    AtomicInteger started = workers.computeIfAbsent(queue, _ -> new AtomicInteger());
    return task -> start(queue + "-" + started.incrementAndGet(), task);
  }

  private void start(String name, Runnable body) {
    Player player = new Player(name);
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .unstarted(() -> {
              try {
                synchronized (this) {
                  awaitTurn(player);
                }
                ControlledWait.run(this, body);
              } catch (Throwable thrown) {
                fail(thrown);
              } finally {
                leave();
              }
            });
    synchronized (this) {
      players.put(thread, player);
    }
    thread.start();
  }

  private synchronized void fail(Throwable thrown) {
    failure = thrown;
    notifyAll();
  }

  private synchronized void leave() {
    players.remove(Thread.currentThread());
    next();
  }

  /** Gives the turn to one of those that can continue. Monitor held. */
  private void next() {
    if (!begun) {
      return;
    }
    List<Player> able = players.values().stream().filter(Player::isAble).toList();
    if (able.isEmpty() && !players.isEmpty()) {
      failure = new AssertionError("all wait for each other: " + names());
    }
    turn = able.isEmpty() ? null : able.get(random.nextInt(able.size()));
    notifyAll();
  }

  private List<String> names() {
    return players.values().stream().map(player -> player.name).toList();
  }

  private void awaitTurn(Player player) {
    awaitUntil(() -> turn == player || failure != null);
    player.over = null;
  }

  private void awaitUntil(BooleanSupplier so) {
    try {
      while (!so.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
