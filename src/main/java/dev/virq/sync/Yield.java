package dev.virq.sync;

import java.util.concurrent.locks.LockSupport;

/**
 * Lets other threads run within long work. Nothing depends on it but who is served when.
 *
 * <p>A virtual thread that yields goes to the end of its carrier's own queue, and a carrier takes
 * what others have submitted, such as requests that have just come, only once that queue is empty.
 * So two threads of one carrier that yield in turn keep out all that come, for as long as they do.
 */
public final class Yield {
  private Yield() {}

  /** Lets those run that the carrier has already: cheap, but see above. */
  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread gives up its carrier by it
  public static void toSome() {
    Thread.yield();
  }

  /**
   * Lets all run that wait, wherever. Costs some tens of microseconds, for the thread is parked and
   * comes back from where new ones come from: for work that has run for a millisecond.
   */
  public static void toAll() {
    LockSupport.parkNanos(1);
  }
}
