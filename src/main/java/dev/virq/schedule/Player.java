package dev.virq.schedule;

import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One thread of a run. Its fields that change are written by the thread that has the turn. */
final class Player {
  final int number;
  final String name;
  final Runnable body;

  /**
   * Of a worker the queue that it takes its work from; null of any other thread. Which of two that
   * have not begun begins first makes no difference: it takes the item at the head.
   */
  final @Nullable String queue;

  /** Whether a thread was asked for. Guarded by the turn. */
  boolean started;

  /** What it waits for, or null while it can go on. Guarded by the turn. */
  @Nullable BooleanSupplier over;

  /** Null before it runs. Volatile: read by the thread that makes the run when it is stuck. */
  volatile @Nullable Thread thread;

  /** Where it stands; volatile as the thread is. */
  volatile @Nullable String place;

  // Numbers of what its step is about, 0 for none. Guarded by the turn.
  private long vm;
  private long irqfd;
  private long eventfd;

  Player(int number, String name, @Nullable String queue, Runnable body) {
    this.number = number;
    this.name = name;
    this.queue = queue;
    this.body = body;
  }

  boolean isAble() {
    BooleanSupplier condition = over;
    return condition == null || condition.getAsBoolean();
  }

  /** Whether the two have not begun, and are workers of one queue. */
  boolean isLike(Player other) {
    return !started && !other.started && queue != null && queue.equals(other.queue);
  }

  void at(Tracepoint point, Subject subject) {
    String called = point.pointName();
    place = called == null ? point.name() : called;
    vm = subject.vmId();
    irqfd = subject.irqfdId();
    eventfd = subject.eventfdId();
  }

  /** At a place that is about nothing in particular. */
  void at(String where) {
    place = where;
    vm = 0;
    irqfd = 0;
    eventfd = 0;
  }

  boolean conflictsWith(Player other) {
    return isAboutNothing()
        || other.isAboutNothing()
        || (vm != 0 && vm == other.vm)
        || (irqfd != 0 && irqfd == other.irqfd)
        || (eventfd != 0 && eventfd == other.eventfd);
  }

  private boolean isAboutNothing() {
    return vm == 0 && irqfd == 0 && eventfd == 0;
  }

  @Override
  public String toString() {
    String where = place;
    return where == null ? name : name + " at " + where;
  }
}
