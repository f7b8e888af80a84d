package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The end of a domain: S11. */
class SrcuCloseTest {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final SrcuDomain srcu = new SrcuDomain();

  @Test
  void s11ClosedDomainRefusesEverythingButItsObservers() {
    int index = srcu.readLock();
    srcu.readUnlock(index);
    long cookie = srcu.getState();
    GracePeriod _ = srcu.synchronize();

    srcu.close();
    srcu.close();

    assertThat(srcu.isClosed()).isTrue();
    Map<String, ThrowingCallable> calls =
        Map.ofEntries(
            Map.entry("readLock", srcu::readLock),
            Map.entry("read", srcu::read),
            Map.entry("downRead", srcu::downRead),
            Map.entry("readUnlock", () -> srcu.readUnlock(index)),
            Map.entry("upRead", () -> srcu.upRead(index)),
            Map.entry("synchronize", srcu::synchronize),
            Map.entry("synchronize(flipped)", () -> srcu.synchronize(() -> {})),
            Map.entry(
                "synchronize(flipped, sleeping)", () -> srcu.synchronize(() -> {}, Runnable::run)),
            Map.entry("synchronize(limit)", () -> srcu.synchronize(NO_WAIT)),
            Map.entry("synchronizeExpedited", srcu::synchronizeExpedited),
            Map.entry("call", () -> srcu.call(() -> {})),
            Map.entry("barrier", srcu::barrier),
            Map.entry("getState", srcu::getState),
            Map.entry("startPoll", srcu::startPoll),
            Map.entry("poll", () -> srcu.poll(cookie)));
    calls.forEach((name, call) ->
        assertThatThrownBy(call).as(name).isInstanceOf(IllegalStateException.class));
    assertThat(srcu.readersActive()).isZero();
    assertThat(srcu.gracePeriods()).isEqualTo(1);
    assertThat(srcu.callbacksPending()).isZero();
    assertThat(srcu.callbacksFailed()).isZero();
    assertThat(srcu.isPoisoned()).isFalse();
  }

  @Test
  void s11CloseWithAnOpenSectionIsRefusedAndTheDomainStaysUsable() {
    int index = srcu.readLock();

    assertThatThrownBy(srcu::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 read section(s) open");

    assertThat(srcu.isClosed()).isFalse();
    srcu.readUnlock(srcu.readLock());
    srcu.readUnlock(index);
    assertThat(srcu.synchronize().sequence()).isEqualTo(1);
    srcu.close();
    assertThat(srcu.isClosed()).isTrue();
  }

  @Test
  void s11CloseIsRefusedWhicheverRankTheSectionIsCountedIn() {
    GracePeriod _ = srcu.synchronize();
    ReadSection section = srcu.read();
    assertThat(section.index()).isEqualTo(1);

    assertThatThrownBy(srcu::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 read section(s) open");

    section.close();
    srcu.close();
  }

  @Test
  void s11CloseDuringAGracePeriodIsRefused() {
    int index = srcu.readLock();
    Call<Void> updater = Call.run(srcu::synchronize);
    updater.awaitAsleepIn(srcu);

    assertThatThrownBy(srcu::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("grace period");

    srcu.readUnlock(index);
    updater.get();
    srcu.close();
  }

  @Test
  void s11CloseBetweenTheScansIsRefused() {
    AtomicReference<Throwable> refused = new AtomicReference<>();

    GracePeriod grace =
        srcu.synchronize(() -> {
          try {
            srcu.close();
          } catch (IllegalStateException e) {
            refused.set(e);
          }
        });

    assertThat(refused.get()).hasMessageContaining("closed during a grace period");
    assertThat(grace.sequence()).isEqualTo(1);
    assertThat(srcu.isClosed()).isFalse();
    srcu.close();
  }

  @Test
  void s11CloseWithAGracePeriodPromisedIsRefused() {
    int index = srcu.readLock();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    long _ = srcu.startPoll();

    assertThatThrownBy(srcu::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("grace period");

    srcu.readUnlock(index);
    srcu.close();
    assertThat(srcu.gracePeriods()).isEqualTo(2);
  }

  @Test
  void s11CloseWithACallbackLeftIsRefused() {
    AtomicReference<Runnable> work = new AtomicReference<>();
    SrcuDomain domain = new SrcuDomain(SrcuOptions.DEFAULT.withCallbackExecutor(work::set));
    domain.call(() -> {});

    assertThatThrownBy(domain::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 callback");

    work.get().run();
    domain.close();
  }

  @Test
  void s11CloseFromACallbackIsRefused() {
    AtomicReference<Throwable> refused = new AtomicReference<>();
    srcu.call(() -> {
      try {
        srcu.close();
      } catch (IllegalStateException e) {
        refused.set(e);
      }
    });

    srcu.barrier();

    assertThat(refused.get()).hasMessageContaining("callback");
    srcu.close();
  }

  @Test
  void s11EternalDomainIsNeverClosed() {
    SrcuDomain eternal = SrcuDomain.eternal();

    assertThatThrownBy(eternal::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("eternal");

    eternal.readUnlock(eternal.readLock());
    assertThat(eternal.synchronize(NO_WAIT)).isTrue();
  }

  @Test
  void s11ReaderThatComesDuringACloseDefeatsIt() {
    AtomicInteger index = new AtomicInteger(-1);
    srcu.stripes =
        Stripe.array(
            HookedStripe.afterRead(rank -> {
              if (index.get() < 0) {
                index.set(srcu.readLock());
              }
            }));

    assertThatThrownBy(srcu::close).isInstanceOf(IllegalStateException.class);

    assertThat(srcu.isClosed()).isFalse();
    srcu.readUnlock(index.get());
    srcu.close();
  }

  @Test
  void s11ReaderThatComesAfterTheCountsWereReadDefeatsAClose() {
    AtomicInteger looks = new AtomicInteger();
    AtomicInteger index = new AtomicInteger(-1);
    srcu.stripes =
        Stripe.array(
            HookedStripe.afterRead(rank -> {
              // Ends and begins of both ranks: after the fourth nothing is looked at any more.
              if (looks.incrementAndGet() == 4) {
                index.set(srcu.readLock());
              }
            }));

    assertThatThrownBy(srcu::close).isInstanceOf(IllegalStateException.class);

    assertThat(index).hasValue(0);
    assertThat(srcu.isClosed()).isFalse();
    srcu.readUnlock(index.get());
    srcu.close();
    assertThat(srcu.isClosed()).isTrue();
  }

  @Test
  void s11ReaderRefusedByAClosedDomainLeavesNoSectionOpen() {
    srcu.close();

    assertThatThrownBy(srcu::readLock).isInstanceOf(IllegalStateException.class);

    assertThat(srcu.readersActive()).isZero();
    assertThat(srcu.begun(0)).isEqualTo(srcu.ended(0));
  }
}
