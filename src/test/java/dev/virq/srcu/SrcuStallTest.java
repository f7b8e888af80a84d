package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Grace periods that wait for long: S13. A limit of 1 ns makes the second look a long wait. */
class SrcuStallTest {
  private static final Duration NO_WAIT = Duration.ZERO;

  private final List<Stall> stalls = new ArrayList<>();
  private final SrcuOptions impatient =
      SrcuOptions.DEFAULT
          .withStallAfter(Duration.ofNanos(1))
          .withListener(
              new SrcuListener() {
                @Override
                public void stalled(Stall stall) {
                  stalls.add(stall);
                }
              });

  @Test
  void s13StallNamesTheReaderOfATrackedDomain() {
    SrcuDomain srcu = new SrcuDomain(impatient.withTracking());
    AtomicReference<Integer> index = new AtomicReference<>();
    CountDownLatch go = new CountDownLatch(1);
    Call<Void> reader = Call.run(() -> readUntil(srcu, index, go));
    reader.awaitAsleep();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    assertThat(stalls).isNotEmpty();
    Stall stall = stalls.getLast();
    assertThat(stall.sequence()).isEqualTo(1);
    assertThat(stall.waitedNanos()).isPositive();
    assertThat(stall.readersOpen()).isEqualTo(1);
    assertThat(stall.poisoned()).isFalse();
    Stall.OpenSection section = stall.readers().getFirst();
    assertThat(stall.readers()).hasSize(1);
    assertThat(section.thread()).isSameAs(reader.thread());
    assertThat(section.alive()).isTrue();
    assertThat(section.index()).isEqualTo(index.get());
    assertThat(section.handOff()).isFalse();
    assertThat(section.openNanos()).isPositive();
    assertThat(section.begunAt()).anyMatch(SrcuStallTest::isReadUntil);
    assertThat(section.now()).anyMatch(SrcuStallTest::isReadUntil);
    go.countDown();
    reader.get();
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
  }

  private static void readUntil(
      SrcuDomain srcu, AtomicReference<Integer> index, CountDownLatch go) {
    index.set(srcu.readLock());
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      srcu.readUnlock(index.get());
    }
  }

  private static boolean isReadUntil(StackTraceElement frame) {
    return frame.getMethodName().equals("readUntil");
  }

  @Test
  void s13SectionOfADeadThreadIsReportedAndNeverResolved() {
    SrcuDomain srcu = new SrcuDomain(impatient.withTracking());
    Call<Void> reader = Call.run(srcu::readLock);
    reader.get();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    Stall.OpenSection section = stalls.getLast().readers().getFirst();
    assertThat(section.alive()).isFalse();
    assertThat(section.now()).isEmpty();
    assertThatThrownBy(srcu::close).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void s13StallOfAPlainDomainCountsTheReaders() {
    SrcuDomain srcu = new SrcuDomain(impatient);
    int one = srcu.readLock();
    int two = srcu.readLock();

    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();

    assertThat(stalls.getLast().readersOpen()).isEqualTo(2);
    assertThat(stalls.getLast().readers()).isEmpty();
    srcu.readUnlock(one);
    srcu.readUnlock(two);
  }

  @Test
  void s13PollingTellsOfAStall() {
    SrcuDomain srcu = new SrcuDomain(impatient);
    int index = srcu.readLock();
    long cookie = srcu.startPoll();

    assertThat(srcu.poll(cookie)).isFalse();

    assertThat(stalls).isNotEmpty();
    srcu.readUnlock(index);
  }

  @Test
  void s13SleepingUpdaterTellsOfAStall() {
    CountDownLatch told = new CountDownLatch(1);
    SrcuDomain srcu =
        new SrcuDomain(
            impatient.withListener(
                new SrcuListener() {
                  @Override
                  public void stalled(Stall stall) {
                    told.countDown();
                  }
                }));
    int index = srcu.readLock();
    Call<Void> updater = Call.run(srcu::synchronize);

    Call.run(
            () -> {
              try {
                told.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })
        .get();

    srcu.readUnlock(index);
    updater.get();
  }

  @Test
  void s13NothingIsToldWhileNoReaderStays() {
    SrcuDomain srcu = new SrcuDomain(impatient);

    for (int round = 0; round < 100; round++) {
      assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    }

    assertThat(stalls).isEmpty();
  }

  @Test
  void s13ListenerThatThrowsHarmsNobody() {
    List<Throwable> uncaught = new ArrayList<>();
    SrcuDomain srcu =
        new SrcuDomain(
            impatient.withListener(
                new SrcuListener() {
                  @Override
                  public void stalled(Stall stall) {
                    throw new IllegalStateException("from the listener");
                  }
                }));
    int index = srcu.readLock();

    Call<Void> updater =
        Call.run(() -> {
          Thread.currentThread().setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
          assertThat(srcu.synchronize(NO_WAIT)).isFalse();
          assertThat(srcu.synchronize(NO_WAIT)).isFalse();
          srcu.readUnlock(index);
          assertThat(srcu.synchronize(NO_WAIT)).isTrue();
        });

    updater.get();
    assertThat(uncaught).isNotEmpty().allMatch(e -> e.getMessage().contains("listener"));
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> SrcuOptions.DEFAULT.withStallAfter(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> SrcuOptions.DEFAULT.withCallbackLimit(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0");
  }
}
