package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;

/** Waits for states that no event announces, by looking until they are there. */
public final class Await {
  private Await() {}

  /** Looks until the condition holds. */
  @SuppressWarnings("ThreadPriorityCheck") // the yield decides only how soon it is seen
  public static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TestHosts.LONG;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("too late").isNegative();
      Thread.yield();
    }
  }
}
