package dev.virq.protocol;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.vm.Vm;
import java.util.function.BooleanSupplier;

/**
 * The product's protocol: wait for the readers, then put; the loser waits for the winner; the
 * counter goes with the hook; what is queued runs to its end; one owner tears down.
 */
public class SafeEnd implements EndProtocol {
  /** It has no state, so that one serves all. */
  public static final EndProtocol PROTOCOL = new SafeEnd();

  /** For those that take one precaution away. */
  protected SafeEnd() {}

  @Override
  public boolean letGo(Vm vm, Runnable awaitReaders, BooleanSupplier put) {
    awaitReaders.run();
    return put.getAsBoolean();
  }

  @Override
  public void lose(Runnable awaitWinner) {
    awaitWinner.run();
  }

  @Override
  public void unhook(EventFd eventfd, WaitQueueEntry entry) {
    boolean _ = eventfd.unhook(entry);
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
