package dev.virq.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.limits.Budget;
import dev.virq.testing.Await;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceBufferTest {
  private final AtomicLong clock = new AtomicLong(1_000);
  private final AtomicLong nanos = new AtomicLong(100);
  private final TraceBuffer buffer = new TraceBuffer(64, clock::get);

  @Test
  void emptyLogHasNoEvents() {
    assertThat(buffer.seq()).isZero();
    assertThat(buffer.after(0, 10)).isEqualTo(new TraceBuffer.Page(List.of(), 0));
  }

  @Test
  void eventKeepsWhatItsReaderNeeds() {
    clock.set(1_234);
    long thread = Thread.currentThread().threadId();

    buffer.hit(Tracepoint.SYNC_END, new Objects(1, 2, 3, 4), 99, EndCause.HANGUP);
    buffer.hit(Tracepoint.VM_OPENED, Subject.NONE);

    assertThat(buffer.after(0, 10).events())
        .containsExactly(
            new TraceEvent(
                1, 234_000_000, Tracepoint.SYNC_END, 1, 2, 3, 4, 99, 0, "HANGUP", null, thread),
            new TraceEvent(
                2, 234_000_000, Tracepoint.VM_OPENED, 0, 0, 0, -1, 0, 0, null, null, thread));
    assertThat(buffer.beganMillis()).isEqualTo(1_000);
  }

  @Test
  void timeThatASubjectHasReadIsTheEventsUnlessALaterOneCameFirst() {
    TraceBuffer log = new TraceBuffer(16, Budget.unbounded(), nanos::get, clock::get, null);
    nanos.set(300);
    log.hit(Tracepoint.EVENTFD_SIGNALLED, new At(250));
    log.hit(Tracepoint.EVENTFD_SIGNALLED, new At(240));
    log.hit(Tracepoint.VM_OPENED, Subject.NONE);
    log.hit(Tracepoint.EVENTFD_SIGNALLED, new At(299));

    assertThat(log.after(0, 10).events())
        .extracting(TraceEvent::nanos)
        .containsExactly(150L, 150L, 200L, 200L);
  }

  private record At(long nanos) implements Subject {}

  @Test
  void onlyTheWordOfADetailIsKept() {
    WeakReference<Detail> detail = recordWithDetail();

    assertThat(buffer.after(0, 1).events().getFirst().detail()).isEqualTo("WORD");
    Await.until(() -> {
      System.gc();
      return detail.refersTo(null);
    });
  }

  private WeakReference<Detail> recordWithDetail() {
    Detail detail =
        new Detail() {
          @Override
          public String label() {
            return "WORD";
          }
        };
    buffer.hit(Tracepoint.VM_OPENED, Subject.NONE, 0, detail);
    return new WeakReference<>(detail);
  }

  @Test
  void tracepointsWithoutEventTypeAreLeftOut() {
    buffer.hit(Tracepoint.INJECT_ENTER, Subject.NONE);

    assertThat(Tracepoint.INJECT_ENTER.eventType()).isNull();
    assertThat(buffer.seq()).isZero();
  }

  @Test
  void whatIsForWatchersIsRecordedOnlyWhileSomebodyLooks() {
    AtomicBoolean breakpoint = new AtomicBoolean();
    Probes log = new Probes(List.of(buffer), () -> buffer.isWatched() || breakpoint.get());
    buffer.onWatch(log::look);

    log.hit(Tracepoint.PUT_VM, Subject.NONE);
    assertThat(buffer.seq()).isZero();

    breakpoint.set(true);
    log.look();
    log.hit(Tracepoint.PUT_VM, Subject.NONE);
    breakpoint.set(false);
    log.look();
    buffer.watch();
    log.hit(Tracepoint.PUT_VM, Subject.NONE);
    buffer.unwatch();
    log.hit(Tracepoint.PUT_VM, Subject.NONE);
    assertThat(buffer.seq()).isEqualTo(2);

    log.hit(Tracepoint.VM_OPENED, Subject.NONE);
    assertThat(buffer.seq()).isEqualTo(3);
  }

  @Test
  void signalOfAnEventIsThatOfItsSubjectOrOfItsDetail() {
    Subject subject =
        new Subject() {
          @Override
          public long signalId() {
            return 7;
          }
        };
    Detail detail =
        new Detail() {
          @Override
          public long signalId() {
            return 8;
          }
        };

    buffer.hit(Tracepoint.SIGNAL_FINISHED, subject, 0, Outcome.INJECTED);
    buffer.hit(Tracepoint.INJECT_LOCKED, Subject.NONE, 0, detail);

    assertThat(buffer.after(0, 10).events()).extracting(TraceEvent::signal).containsExactly(7L, 8L);
  }

  @Test
  void readerWaitsForTheNextEventAndForTheEnd() {
    record(3);
    assertThat(buffer.nextAfter(2)).isNull();

    CountDownLatch next = buffer.nextAfter(3);
    assertThat(next).isNotNull();
    assertThat(buffer.nextAfter(3)).as("one for all readers").isSameAs(next);
    assertThat(next.getCount()).isOne();
    record(1);
    assertThat(next.getCount()).isZero();

    CountDownLatch end = buffer.nextAfter(4);
    assertThat(end).isNotNull();
    buffer.close();
    assertThat(end.getCount()).isZero();
    assertThat(buffer.nextAfter(4)).isNull();
    assertThat(buffer.isClosed()).isTrue();
  }

  @Test
  void oldestIsTheFirstThatIsKept() {
    assertThat(buffer.oldest()).isOne();
    record(200);
    assertThat(buffer.oldest()).isEqualTo(137);
  }

  @Test
  void readingGoesOnAfterTheLastNumberKnown() {
    record(10);

    assertThat(seqs(buffer.after(0, 4))).containsExactly(1L, 2L, 3L, 4L);
    assertThat(seqs(buffer.after(4, 4))).containsExactly(5L, 6L, 7L, 8L);
    assertThat(seqs(buffer.after(8, 4))).containsExactly(9L, 10L);
    assertThat(seqs(buffer.after(10, 4))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 16, 17, 31, 32, 33, 63, 64})
  void growthLosesNothing(int events) {
    record(events);

    TraceBuffer.Page page = buffer.after(0, 1_000);

    assertThat(page.lost()).isZero();
    assertThat(seqs(page)).isEqualTo(LongStream.rangeClosed(1, events).boxed().toList());
    assertThat(values(page)).isEqualTo(LongStream.rangeClosed(1, events).boxed().toList());
  }

  @Test
  void pastTheBoundTheOldestAreOverwrittenAndReportedLost() {
    record(200);

    TraceBuffer.Page all = buffer.after(0, 1_000);
    assertThat(all.lost()).isEqualTo(136);
    assertThat(seqs(all)).isEqualTo(LongStream.rangeClosed(137, 200).boxed().toList());
    assertThat(values(all)).isEqualTo(LongStream.rangeClosed(137, 200).boxed().toList());
    assertThat(buffer.after(100, 1_000).lost()).isEqualTo(36);
    assertThat(buffer.after(136, 1_000).lost()).isZero();
    assertThat(buffer.after(150, 2).lost()).isZero();
    assertThat(seqs(buffer.after(150, 2))).containsExactly(151L, 152L);
  }

  @Test
  void boundIsRoundedUpToAPowerOfTwo() {
    TraceBuffer odd = new TraceBuffer(65, clock::get);
    for (int i = 0; i < 128; i++) {
      odd.hit(Tracepoint.VM_OPENED, Subject.NONE);
    }
    assertThat(odd.after(0, 1_000).lost()).isZero();

    odd.hit(Tracepoint.VM_OPENED, Subject.NONE);

    assertThat(odd.after(0, 1_000).lost()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 1_000, Long.MAX_VALUE - 1, Long.MAX_VALUE})
  void readingAfterANumberThatIsNotThereYetFindsNothing(long after) {
    record(10);

    assertThat(buffer.after(after, 1_000)).isEqualTo(new TraceBuffer.Page(List.of(), 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void readingAfterANegativeNumberFindsAll(long after) {
    record(3);

    assertThat(seqs(buffer.after(after, 1_000))).containsExactly(1L, 2L, 3L);
    assertThat(buffer.after(after, 1_000).lost()).isZero();
  }

  private void record(int events) {
    for (int i = 1; i <= events; i++) {
      buffer.hit(Tracepoint.VM_OPENED, Subject.NONE, i, Detail.NONE);
    }
  }

  private static List<Long> seqs(TraceBuffer.Page page) {
    return page.events().stream().map(TraceEvent::seq).toList();
  }

  private static List<Long> values(TraceBuffer.Page page) {
    return page.events().stream().map(TraceEvent::value).toList();
  }

  private record Objects(long vmId, long irqfdId, long eventfdId, long gsi) implements Subject {}
}
