package dev.virq.defect;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.protocol.EndProtocol;
import dev.virq.protocol.ListWalk;
import dev.virq.protocol.SafeEnd;
import dev.virq.protocol.TearDownQueue;
import dev.virq.vm.Vm;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Bindings that end with one precaution less. */
final class BrokenEnds {
  static final EndProtocol NO_GRACE_PERIOD =
      new SafeEnd() {
        @Override
        public boolean letGo(Vm vm, Runnable awaitReaders, BooleanSupplier put) {
          return put.getAsBoolean();
        }
      };

  static final EndProtocol PUT_BEFORE_GRACE_PERIOD =
      new SafeEnd() {
        @Override
        public boolean letGo(Vm vm, Runnable awaitReaders, BooleanSupplier put) {
          boolean last = put.getAsBoolean();
          awaitReaders.run();
          return last;
        }
      };

  static final EndProtocol GRACE_PERIOD_UNDER_LOCK =
      new SafeEnd() {
        @Override
        public boolean letGo(Vm vm, Runnable awaitReaders, BooleanSupplier put) {
          vm.lock();
          try {
            awaitReaders.run();
          } finally {
            vm.unlock();
          }
          return put.getAsBoolean();
        }
      };

  static final EndProtocol LOSER_DOES_NOT_WAIT =
      new SafeEnd() {
        @Override
        public void lose(Runnable awaitWinner) {}
      };

  static final EndProtocol COUNTER_NOT_DRAINED =
      new SafeEnd() {
        @Override
        public void unhook(EventFd eventfd, WaitQueueEntry entry) {
          boolean _ = eventfd.unhookOnly(entry);
        }
      };

  static final EndProtocol NO_FLUSH =
      new SafeEnd() {
        @Override
        public void drain(Runnable flush) {}
      };

  static final EndProtocol DOUBLE_TEARDOWN =
      new SafeEnd() {
        @Override
        public boolean claims(boolean first) {
          return true;
        }
      };

  static final TearDownQueue FLUSH_ON_OWN_QUEUE = (injection, cleanup) -> injection;

  /** As {@code list_for_each_entry_safe} does: safe against what the loop itself removes. */
  static final ListWalk UNLOCKED_LIST_WALK =
      new ListWalk() {
        @Override
        public <E> void walk(
            Supplier<List<E>> detach, UnaryOperator<@Nullable E> next, Consumer<List<E>> end) {
          E at = next.apply(null);
          while (at != null) {
            E saved = next.apply(at);
            end.accept(List.of(at));
            at = saved;
          }
        }
      };

  private BrokenEnds() {}
}
