package dev.virq.breakpoint;

import static dev.virq.trace.Tracepoint.BREAKPOINT_EXPIRED;
import static dev.virq.trace.Tracepoint.BREAKPOINT_PARKED;
import static dev.virq.trace.Tracepoint.BREAKPOINT_RELEASED;
import static dev.virq.trace.Tracepoint.INJECT_DEREFERENCED;
import static dev.virq.trace.Tracepoint.INJECT_ENTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.limits.Budget;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.trace.EndCause;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BreakpointsTest {
  private static final Subject FIRST = new Objects(1, 11, 21, 5);
  private static final Subject SECOND = new Objects(2, 12, 22, 6);

  private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
  private final AtomicInteger sleeps = new AtomicInteger();
  private final AtomicInteger anyChanges = new AtomicInteger();
  private final Breakpoints breakpoints =
      new Breakpoints(
          wait -> {
            sleeps.incrementAndGet();
            wait.run();
          },
          () -> 1_000,
          Budget.unbounded(),
          new Totals(new Quota("objects", 0, Errno.ENFILE, null)),
          (event, subject, breakpoint) -> changes.add(new Change(event, subject, breakpoint)),
          anyChanges::incrementAndGet);

  @AfterEach
  void letEverybodyGo() {
    breakpoints.close();
  }

  @Test
  void threadIsHeldUntilReleased() {
    Breakpoint set = breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));
    assertThat(set.state()).isEqualTo(Breakpoint.State.ARMED);

    Call<Object> thread = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());
    assertThat(find(set).state()).isEqualTo(Breakpoint.State.PARKED);
    assertThat(breakpoints.parked()).hasSize(1);

    Breakpoint after = breakpoints.release(set.id(), 1);

    awaitChange(BREAKPOINT_RELEASED, FIRST, set.id());
    thread.get();
    assertThat(after.state()).isEqualTo(Breakpoint.State.DONE);
    assertThat(after.hitCount()).isEqualTo(1);
    assertThat(breakpoints.parked()).isEmpty();
    assertThat(sleeps).hasValue(1);
  }

  @Test
  void heldThreadIsDescribed() {
    Breakpoint set = breakpoints.set(Breakpoint.Spec.hold(INJECT_DEREFERENCED));
    Call<Object> thread =
        Call.start(() -> {
          Thread.currentThread().setName("cpu-0");
          breakpoints.hit(INJECT_DEREFERENCED, FIRST, 1, EndCause.HANGUP);
          return "";
        });
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());

    assertThat(find(set).parked())
        .containsExactly(
            new Breakpoint.Parked(
                set.id(), INJECT_DEREFERENCED, true, "cpu-0", FIRST, EndCause.HANGUP, 1, 1_000));
    assertThat(find(set).parked().getFirst().holds()).containsExactly("srcu-read#1");

    breakpoints.release(set.id(), 1);
    thread.get();
  }

  @Test
  void otherPointsAreNotStoppedAt() {
    breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));

    breakpoints.hit(INJECT_DEREFERENCED, FIRST);

    assertThat(changes).isEmpty();
  }

  @Test
  void skippedThreadsPassAndTheNextHitsAreStopped() {
    Breakpoint set = breakpoints.set(spec(Breakpoint.Match.ANY, 2, 2));

    breakpoints.hit(INJECT_ENTER, FIRST);
    breakpoints.hit(INJECT_ENTER, FIRST);
    assertThat(changes).isEmpty();
    Call<Object> third = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());
    Call<Object> fourth = pass(INJECT_ENTER, SECOND);
    awaitChange(BREAKPOINT_PARKED, SECOND, set.id());
    breakpoints.hit(INJECT_ENTER, FIRST);

    assertThat(find(set).hitCount()).isEqualTo(2);
    assertThat(changes).isEmpty();
    breakpoints.release(set.id(), 2);
    third.get();
    fourth.get();
  }

  @Test
  void releaseLetsSoManyGoTheLongestStoppedFirst() {
    Breakpoint set = breakpoints.set(spec(Breakpoint.Match.ANY, 0, 4));
    Call<Object> first = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());
    Call<Object> second = pass(INJECT_ENTER, SECOND);
    awaitChange(BREAKPOINT_PARKED, SECOND, set.id());

    Breakpoint after = breakpoints.release(set.id(), 1);

    assertThat(after.state()).isEqualTo(Breakpoint.State.PARKED);
    assertThat(after.parked()).extracting(Breakpoint.Parked::subject).containsExactly(SECOND);
    awaitChange(BREAKPOINT_RELEASED, FIRST, set.id());
    first.get();
    second.awaitAsleep();
    assertThat(breakpoints.capacity()).isEqualTo(3);

    assertThat(breakpoints.release(set.id(), 5).state()).isEqualTo(Breakpoint.State.ARMED);
    second.get();
    assertThat(breakpoints.capacity()).isEqualTo(2);
  }

  @Test
  void onlyMatchingThreadsAreStoppedAndOthersAreNotCounted() {
    for (Breakpoint.Match match :
        List.of(
            new Breakpoint.Match(1, 0, 0, -1),
            new Breakpoint.Match(0, 11, 0, -1),
            new Breakpoint.Match(0, 0, 21, -1),
            new Breakpoint.Match(0, 0, 0, 5),
            new Breakpoint.Match(1, 11, 21, 5))) {
      Breakpoint set = breakpoints.set(spec(match, 0, 1));

      breakpoints.hit(INJECT_ENTER, SECOND);
      assertThat(changes).isEmpty();
      Call<Object> thread = pass(INJECT_ENTER, FIRST);
      awaitChange(BREAKPOINT_PARKED, FIRST, set.id());

      breakpoints.remove(set.id());
      awaitChange(BREAKPOINT_RELEASED, FIRST, set.id());
      thread.get();
    }
  }

  @Test
  void lineZeroIsALineAndNotAny() {
    breakpoints.set(spec(new Breakpoint.Match(0, 0, 0, 0), 0, 1));

    breakpoints.hit(INJECT_ENTER, FIRST);

    assertThat(changes).isEmpty();
  }

  @Test
  void removalLetsThreadsGoAndTellsWhatItWas() {
    Breakpoint set = breakpoints.set(spec(Breakpoint.Match.ANY, 0, 2));
    Call<Object> thread = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());

    Breakpoint before = breakpoints.remove(set.id());

    awaitChange(BREAKPOINT_RELEASED, FIRST, set.id());
    thread.get();
    assertThat(before.state()).isEqualTo(Breakpoint.State.PARKED);
    assertThat(breakpoints.list()).isEmpty();
    assertThat(breakpoints.find(set.id())).isNull();
    assertThat(breakpoints.remove(set.id())).isNull();
    assertThat(breakpoints.release(set.id(), 1)).isNull();
    breakpoints.hit(INJECT_ENTER, FIRST);
    assertThat(changes).isEmpty();
  }

  @Test
  void firstAndLastBreakpointAreTold() {
    Breakpoint first = breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));
    Breakpoint second = breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));
    assertThat(breakpoints.isAny()).isTrue();
    assertThat(anyChanges).hasValue(1);

    breakpoints.remove(first.id());
    assertThat(anyChanges).hasValue(1);
    breakpoints.remove(second.id());
    assertThat(breakpoints.isAny()).isFalse();
    assertThat(anyChanges).hasValue(2);
  }

  @Test
  void numbersAreNotUsedAgain() {
    Breakpoint first = breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));
    breakpoints.remove(first.id());

    assertThat(breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER)).id()).isEqualTo(first.id() + 1);
  }

  @Test
  void disarmingLetsEverybodyGoAndKeepsTheBreakpointsListed() {
    Breakpoint set = breakpoints.set(spec(Breakpoint.Match.ANY, 0, 3));
    Call<Object> thread = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());

    breakpoints.disarm();

    awaitChange(BREAKPOINT_RELEASED, FIRST, set.id());
    thread.get();
    assertThat(find(set).state()).isEqualTo(Breakpoint.State.DONE);
    assertThat(breakpoints.capacity()).isZero();
    breakpoints.hit(INJECT_ENTER, FIRST);
    assertThat(changes).isEmpty();
  }

  @Test
  void closedBreakpointsStopNobodyAnyMore() {
    breakpoints.close();
    breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));

    breakpoints.hit(INJECT_ENTER, FIRST);

    assertThat(changes).isEmpty();
  }

  @Test
  void holdThatNobodyEndsExpires() {
    Breakpoint set =
        breakpoints.set(
            new Breakpoint.Spec(
                INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.HOLD, 0, 0, 1, 1));

    Call<Object> thread = pass(INJECT_ENTER, FIRST);

    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());
    awaitChange(BREAKPOINT_EXPIRED, FIRST, set.id());
    thread.get();
    assertThat(find(set).state()).isEqualTo(Breakpoint.State.EXPIRED);
    assertThat(breakpoints.parked()).isEmpty();
    assertThat(breakpoints.release(set.id(), 1).state()).isEqualTo(Breakpoint.State.EXPIRED);
  }

  @Test
  void delayedThreadGoesOnByItselfAndIsNotHeld() {
    Breakpoint delay = breakpoints.set(delay(1));

    Call<Object> thread = pass(INJECT_ENTER, FIRST);

    awaitChange(BREAKPOINT_PARKED, FIRST, delay.id());
    awaitChange(BREAKPOINT_RELEASED, FIRST, delay.id());
    thread.get();
    assertThat(find(delay).state()).isEqualTo(Breakpoint.State.DONE);
  }

  @Test
  void delayedThreadIsNotHeldAndCanBeReleasedBeforeItsTime() {
    Breakpoint delay = breakpoints.set(delay(TestHosts.LONG * 100));
    Call<Object> thread = pass(INJECT_ENTER, FIRST);
    awaitChange(BREAKPOINT_PARKED, FIRST, delay.id());

    assertThat(find(delay).parked()).extracting(Breakpoint.Parked::held).containsExactly(false);

    breakpoints.release(delay.id(), 1);
    thread.get();
  }

  @Test
  void interruptDoesNotEndAHoldAndIsKept() {
    Breakpoint set = breakpoints.set(Breakpoint.Spec.hold(INJECT_ENTER));
    Call<Boolean> thread =
        Call.start(() -> {
          breakpoints.hit(INJECT_ENTER, FIRST);
          return Thread.currentThread().isInterrupted();
        });
    awaitChange(BREAKPOINT_PARKED, FIRST, set.id());

    thread.awaitAsleep();
    thread.thread().interrupt();
    Await.until(() -> !thread.thread().isInterrupted());
    thread.awaitAsleep();
    assertThat(breakpoints.parked()).hasSize(1);
    breakpoints.release(set.id(), 1);

    assertThat(thread.get()).isTrue();
  }

  @Test
  void breakpointUnderALockIsRefused() {
    assertThatThrownBy(() -> breakpoints.set(Breakpoint.Spec.hold(Tracepoint.INJECT_MUTEX)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(breakpoints.list()).isEmpty();
  }

  private Call<Object> pass(Tracepoint point, Subject subject) {
    return Call.start(() -> {
      breakpoints.hit(point, subject);
      return point;
    });
  }

  private void awaitChange(Tracepoint event, Subject subject, long breakpoint) {
    try {
      assertThat(changes.poll(TestHosts.LONG, TimeUnit.NANOSECONDS))
          .isEqualTo(new Change(event, subject, breakpoint));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Breakpoint find(Breakpoint breakpoint) {
    return breakpoints.find(breakpoint.id());
  }

  private static Breakpoint.Spec spec(Breakpoint.Match match, int skip, int hits) {
    return new Breakpoint.Spec(
        INJECT_ENTER, match, Breakpoint.Action.HOLD, 0, skip, hits, TestHosts.LONG);
  }

  private static Breakpoint.Spec delay(long nanos) {
    return new Breakpoint.Spec(
        INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.DELAY, nanos, 0, 1, TestHosts.LONG);
  }

  private record Change(Tracepoint event, Subject subject, long breakpoint) {}

  private record Objects(long vmId, long irqfdId, long eventfdId, long gsi) implements Subject {}
}
