package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Finds out that a thread sleeps by its state, not by letting time pass. */
public final class Asleep {
  private static final Set<Thread.State> SLEEPING =
      EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

  private Asleep() {}

  /** Waits until the thread waits for something; fails when it ends instead. */
  public static void await(Thread thread) {
    until(() -> {
      Thread.State state = thread.getState();
      assertThat(state).as("%s", thread).isNotEqualTo(Thread.State.TERMINATED);
      return SLEEPING.contains(state);
    });
  }

  /** Waits until the thread stands before a monitor that another holds; fails when it ends. */
  public static void awaitBlocked(Thread thread) {
    until(() -> {
      Thread.State state = thread.getState();
      assertThat(state).as("%s", thread).isNotEqualTo(Thread.State.TERMINATED);
      return state == Thread.State.BLOCKED;
    });
  }

  /** Looks again and again until it is so; for states that nothing tells of. */
  @SuppressWarnings("ThreadPriorityCheck") // only how soon it is seen hangs on the yield
  public static void until(BooleanSupplier so) {
    long deadline = System.nanoTime() + TestHosts.LONG;
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("too late").isNegative();
      Thread.yield();
    }
  }
}
