package dev.virq.defect;

import static dev.virq.eventfd.PollEvent.POLLIN;

import dev.virq.eventfd.SecondWaiter;
import dev.virq.eventfd.Signal;
import dev.virq.eventfd.WaitQueueEntry;
import dev.virq.protocol.BindProtocol;
import dev.virq.protocol.FileHold;
import dev.virq.protocol.PendingRequest;
import dev.virq.protocol.WakeKey;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.RefCount;
import org.jspecify.annotations.Nullable;

/** Bindings that are made and signalled with one precaution less. */
final class BrokenBindings {
  static final BindProtocol PENDING_COUNT_IGNORED =
      steps -> {
        steps.reference();
        int _ = steps.hookOnly();
        return steps.list();
      };

  static final BindProtocol REFERENCE_AFTER_HOOK =
      steps -> {
        steps.hook();
        letOthersGoFirst();
        steps.referenceUnchecked();
        return steps.list();
      };

  static final BindProtocol PUBLISH_BEFORE_READY =
      steps -> {
        steps.reference();
        int events = steps.hookOnly();
        boolean listed = steps.list();
        letOthersGoFirst();
        if ((events & POLLIN) != 0) {
          steps.inject();
        }
        return listed;
      };

  /** The call only knows the VM: nothing keeps it from being closed for good meanwhile. */
  static final FileHold NOTHING_HELD =
      new FileHold() {
        @Override
        public boolean take(RefCount file) {
          return true;
        }

        @Override
        public void drop(RefCount file) {}
      };

  static final WakeKey EXACT_WAKEUP_KEY = (events, event) -> events == event;

  static final SecondWaiter TWO_IRQFDS_ONE_EVENTFD = (_, bound, waiter) -> new Two(bound, waiter);

  /** The pending bit stays set while the injection runs. */
  static final class ClearedAfterRun extends PendingRequest {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Signal begin() {
      return get();
    }

    @Override
    public void end() {
      set(null);
    }
  }

  /** A wait queue with more than one entry. */
  private record Two(WaitQueueEntry first, WaitQueueEntry second) implements WaitQueueEntry {
    @Override
    public void hooked() {}

    @Override
    public void wake(int events, Signal signal) {
      first.wake(events, signal);
      // One write is followed to one end.
      second.wake(events, Signal.UNTRACKED);
    }

    @Override
    public boolean includes(WaitQueueEntry waiter) {
      return first.includes(waiter) || second.includes(waiter);
    }

    @Override
    public WaitQueueEntry without(WaitQueueEntry waiter) {
      if (!first.includes(waiter)) {
        WaitQueueEntry left = second.without(waiter);
        return left == null ? first : new Two(first, left);
      }
      WaitQueueEntry left = first.without(waiter);
      return left == null ? second : new Two(left, second);
    }

    @Override
    public long irqfdId() {
      return first.irqfdId();
    }

    @Override
    public long eventfdId() {
      return first.eventfdId();
    }

    @Override
    public long vmId() {
      return first.vmId();
    }

    @Override
    public long gsi() {
      return first.gsi();
    }
  }

  private BrokenBindings() {}

  /** Between two steps that are one in the product: a choice point. */
  private static void letOthersGoFirst() {
    ControlledWait.before(() -> true);
  }
}
