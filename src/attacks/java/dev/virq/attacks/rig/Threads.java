package dev.virq.attacks.rig;

import java.util.List;

/** Waiting for threads where nothing may be thrown. */
public final class Threads {
  private Threads() {}

  /** Waits for the end of all, or until this thread is interrupted, which it then still is. */
  public static void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
