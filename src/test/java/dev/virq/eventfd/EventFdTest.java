package dev.virq.eventfd;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sync.Sleep;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.NotedPlace;
import dev.virq.testing.TestHosts;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFdTest {
  private final EventFd eventfd = new EventFd(7, 0, false, Probe.NONE);

  // ---- the counter

  @Test
  void writesAddAndAReadTakesAll() {
    write(eventfd, 3);
    write(eventfd, 4);

    assertThat(eventfd.read()).isEqualTo(7);
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(0, 7, 0, 7));
  }

  @Test
  void semaphoreIsReadOneAtATime() {
    EventFd semaphore = new EventFd(7, 3, true, Probe.NONE);

    assertThat(semaphore.read()).isEqualTo(1);
    assertThat(semaphore.read()).isEqualTo(1);
    assertThat(semaphore.counters().value()).isEqualTo(1);
    assertThat(semaphore.read()).isEqualTo(1);
    assertErrno(Errno.EAGAIN, semaphore::read);
  }

  @Test
  void readOfAnEmptyCounterWouldBlock() {
    assertErrno(Errno.EAGAIN, eventfd::read);
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(0, 0, 0, 0));
  }

  @Test
  void aReadThatWaitedRunsAgainInTurn() {
    NotedPlace place = new NotedPlace();

    Sleep.inPlace(
        place,
        () -> {
          assertErrno(Errno.ETIMEDOUT, () -> eventfd.read(1));
          return null;
        });

    assertThat(place.notes()).containsExactly("leave", "await");
  }

  @Test
  void firstValueIsThirtyTwoBitsUnsigned() {
    assertThat(new EventFd(7, 0xffff_ffffL, false, Probe.NONE).read()).isEqualTo(4_294_967_295L);
  }

  @Test
  void counterHoldsUpToTwoToTheSixtyFourMinusTwo() {
    write(eventfd, Long.MAX_VALUE);
    write(eventfd, Long.MAX_VALUE);
    assertThat(Long.toUnsignedString(eventfd.counters().value())).isEqualTo("18446744073709551614");

    Told signal = new Told();
    assertErrno(Errno.EAGAIN, () -> eventfd.write(1, signal));

    assertThat(signal.events).isEmpty();
    assertThat(eventfd.counters().written()).isEqualTo(EventFd.MAX);
    assertThat(eventfd.poll()).isEqualTo(new EventFd.Readiness(true, false, false));
    write(eventfd, 0);
    assertThat(eventfd.read()).isEqualTo(EventFd.MAX);
  }

  @Test
  void aCounterThatHasOverflowedTakesNothingUntilItIsRead() {
    write(eventfd, EventFd.MAX);
    eventfd.signal(new Told());
    assertThat(eventfd.poll()).isEqualTo(new EventFd.Readiness(true, false, true));

    assertErrno(Errno.EAGAIN, () -> write(eventfd, 0));
    assertErrno(Errno.EAGAIN, () -> write(eventfd, 1));
    assertErrno(Errno.EAGAIN, () -> write(eventfd, EventFd.MAX));

    assertThat(eventfd.read()).isEqualTo(-1);
    write(eventfd, 0);
    assertThat(eventfd.poll()).isEqualTo(new EventFd.Readiness(false, true, false));
  }

  @Test
  void writeThatWouldPassTheMaximumNamesBothNumbers() {
    write(eventfd, 5);

    assertThatThrownBy(() -> write(eventfd, EventFd.MAX - 4))
        .hasMessageContaining("counter 5 plus 18446744073709551610")
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.facts()).isEqualTo(Map.of("counter", "5")));

    write(eventfd, EventFd.MAX - 5);
    assertThat(eventfd.counters().value()).isEqualTo(EventFd.MAX);
  }

  @Test
  void twoToTheSixtyFourMinusOneCannotBeWritten() {
    Told signal = new Told();

    assertErrno(Errno.EINVAL, () -> eventfd.write(-1, signal));

    assertThat(signal.events).isEmpty();
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(0, 0, 0, 0));
  }

  @Test
  void readinessFollowsTheCounter() {
    assertThat(eventfd.poll()).isEqualTo(new EventFd.Readiness(false, true, false));

    write(eventfd, 1);

    assertThat(eventfd.poll()).isEqualTo(new EventFd.Readiness(true, true, false));
  }

  @Test
  void signalToNobodyIsNotBoundAndOver() {
    Told signal = new Told();

    eventfd.write(4, signal);

    assertThat(signal.events).containsExactly("accepted 4 null", "finished NOT_BOUND", "over");
  }

  @Test
  void writeOfZeroToNobodyChangesNothing() {
    Told signal = new Told();

    eventfd.write(0, signal);

    assertThat(signal.events).containsExactly("accepted 0 null", "finished NOT_BOUND", "over");
    assertErrno(Errno.EAGAIN, eventfd::read);
  }

  // ---- blocking reads

  @Test
  void blockingReadOfANonEmptyCounterReturnsAtOnce() {
    write(eventfd, 2);

    assertThat(eventfd.read(0)).isEqualTo(2);
  }

  @Test
  void blockingReadTimesOut() {
    assertErrno(Errno.ETIMEDOUT, () -> eventfd.read(0));
    assertErrno(Errno.ETIMEDOUT, () -> eventfd.read(1));
  }

  @ParameterizedTest
  @ValueSource(longs = {30_000_000_000L, Long.MAX_VALUE})
  void blockingReadIsWokenByAWrite(long timeoutNanos) {
    Call<Long> reader = Call.asleep(() -> eventfd.read(timeoutNanos));

    write(eventfd, 9);

    assertThat(reader.get()).isEqualTo(9);
  }

  @Test
  void writeOfZeroWakesNoReaderForGood() {
    Call<Long> reader = Call.asleep(() -> eventfd.read(TestHosts.LONG));

    write(eventfd, 0);
    reader.awaitAsleep();
    write(eventfd, 3);

    assertThat(reader.get()).isEqualTo(3);
  }

  @Test
  void oneWriteSatisfiesOneOfTwoReaders() {
    Call<Long> first = Call.asleep(() -> eventfd.read(TestHosts.LONG));
    Call<Long> second = Call.asleep(() -> eventfd.read(TestHosts.LONG));

    write(eventfd, 3);
    Await.until(() -> first.isDone() || second.isDone());
    write(eventfd, 4);

    assertThat(List.of(first.get(), second.get())).containsExactlyInAnyOrder(3L, 4L);
  }

  @Test
  void interruptDoesNotEndABlockingReadAndIsKept() {
    Call<Boolean> reader =
        Call.asleep(() -> {
          long _ = eventfd.read(TestHosts.LONG);
          return Thread.currentThread().isInterrupted();
        });

    reader.thread().interrupt();
    Await.until(() -> !reader.thread().isInterrupted());
    reader.awaitAsleep();
    write(eventfd, 1);

    assertThat(reader.get()).isTrue();
  }

  @Test
  void cancelEndsBlockedReadsNowAndLater() {
    Call<Long> reader = Call.asleep(() -> eventfd.read(TestHosts.LONG));

    eventfd.cancel();

    assertErrno(Errno.ECANCELED, reader::get);
    assertErrno(Errno.ECANCELED, () -> eventfd.read(TestHosts.LONG));
    assertErrno(Errno.EAGAIN, eventfd::read);
  }

  // ---- the wait queue

  @Test
  void hookingAnEmptyEventfdWakesNobody() {
    Waiter waiter = new Waiter();
    Told pending = new Told();

    eventfd.hook(waiter, pending);

    assertThat(waiter.woken).containsExactly("hooked");
    assertThat(pending.events).isEmpty();
    assertThat(eventfd.hooked()).isSameAs(waiter);
  }

  @Test
  void hookingAnEventfdThatHoldsACountWakesOnceAndKeepsTheCount() {
    write(eventfd, 3);
    Waiter waiter = new Waiter();
    Told pending = new Told();

    eventfd.hook(waiter, pending);

    assertThat(waiter.woken)
        .containsExactly("hooked", "wake " + (PollEvent.POLLIN | PollEvent.POLLOUT));
    assertThat(waiter.signals).containsExactly(pending);
    assertThat(pending.events).containsExactly("accepted 3 waiter");
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(3, 3, 0, 0));
  }

  @Test
  void hookingOnlySaysWhatIsReadyAndWakesNobody() {
    write(eventfd, 3);
    Waiter waiter = new Waiter();

    assertThat(eventfd.hookOnly(waiter, SecondWaiter.REFUSED))
        .isEqualTo(PollEvent.POLLIN | PollEvent.POLLOUT);

    assertThat(waiter.woken).containsExactly("hooked");
    assertThat(eventfd.hooked()).isSameAs(waiter);
  }

  @Test
  void unhookingOnlyLeavesTheCounterAsItIs() {
    write(eventfd, 3);
    Waiter waiter = new Waiter();
    eventfd.hook(waiter, Signal.UNTRACKED);

    assertThat(eventfd.unhookOnly(new Waiter())).isFalse();
    assertThat(eventfd.unhookOnly(waiter)).isTrue();
    assertThat(eventfd.unhookOnly(waiter)).isFalse();

    assertThat(eventfd.hooked()).isNull();
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(3, 3, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5})
  void everyWriteWakesTheHookedWaiterAndIsConsumed(long value) {
    Waiter waiter = new Waiter();
    eventfd.hook(waiter, Signal.UNTRACKED);
    Told signal = new Told();

    eventfd.write(value, signal);

    assertThat(waiter.woken).containsExactly("hooked", "wake " + PollEvent.POLLIN);
    assertThat(waiter.signals).containsExactly(signal);
    assertThat(signal.events).containsExactly("accepted 0 waiter");
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(0, value, value, 0));
  }

  @Test
  void wakeUpTakesOneFromASemaphore() {
    EventFd semaphore = new EventFd(7, 0, true, Probe.NONE);
    semaphore.hook(new Waiter(), Signal.UNTRACKED);

    write(semaphore, 3);

    assertThat(semaphore.counters()).isEqualTo(new EventFd.Counters(2, 3, 1, 0));
  }

  @Test
  void hookedWaiterIsServedBeforeAReader() {
    eventfd.hook(new Waiter(), Signal.UNTRACKED);
    Call<Long> reader = Call.asleep(() -> eventfd.read(TestHosts.LONG));

    write(eventfd, 3);

    reader.awaitAsleep();
    assertThat(eventfd.counters().read()).isZero();
    eventfd.cancel();
    assertErrno(Errno.ECANCELED, reader::get);
  }

  @Test
  void secondWaiterIsRefusedAndChangesNothing() {
    Waiter first = new Waiter();
    eventfd.hook(first, Signal.UNTRACKED);
    Waiter second = new Waiter();
    Told pending = new Told();

    assertThatThrownBy(() -> eventfd.hook(second, pending))
        .hasMessageContaining("efd-7 is bound to vm-2 GSI 5 by irqfd-3")
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EBUSY);
              assertThat(e.facts())
                  .isEqualTo(
                      Map.of("conflict", Map.of("irqfd", "irqfd-3", "vm", "vm-2", "gsi", 5L)));
            });

    assertThat(second.woken).isEmpty();
    assertThat(pending.events).isEmpty();
    assertThat(eventfd.hooked()).isSameAs(first);
  }

  @Test
  void unhookingConsumesTheCounterOnceAndFreesTheEventfd() {
    write(eventfd, 3);
    Waiter waiter = new Waiter();
    eventfd.hook(waiter, new Told());

    assertThat(eventfd.unhook(waiter)).isTrue();

    assertThat(eventfd.hooked()).isNull();
    assertThat(eventfd.counters()).isEqualTo(new EventFd.Counters(0, 3, 3, 0));
    write(eventfd, 2);
    assertThat(waiter.woken).hasSize(2);
    assertThat(eventfd.unhook(waiter)).isFalse();
    assertThat(eventfd.counters().value()).isEqualTo(2);
    eventfd.hook(new Waiter(), new Told());
  }

  @Test
  void unhookingAStrangerChangesNothing() {
    Waiter waiter = new Waiter();
    eventfd.hook(waiter, Signal.UNTRACKED);

    assertThat(eventfd.unhook(new Waiter())).isFalse();

    assertThat(eventfd.hooked()).isSameAs(waiter);
  }

  // ---- release

  @Test
  void releaseWakesTheWaiterWithPollhupOnce() {
    Waiter waiter = new Waiter();
    eventfd.hook(waiter, Signal.UNTRACKED);

    assertThat(eventfd.release()).isSameAs(waiter);

    assertThat(waiter.woken).containsExactly("hooked", "wake " + PollEvent.POLLHUP);
    assertThatThrownBy(eventfd::release).isInstanceOf(IllegalStateException.class);
    assertThat(waiter.woken).hasSize(2);
  }

  @Test
  void releaseWithoutWaiterWakesNobody() {
    assertThat(eventfd.release()).isNull();
  }

  @Test
  void releasedEventfdCannotBeHookedOrWritten() {
    eventfd.release();
    Waiter waiter = new Waiter();

    assertErrno(Errno.EBADF, () -> eventfd.hook(waiter, Signal.UNTRACKED));
    assertThatThrownBy(() -> write(eventfd, 1)).isInstanceOf(IllegalStateException.class);

    assertThat(waiter.woken).isEmpty();
    assertThat(eventfd.hooked()).isNull();
  }

  private static void write(EventFd eventfd, long value) {
    eventfd.write(value, new Told());
  }

  /** A signal that notes what it is told. */
  private static final class Told implements Signal {
    private final List<String> events = new ArrayList<>();

    @Override
    public void accepted(long counter, WaitQueueEntry bound) {
      events.add("accepted " + counter + " " + Objects.toString(bound));
    }

    @Override
    public void dequeued() {
      events.add("dequeued");
    }

    @Override
    public void finished(Outcome outcome, long lockNanos, long totalNanos) {
      events.add("finished " + outcome);
    }

    @Override
    public void over() {
      events.add("over");
    }
  }

  /** A waiter that notes what it is woken with. */
  private static final class Waiter implements WaitQueueEntry {
    private final List<String> woken = new ArrayList<>();
    private final List<Signal> signals = new ArrayList<>();

    @Override
    public void hooked() {
      woken.add("hooked");
    }

    @Override
    public void wake(int events, Signal signal) {
      woken.add("wake " + events);
      signals.add(signal);
    }

    @Override
    public long vmId() {
      return 2;
    }

    @Override
    public long irqfdId() {
      return 3;
    }

    @Override
    public long gsi() {
      return 5;
    }

    @Override
    public String toString() {
      return "waiter";
    }
  }
}
