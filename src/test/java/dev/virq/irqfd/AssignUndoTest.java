package dev.virq.irqfd;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.EventfdName;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.Signal;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.ExactWait;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.IrqChip;
import dev.virq.lockorder.LockOrder;
import dev.virq.protocol.Protocol;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.RaceRig;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.EndCause;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import dev.virq.workqueue.Workers;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * What assign leaves behind when it is stopped half-way, by a failure or by the end of either side;
 * on the list itself, for the system calls keep both sides open meanwhile.
 */
class AssignUndoTest {
  private final AtomicReference<Throwable> bug = new AtomicReference<>();
  private final Vm vm = new Vm(1, () -> {});
  private final EventFd eventfd = new EventFd(1, 3, false, Probe.NONE);

  AssignUndoTest() {
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
  }

  private Irqfds irqfds(ToLongFunction<Irqfd> hooked, LongFunction<Signal> signals) {
    WorkQueue injection = new WorkQueue("inject", 1, Runnable::run, bug::set);
    WorkQueue cleanup = new WorkQueue("cleanup", 1, Runnable::run, bug::set);
    IrqfdEvents events =
        new IrqfdEvents() {
          @Override
          public long hooked(Irqfd irqfd) {
            return hooked.applyAsLong(irqfd);
          }

          @Override
          public Signal signal(EventFd eventfd) {
            return signals.apply(eventfd.eventfdId());
          }

          @Override
          public EndCause named(EndCause cause) {
            return cause;
          }

          @Override
          public void waiting() {}

          @Override
          public void freed(Irqfd irqfd) {}
        };
    return new Irqfds(new IrqfdContext(injection, cleanup, Probe.NONE, events, Protocol.SAFE), vm);
  }

  private Irqfds irqfds() {
    AtomicLong ids = new AtomicLong();
    return irqfds(irqfd -> ids.incrementAndGet(), number -> Signal.UNTRACKED);
  }

  @Test
  void assignThatFailsAtAnyStepIsUndone() {
    List<Irqfds> failing =
        List.of(
            irqfds(
                irqfd -> 1,
                number -> {
                  throw new OutOfMemoryError("a test says so");
                }),
            irqfds(
                irqfd -> {
                  throw new OutOfMemoryError("a test says so");
                },
                number -> Signal.UNTRACKED));
    for (Irqfds irqfds : failing) {
      for (boolean resample : new boolean[] {false, true}) {
        assertThatThrownBy(() ->
                irqfds.assign(eventfd, 5, resample ? new EventFd(2, 0, false, Probe.NONE) : null))
            .isInstanceOf(OutOfMemoryError.class);

        assertThat(vm.references()).isEqualTo(1);
        assertThat(eventfd.hooked()).isNull();
        assertThat(irqfds.size()).isZero();
      }
    }
    Irqfd next = irqfds().assign(eventfd, 5, null);
    assertThat(next.info().injected()).isEqualTo(1);
    assertThat(vm.line(5).level()).isFalse();
  }

  @Test
  void assignThatMissesTheReleaseOfTheVmTakesItselfDown() {
    for (boolean resample : new boolean[] {false, true}) {
      Irqfds irqfds = irqfds();
      irqfds.release(all -> assertThat(all).isEmpty());
      eventfd.write(1, Signal.UNTRACKED);

      Irqfd irqfd =
          irqfds.assign(eventfd, 5, resample ? new EventFd(2, 0, false, Probe.NONE) : null);

      assertThat(irqfd.info().state()).isEqualTo(IrqfdState.FREED);
      assertThat(irqfd.cause()).isEqualTo(EndCause.VM_RELEASE);
      assertThat(eventfd.hooked()).isNull();
      assertThat(vm.references()).isEqualTo(1);
      assertThat(vm.line(5).level()).isFalse();
      assertThat(bug.get()).isNull();
    }
  }

  @Test
  void referenceToADestroyedVmIsRefusedForGood() {
    assertThat(vm.put()).isTrue();

    assertThat(vm.tryGet()).isFalse();
    assertThat(vm.references()).isZero();
    assertThatThrownBy(vm::lock).isInstanceOf(IllegalStateException.class);
  }

  /** The irqfd can be found by its number as soon as it is hooked, which is before it is listed. */
  @Test
  void deassignByNumberBeforeTheBindingIsListedLeavesNothingListed() throws InterruptedException {
    ManualExecutor cleanup = new ManualExecutor();
    Workers others = Workers.virtual();
    AtomicReference<Vm> locked = new AtomicReference<>();
    Probe unlock =
        (point, subject, value, detail) -> {
          if (point == Tracepoint.DISCONNECT_UNLISTED) {
            locked.get().unlock();
          }
        };
    Host host =
        TestHosts.boot(
            1,
            unlock,
            (queue, worker) ->
                queue.endsWith("/cleanup") ? cleanup : others.forWorker(queue, worker),
            TestLimits.defaults());
    VmFile entry = TestHosts.vm(host);
    EventfdName trigger = TestHosts.eventfd(host);
    locked.set(entry.vm());
    entry.vm().lock();
    LockOrder.holdsForAnother();
    Thread assigning =
        Thread.ofVirtual().start(() -> host.irqfds().assign(entry.id(), trigger, 5, null));
    RaceRig.await(() -> !host.irqfds().list(0, 1).isEmpty());
    RaceRig.awaitAsleep(assigning);

    // Hooked, and before the list's lock. It is unlisted, then the lock is free, then it is listed.
    PendingClose close = host.irqfds().deassign(entry.id(), 1);
    cleanup.runAll();
    assigning.join();

    assertThat(host.waits().over(close, LONG)).isEqualTo(ExactWait.Progress.SETTLED);
    assertThat(entry.irqfds().size()).isZero();
    assertThat(entry.vm().references()).isEqualTo(1);
    assertThat(host.bugs()).isZero();
  }
}
