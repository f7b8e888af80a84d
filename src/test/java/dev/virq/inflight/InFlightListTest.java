package dev.virq.inflight;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Waiters;
import dev.virq.limits.WaitersTotal;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InFlightListTest {
  private final AtomicLong seq = new AtomicLong();
  private final InFlightList settle =
      new InFlightList(List::of, seq::get, () -> 0, new Waiters(2, new WaitersTotal(2)));

  @Test
  void nothingInFlightIsSettledAtOnce() {
    assertThat(settle.awaitSettled(Long.MAX_VALUE, 0)).isEqualTo(InFlightList.Verdict.MET);
    assertThat(settle.awaitQuiet(0)).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void timeoutOfZeroLooksOnce() {
    PendingClose work = begin(1);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);
    assertThat(settle.awaitOver(work, 0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);
    assertThat(settle.awaitQuiet(0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);

    settle.end(work);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(InFlightList.Verdict.MET);
    assertThat(settle.awaitOver(work, 0)).isEqualTo(InFlightList.Verdict.MET);
    assertThat(settle.awaitQuiet(0)).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void workAcceptedLaterIsNotWaitedFor() {
    PendingClose early = begin(1);
    PendingClose late = begin(2);
    settle.end(early);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(InFlightList.Verdict.MET);
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);

    settle.end(late);
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void workThatEndsOutOfOrderKeepsWhatIsBeforeIt() {
    PendingClose first = begin(1);
    PendingClose second = begin(2);
    PendingClose third = begin(3);

    settle.end(second);
    assertThat(pendingIds()).containsExactly("vm-1", "vm-3");
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);

    settle.end(third);
    assertThat(settle.awaitSettled(1, 0)).isEqualTo(InFlightList.Verdict.TIMED_OUT);

    settle.end(first);
    assertThat(pendingIds()).isEmpty();
    begin(4);
    assertThat(pendingIds()).containsExactly("vm-4");
  }

  @Test
  void waitingCallIsWokenByTheEnd() {
    PendingClose work = begin(1);
    Call<InFlightList.Verdict> waiter = Call.asleep(() -> settle.awaitSettled(1, LONG));

    settle.end(work);

    assertThat(waiter.get()).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void waitingCallLooksAgainAtEveryChange() {
    AtomicLong value = new AtomicLong();
    Call<InFlightList.Verdict> waiter =
        Call.asleep(
            () -> settle.await(() -> value.get() == 7 ? InFlightList.Verdict.MET : null, LONG));

    value.set(7);
    settle.changed();

    assertThat(waiter.get()).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void workEndsOnce() {
    PendingClose work = begin(1);
    settle.end(work);

    assertThatThrownBy(() -> settle.end(work)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cancelEndsWaitsNowAndLaterButNotThoseThatAreMet() {
    begin(1);
    Call<InFlightList.Verdict> waiter = Call.asleep(() -> settle.awaitSettled(1, LONG));

    settle.cancel(new ErrnoException(Errno.ECANCELED, "reset"));

    assertErrno(Errno.ECANCELED, waiter::get);
    assertErrno(Errno.ECANCELED, () -> settle.awaitSettled(1, LONG));
    assertThat(settle.awaitSettled(0, LONG)).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void waitOfTheOneThatTearsDownIsNotCanceled() {
    PendingClose work = begin(1);
    settle.cancel(new ErrnoException(Errno.ECANCELED, "reset"));

    Call<InFlightList.Verdict> shutdown = Call.asleep(() -> settle.awaitQuiet(LONG));
    settle.end(work);

    assertThat(shutdown.get()).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void callsPastTheLimitOfWaitersAreRefused() {
    PendingClose work = begin(1);
    Call<InFlightList.Verdict> first = Call.asleep(() -> settle.awaitSettled(1, LONG));
    Call<InFlightList.Verdict> second = Call.asleep(() -> settle.awaitSettled(1, LONG));

    assertErrno(Errno.EMFILE, () -> settle.awaitSettled(1, LONG));

    settle.end(work);
    first.get();
    second.get();
    assertThat(settle.awaitSettled(1, 0)).isEqualTo(InFlightList.Verdict.MET);
  }

  @Test
  void interruptDoesNotEndAWaitAndIsKept() {
    PendingClose work = begin(1);
    Call<Boolean> waiter =
        Call.asleep(() -> {
          InFlightList.Verdict _ = settle.awaitSettled(1, LONG);
          return Thread.currentThread().isInterrupted();
        });

    waiter.thread().interrupt();
    Await.until(() -> !waiter.thread().isInterrupted());
    waiter.awaitAsleep();
    settle.end(work);

    assertThat(waiter.get()).isTrue();
  }

  @Test
  void firstTwentyPendingAreListedOldestFirst() {
    IntStream.rangeClosed(1, 30).forEach(this::begin);

    assertThat(pendingIds())
        .isEqualTo(IntStream.rangeClosed(1, 20).mapToObj(i -> "vm-" + i).toList());
    assertThat(settle.pending(2)).hasSize(2);
  }

  private PendingClose begin(long number) {
    PendingClose work = PendingClose.ofVm(settle, number);
    seq.set(number);
    settle.begin(work);
    assertThat(work.seq()).isEqualTo(number);
    return work;
  }

  private List<String> pendingIds() {
    return settle.pending(Long.MAX_VALUE).stream().map(InFlight.Pending::id).toList();
  }
}
