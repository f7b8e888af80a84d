package dev.virq.protocol;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How the VM's close goes through the list of its irqfds: {@code kvm_irqfd_release}. */
public interface ListWalk {
  /** Takes the whole list at once: nobody walks it while others remove from it. */
  ListWalk DETACHED =
      new ListWalk() {
        @Override
        public <E> void walk(
            Supplier<List<E>> detach, UnaryOperator<@Nullable E> next, Consumer<List<E>> end) {
          end.accept(detach.get());
        }
      };

  /**
   * Ends all that is on the list. On a clean-up worker, no lock held.
   *
   * @param detach takes everything off the list, under the VM's lock
   * @param next what follows an entry on the list now, without a lock; after null the first
   * @param end ends these, and returns when they are gone
   */
  <E> void walk(Supplier<List<E>> detach, UnaryOperator<@Nullable E> next, Consumer<List<E>> end);
}
