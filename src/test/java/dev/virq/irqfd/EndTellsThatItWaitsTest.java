package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.irqchip.IrqChip;
import dev.virq.protocol.Protocol;
import dev.virq.testing.Call;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import dev.virq.workqueue.Workers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An end tells that it waits before it does, so that who waits for the end can say by what it is
 * held; and only then.
 */
class EndTellsThatItWaitsTest {
  private final AtomicReference<Throwable> bug = new AtomicReference<>();
  private final AtomicInteger told = new AtomicInteger();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  /** Where an injection stops until the latch opens; null for none. */
  private volatile Tracepoint stops;

  private final Probe probe =
      (point, subject, value, detail) -> {
        if (point == stops) {
          arrived.countDown();
          waitFor(go);
        }
      };

  private final IrqfdEvents events =
      new IrqfdEvents() {
        @Override
        public long hooked(Irqfd irqfd) {
          return 1;
        }

        @Override
        public Signal signal(EventFd eventfd) {
          return Signal.UNTRACKED;
        }

        @Override
        public EndCause named(EndCause cause) {
          return cause;
        }

        @Override
        public void waiting() {
          told.incrementAndGet();
        }

        @Override
        public void freed(Irqfd irqfd) {}
      };

  private final Vm vm = new Vm(1, () -> {});
  private final EventFd eventfd = new EventFd(1, 0, false, Probe.NONE);
  private final Irqfds irqfds =
      new Irqfds(
          new IrqfdContext(
              new WorkQueue("inject", 1, Workers.virtual("injector"), bug::set),
              new WorkQueue("cleanup", 1, Runnable::run, bug::set),
              probe,
              events,
              Protocol.SAFE),
          vm);

  EndTellsThatItWaitsTest() {
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
  }

  @AfterEach
  void nothingWentWrong() {
    assertThat(bug).hasValue(null);
  }

  private Irqfd withAnInjectionAt(Tracepoint point) {
    Irqfd irqfd = irqfds.assign(eventfd, 5, null);
    stops = point;
    eventfd.write(1, Signal.UNTRACKED);
    waitFor(arrived);
    return irqfd;
  }

  @Test
  void endThatNeedNotWaitTellsNothing() {
    assertThat(irqfds.deassign(irqfds.assign(eventfd, 5, null))).isTrue();
    Irqfd _ = irqfds.assign(eventfd, 5, null);
    irqfds.release(_ -> {});

    assertThat(told).hasValue(0);
  }

  @Test
  void deassignThatWaitsForAnInjection() {
    Irqfd irqfd = withAnInjectionAt(Tracepoint.INJECT_ENTER);
    Call<Boolean> end = Call.asleep(() -> irqfds.deassign(irqfd));

    assertThat(told).hasValue(1);
    assertThat(irqfd.awaitsInjections()).isTrue();
    go.countDown();
    assertThat(end.get()).isTrue();
    assertThat(irqfd.awaitsInjections()).isFalse();
  }

  @Test
  void closeOfAVmThatWaitsForAReader() {
    Irqfd irqfd = withAnInjectionAt(Tracepoint.INJECT_DEREFERENCED);
    Call<Void> end =
        Call.asleep(() -> {
          irqfds.release(_ -> {});
          return null;
        });

    assertThat(told).hasValue(1);
    assertThat(irqfd.awaitsReaders()).isTrue();
    go.countDown();
    end.get();
    assertThat(irqfd.awaitsReaders()).isFalse();
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
