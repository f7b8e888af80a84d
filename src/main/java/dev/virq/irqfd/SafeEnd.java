package dev.virq.irqfd;

import java.util.function.BooleanSupplier;

/**
 * The product's protocol: wait for the readers, then put; the loser waits for the winner; what is
 * queued runs to its end; one owner tears down.
 */
public class SafeEnd implements EndProtocol {
  /** It has no state, so that one serves all. */
  public static final EndProtocol PROTOCOL = new SafeEnd();

  /** For those that take one precaution away. */
  protected SafeEnd() {}

  @Override
  public boolean letGo(Runnable awaitReaders, BooleanSupplier put) {
    awaitReaders.run();
    return put.getAsBoolean();
  }

  @Override
  public void lose(Runnable awaitWinner) {
    awaitWinner.run();
  }

  @Override
  public void drain(Runnable flush) {
    flush.run();
  }

  @Override
  public boolean claims(boolean first) {
    return first;
  }
}
