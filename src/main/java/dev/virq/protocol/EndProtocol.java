package dev.virq.protocol;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.vm.Vm;
import java.util.function.BooleanSupplier;

/**
 * The order of the steps by which a binding ends, where a reader's safety hangs on it.
 *
 * <p>The product has one that is safe. Others exist to be searched for: each takes a precaution
 * away, as a version of the kernel did, and shows what it is for. No lock is held, but at {@link
 * #claims}.
 */
public interface EndProtocol {
  /**
   * The winner of the swap lets go of the VM.
   *
   * @param vm which
   * @param awaitReaders waits for the grace period
   * @param put drops the reference, mark [3]; whether it was the last
   * @return what put said
   */
  boolean letGo(Vm vm, Runnable awaitReaders, BooleanSupplier put);

  /**
   * The loser of the swap is about to go on.
   *
   * @param awaitWinner waits until the winner has let go
   */
  void lose(Runnable awaitWinner);

  /**
   * The owner of the tear-down unhooks: when it returns, the entry is not woken any more.
   *
   * @param eventfd which it is hooked to
   * @param entry the irqfd
   */
  void unhook(EventFd eventfd, WaitQueueEntry entry);

  /**
   * The owner of the tear-down has unhooked: nothing new is queued.
   *
   * @param flush waits until what was queued has run
   */
  void drain(Runnable flush);

  /**
   * Whether a caller owns the tear-down. The wait-queue lock may be held: must not block.
   *
   * @param first whether it is the first to ask
   */
  boolean claims(boolean first);
}
