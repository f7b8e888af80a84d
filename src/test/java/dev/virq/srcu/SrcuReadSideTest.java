package dev.virq.srcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.testing.Call;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jol.info.GraphLayout;

/** Sections: S1, S2, the growth of a domain, and what a tracked domain finds. */
class SrcuReadSideTest {
  private static final Duration NO_WAIT = Duration.ZERO;
  private static final long MANY_ROUNDS = 20_000_000;

  private final SrcuDomain srcu = new SrcuDomain();

  // ---- S1

  @Test
  void ranksTellWhatWasBegunAndEndedInEach() {
    int index = srcu.readLock();
    assertThat(srcu.ranks()).isEqualTo(new SrcuDomain.Ranks(0, List.of(1L, 0L), List.of(0L, 0L)));
    srcu.readUnlock(index);
    var _ = srcu.synchronize();
    int flipped = srcu.readLock();

    assertThat(srcu.ranks()).isEqualTo(new SrcuDomain.Ranks(1, List.of(1L, 1L), List.of(1L, 0L)));
    srcu.readUnlock(flipped);
  }

  @Test
  void s1SectionsNestAndOverlap() {
    int outer = srcu.readLock();
    int inner = srcu.readLock();
    assertThat(srcu.readersActive()).isEqualTo(2);
    srcu.readUnlock(inner);
    assertThat(srcu.readersActive()).isEqualTo(1);

    ReadSection overlapping = srcu.read();
    srcu.readUnlock(outer);
    assertThat(srcu.readersActive()).isEqualTo(1);
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    overlapping.close();

    assertThat(srcu.readersActive()).isZero();
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    assertThat(srcu.synchronize().readersAtStart()).isZero();
  }

  @Test
  void s1EndIsCountedInTheRankOfItsBegin() {
    int index = srcu.readLock();
    srcu.flip();

    srcu.readUnlock(index);

    assertThat(srcu.ended(index)).isEqualTo(1);
    assertThat(srcu.ended(index ^ 1)).isZero();
  }

  @Test
  void s1AnotherThreadMayEndTheSection() {
    int index = srcu.readLock();
    int handedOver = srcu.downRead();
    ReadSection section = srcu.read();
    Call<GracePeriod> updater = Call.asleep(srcu::synchronize);

    Call.run(
            () -> {
              srcu.readUnlock(index);
              srcu.upRead(handedOver);
              section.close();
              SrcuDomain.fullBarrierAfterUnlock();
            })
        .get();

    assertThat(updater.get().readersAtStart()).isEqualTo(3);
    assertThat(srcu.readersActive()).isZero();
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
  }

  @Test
  void s1SectionAsAnObjectEndsOnceAlsoWhenItsBodyThrows() {
    ReadSection other = srcu.read();
    ReadSection open = srcu.read();
    assertThatThrownBy(
            () -> {
              try (open) {
                throw new IllegalStateException("body");
              }
            })
        .hasMessage("body");
    assertThat(srcu.readersActive()).isEqualTo(1);

    assertThatThrownBy(open::close).isInstanceOf(IllegalStateException.class);

    assertThat(srcu.readersActive()).isEqualTo(1);
    other.close();
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    assertThat(srcu.isPoisoned()).isFalse();
  }

  @Test
  void s1SectionAllocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // The virtual machine allocates a little on this thread, once, while it links and compiles.
    for (int batch = 0; batch < 50; batch++) {
      long measuring = threads.getCurrentThreadAllocatedBytes();
      long before = threads.getCurrentThreadAllocatedBytes();
      sections(10_000);
      long after = threads.getCurrentThreadAllocatedBytes();
      least = Math.min(least, after - before - (before - measuring));
    }

    assertThat(least).isZero();
  }

  private void sections(int count) {
    for (int i = 0; i < count; i++) {
      srcu.readUnlock(srcu.readLock());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void s1NoCountIsLostWhereReadersMeet(int rank) {
    HookedStripe shared = HookedStripe.whereReadersMeet();

    assertThat(shared.begin(rank)).as("has met another").isTrue();

    assertThat(shared.begun(rank)).isEqualTo(2);
    assertThat(shared.begun(rank ^ 1)).isZero();
  }

  @Test
  void s1NoCountIsLostBetweenThreads() {
    Stripe shared = new Stripe();
    AtomicInteger meetings = new AtomicInteger();
    // Until it is known that they counted at the same moment; a busy machine may never let them.
    LongSupplier count =
        () -> {
          long rounds = 0;
          while (meetings.get() < 1_000 && rounds < MANY_ROUNDS) {
            if (shared.begin(1)) {
              meetings.incrementAndGet();
            }
            shared.end(1);
            rounds++;
          }
          return rounds;
        };

    AtomicLong total = new AtomicLong();
    Call<Void> one = Call.run(() -> total.addAndGet(count.getAsLong()));
    Call<Void> two = Call.run(() -> total.addAndGet(count.getAsLong()));
    one.get();
    two.get();

    assertThat(shared.begun(1)).isEqualTo(total.get());
    assertThat(shared.ended(1)).isEqualTo(total.get());
  }

  // ---- size

  @Test
  void idleDomainIsOneSmallObject() {
    GraphLayout layout = GraphLayout.parseInstance(srcu);

    assertThat(layout.totalSize()).isLessThanOrEqualTo(96);
    assertThat(layout.totalCount()).isEqualTo(1);
  }

  @Test
  void domainGrowsWhenReadersMeetAndKeepsItsCounts() {
    int begunBefore = srcu.readLock();
    for (int meeting = 1; meeting < ReadSide.MEETINGS; meeting++) {
      srcu.grow();
    }
    assertThat(srcu.stripes).isNull();
    srcu.grow();
    List<Stripe> first = Inside.present(srcu);
    assertThat(first).hasSize(Stripe.FIRST);
    int begunAfter = srcu.readLock();

    srcu.readUnlock(begunBefore);
    assertThat(srcu.synchronize(NO_WAIT)).isFalse();
    for (int meeting = 0; meeting < 100 * ReadSide.MEETINGS; meeting++) {
      srcu.grow();
    }
    assertThat(Inside.present(srcu)).hasSize(Stripe.MOST).startsWith(first.toArray(Stripe[]::new));
    srcu.readUnlock(begunAfter);

    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
    assertThat(srcu.isPoisoned()).isFalse();
  }

  @Test
  void readersThatStillMeetAreDealtToOtherStripes() {
    for (int meeting = 0; meeting < 10 * ReadSide.MEETINGS; meeting++) {
      srcu.grow();
    }
    List<Stripe> most = Inside.present(srcu);
    assertThat(most).hasSize(Stripe.MOST);
    Set<Stripe> counted = new HashSet<>();
    for (int meeting = 0; meeting < 10_000 * ReadSide.MEETINGS; meeting++) {
      srcu.grow();
      counted.add(whereItCounts(most));
    }

    assertThat(counted).hasSizeGreaterThan(1);
    assertThat(most).containsAll(counted);
    assertThat(Inside.present(srcu)).isEqualTo(most);
    assertThat(srcu.synchronize(NO_WAIT)).isTrue();
  }

  private Stripe whereItCounts(List<Stripe> stripes) {
    long[] before = stripes.stream().mapToLong(stripe -> stripe.begun(0)).toArray();
    srcu.enter(0, false);
    srcu.readUnlock(0);
    for (int i = 0; i < before.length; i++) {
      if (stripes.get(i).begun(0) != before[i]) {
        return stripes.get(i);
      }
    }
    throw new AssertionError("a section counted nowhere");
  }

  @Test
  void twoThreadsThatShareAStripeAreSoonApart() {
    for (int distance = 1; distance < 10_000; distance++) {
      int spread = Stripe.FIRST_SPREAD;
      int deals = 0;
      while (((Stripe.place(77, spread) ^ Stripe.place(77 + distance, spread)) & 3) == 0) {
        spread = Stripe.nextSpread(spread);
        deals++;
      }
      assertThat(deals).as("threads %d apart", distance).isLessThan(16);
    }
  }

  @Test
  void domainWhoseReadersMeetGrows() {
    HookedStripe only = HookedStripe.whereReadersMeet();
    srcu.stripes = Stripe.array(only);

    for (int meeting = 1; meeting < ReadSide.MEETINGS; meeting++) {
      srcu.enter(0, false);
    }
    assertThat(Inside.stripes(srcu)).isEqualTo(1);
    srcu.enter(0, false);

    assertThat(Inside.stripes(srcu)).isEqualTo(2);
    assertThat(only.begun(0)).isEqualTo(2 * ReadSide.MEETINGS);
  }

  @Test
  void aReaderAloneMeetsNobody() {
    Stripe alone = new Stripe();

    for (int i = 0; i < 100; i++) {
      assertThat(alone.begin(0)).isFalse();
    }
  }

  // ---- S2

  @ParameterizedTest
  @ValueSource(ints = {-1, 2, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void s2IndexThatIsNoneIsRefusedBeforeAnythingIsCounted(int index) {
    int reader = srcu.readLock();

    assertThatThrownBy(() -> srcu.readUnlock(index))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Integer.toString(index));
    assertThatThrownBy(() -> srcu.upRead(index)).isInstanceOf(IllegalStateException.class);

    assertThat(srcu.ended(0) + srcu.ended(1)).isZero();
    assertThat(srcu.readersActive()).isEqualTo(1);
    srcu.readUnlock(reader);
    assertThat(srcu.synchronize().sequence()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void s2MoreEndsThanBeginsPoisonTheDomain(int rank) {
    AtomicInteger told = new AtomicInteger();
    SrcuDomain domain =
        new SrcuDomain(
            SrcuOptions.DEFAULT.withListener(
                new SrcuListener() {
                  @Override
                  public void poisoned() {
                    told.incrementAndGet();
                  }
                }));
    domain.enter(rank, false);
    domain.readUnlock(rank);
    domain.readUnlock(rank);

    assertThat(domain.synchronize(NO_WAIT)).isFalse();
    assertThat(domain.isPoisoned()).isTrue();
    // For good: a begin without end does not make up for it.
    domain.enter(rank, false);
    assertThat(domain.synchronize(NO_WAIT)).isFalse();
    assertThatThrownBy(domain::close).isInstanceOf(IllegalStateException.class);
    assertThat(told).hasValue(1);
  }

  @Test
  void s2UpdaterOfAPoisonedDomainNeverWakes() {
    srcu.readUnlock(0);
    // A close looks at the counts too, and finds it out.
    assertThatThrownBy(srcu::close).isInstanceOf(IllegalStateException.class);
    Call<GracePeriod> updater = Call.asleep(srcu::synchronize);

    // Nobody knows which reader was robbed, so neither a wake-up nor equal counts change anything.
    srcu.readUnlock(srcu.readLock());
    updater.awaitAsleepIn(srcu);
    int _ = srcu.readLock();

    assertThat(srcu.readersActive()).isZero();
    updater.awaitAsleepIn(srcu);
    assertThat(srcu.gracePeriods()).isZero();
    assertThatThrownBy(srcu::close).isInstanceOf(IllegalStateException.class);
  }

  // ---- a tracked domain

  private final SrcuDomain tracked = new SrcuDomain(SrcuOptions.DEFAULT.withTracking());

  @Test
  void s2TrackedDomainFindsAnEndTooManyAtOnce() {
    int other = tracked.readLock();
    tracked.readUnlock(other);

    assertThatThrownBy(() -> tracked.readUnlock(other))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not begun by");

    assertThat(tracked.synchronize(NO_WAIT)).isTrue();
    assertThat(tracked.isPoisoned()).isFalse();
  }

  @Test
  void s2TrackedDomainLimitsNesting() {
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < OpenSections.MOST_NESTED; i++) {
      open.add(tracked.readLock());
    }

    assertThatThrownBy(tracked::readLock).isInstanceOf(IllegalStateException.class);

    assertThat(tracked.readersActive()).isEqualTo(OpenSections.MOST_NESTED);
    open.forEach(tracked::readUnlock);
    assertThat(tracked.synchronize(NO_WAIT)).isTrue();
  }

  @Test
  void trackedDomainTellsHandOffsFromSections() {
    int handOff = tracked.downRead();
    assertThat(tracked.isReadLockHeld()).isFalse();
    assertThatThrownBy(() -> tracked.readUnlock(handOff)).isInstanceOf(IllegalStateException.class);
    int section = tracked.readLock();
    assertThat(tracked.isReadLockHeld()).isTrue();
    assertThat(srcu.isReadLockHeld()).as("unknown, so allowed").isTrue();

    Call.run(
            () -> {
              tracked.upRead(handOff);
              tracked.readUnlock(section);
            })
        .get();

    assertThatThrownBy(() -> tracked.upRead(handOff)).isInstanceOf(IllegalStateException.class);
    assertThat(tracked.synchronize(NO_WAIT)).isTrue();
  }

  @Test
  void trackedDomainRefusesToWaitForTheCallersOwnSection() {
    int index = tracked.readLock();

    assertThatThrownBy(tracked::synchronize).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(tracked::synchronizeExpedited).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tracked.synchronize(NO_WAIT))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(tracked::barrier).isInstanceOf(IllegalStateException.class);

    tracked.readUnlock(index);
    assertThat(tracked.synchronize(NO_WAIT)).isTrue();
  }
}
