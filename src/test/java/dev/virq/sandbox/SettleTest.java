package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.testing.Asleep;
import dev.virq.testing.Call;
import dev.virq.testing.Systems;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SettleTest {
  private final Kernel kernel = Systems.boot(1);
  private final AtomicLong seq = new AtomicLong();
  private final Settle settle =
      new Settle(List::of, seq::get, new Quota("waiting calls", 2, Errno.EMFILE, null));

  @Test
  void nothingInFlightIsSettledAtOnce() {
    assertThat(settle.awaitSettled(Long.MAX_VALUE, 0)).isEqualTo(Settle.Verdict.MET);
    assertThat(settle.awaitQuiet(0)).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void timeoutOfZeroLooksOnce() {
    CloseOp work = begin(1);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(Settle.Verdict.TIMED_OUT);
    assertThat(settle.awaitOver(work, 0)).isEqualTo(Settle.Verdict.TIMED_OUT);
    assertThat(settle.awaitQuiet(0)).isEqualTo(Settle.Verdict.TIMED_OUT);

    settle.end(work);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(Settle.Verdict.MET);
    assertThat(settle.awaitOver(work, 0)).isEqualTo(Settle.Verdict.MET);
    assertThat(settle.awaitQuiet(0)).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void workAcceptedLaterIsNotWaitedFor() {
    CloseOp early = begin(1);
    CloseOp late = begin(2);
    settle.end(early);

    assertThat(settle.awaitSettled(1, 0)).isEqualTo(Settle.Verdict.MET);
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(Settle.Verdict.TIMED_OUT);

    settle.end(late);
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void workThatEndsOutOfOrderKeepsWhatIsBeforeIt() {
    CloseOp first = begin(1);
    CloseOp second = begin(2);
    CloseOp third = begin(3);

    settle.end(second);
    assertThat(pendingIds()).containsExactly("vm-1", "vm-3");
    assertThat(settle.awaitSettled(2, 0)).isEqualTo(Settle.Verdict.TIMED_OUT);

    settle.end(third);
    assertThat(settle.awaitSettled(1, 0)).isEqualTo(Settle.Verdict.TIMED_OUT);

    settle.end(first);
    assertThat(pendingIds()).isEmpty();
    begin(4);
    assertThat(pendingIds()).containsExactly("vm-4");
  }

  @Test
  void waitingCallIsWokenByTheEnd() {
    CloseOp work = begin(1);
    Call<Settle.Verdict> waiter = Call.asleep(() -> settle.awaitSettled(1, LONG));

    settle.end(work);

    assertThat(waiter.get()).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void waitingCallLooksAgainAtEveryChange() {
    AtomicLong value = new AtomicLong();
    Call<Settle.Verdict> waiter =
        Call.asleep(() -> settle.await(() -> value.get() == 7 ? Settle.Verdict.MET : null, LONG));

    value.set(7);
    settle.changed();

    assertThat(waiter.get()).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void workEndsOnce() {
    CloseOp work = begin(1);
    settle.end(work);

    assertThatThrownBy(() -> settle.end(work)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cancelEndsWaitsNowAndLaterButNotThoseThatAreMet() {
    begin(1);
    Call<Settle.Verdict> waiter = Call.asleep(() -> settle.awaitSettled(1, LONG));

    settle.cancel(new ErrnoException(Errno.ECANCELED, "reset"));

    assertErrno(Errno.ECANCELED, waiter::get);
    assertErrno(Errno.ECANCELED, () -> settle.awaitSettled(1, LONG));
    assertThat(settle.awaitSettled(0, LONG)).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void waitOfTheOneThatTearsDownIsNotCanceled() {
    CloseOp work = begin(1);
    settle.cancel(new ErrnoException(Errno.ECANCELED, "reset"));

    Call<Settle.Verdict> shutdown = Call.asleep(() -> settle.awaitQuiet(LONG));
    settle.end(work);

    assertThat(shutdown.get()).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void callsPastTheLimitOfWaitersAreRefused() {
    CloseOp work = begin(1);
    Call<Settle.Verdict> first = Call.asleep(() -> settle.awaitSettled(1, LONG));
    Call<Settle.Verdict> second = Call.asleep(() -> settle.awaitSettled(1, LONG));

    assertErrno(Errno.EMFILE, () -> settle.awaitSettled(1, LONG));

    settle.end(work);
    first.get();
    second.get();
    assertThat(settle.awaitSettled(1, 0)).isEqualTo(Settle.Verdict.MET);
  }

  @Test
  void interruptDoesNotEndAWaitAndIsKept() {
    CloseOp work = begin(1);
    Call<Boolean> waiter =
        Call.asleep(() -> {
          Settle.Verdict _ = settle.awaitSettled(1, LONG);
          return Thread.currentThread().isInterrupted();
        });

    waiter.thread().interrupt();
    Asleep.until(() -> !waiter.thread().isInterrupted());
    Asleep.await(waiter.thread());
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

  private CloseOp begin(long number) {
    CloseOp work = new CloseOp(kernel, CloseOp.Kind.VM, "vm-" + number, number, 0, true);
    settle.begin(work, () -> seq.set(number));
    assertThat(work.seq()).isEqualTo(number);
    return work;
  }

  private List<String> pendingIds() {
    return settle.pending(Long.MAX_VALUE).stream().map(InFlight.Pending::id).toList();
  }
}
