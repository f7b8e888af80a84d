package dev.virq.api.bulk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.share.Turn;
import dev.virq.sync.Yield;
import dev.virq.testing.TestHosts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The writes of one request, and the lines that they may come in. */
class BulkWritesTest {
  private final Host host = TestHosts.boot(2);
  private final BulkWrites writes = new BulkWrites(host);

  private void add(EventfdName eventfd, long value, int repeat) {
    writes.add(new BulkWrites.Item(eventfd, value, repeat));
  }

  private long counter(EventfdName eventfd) {
    return host.eventfds().read(eventfd, 0);
  }

  @Test
  void everyWriteIsMadeOnceInTheOrderGiven() {
    EventfdName one = TestHosts.eventfd(host);
    EventfdName two = TestHosts.eventfd(host);
    add(one, 5, 3);
    add(two, 7, 1);

    assertThat(writes.given()).containsExactly(0, 0, 0, 1);
    writes.run(writes.given(), 1, Turn.ALONE);

    assertThat(counter(one)).isEqualTo(15);
    assertThat(counter(two)).isEqualTo(7);
    assertThat(writes.tallies().get(0).signals())
        .extracting(PendingSignal::number)
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void aRefusedWriteIsToldAndTheOthersAreMade() {
    EventfdName full = TestHosts.eventfd(host);
    EventfdName fine = TestHosts.eventfd(host);
    add(full, -3, 2);
    add(EventfdName.fd(99), 1, 2);
    add(fine, 1, 1);

    writes.run(writes.given(), 1, Turn.ALONE);

    ItemTally first = writes.tallies().get(0);
    assertThat(first.signals()).hasSize(1);
    assertThat(first.failed()).isEqualTo(1);
    assertThat(first.refusal().errno()).isEqualTo(Errno.EAGAIN);
    assertThat(writes.tallies().get(1).failed()).isEqualTo(2);
    assertThat(writes.tallies().get(1).refusal().errno()).isEqualTo(Errno.EBADF);
    assertThat(counter(fine)).isEqualTo(1);
  }

  @Test
  void severalThreadsMakeEveryWriteOnce() {
    List<EventfdName> eventfds = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      eventfds.add(TestHosts.eventfd(host));
      add(eventfds.getLast(), 1, 100);
    }

    writes.run(writes.given(), 8, Turn.ALONE);

    assertThat(eventfds).allSatisfy(eventfd -> assertThat(counter(eventfd)).isEqualTo(100));
    assertThat(writes.tallies()).allSatisfy(tally -> assertThat(tally.signals()).hasSize(100));
  }

  @Test
  void everyWriteIsAStepOfTheTurnAndOneThreadStepsAtATime() {
    for (int threads : new int[] {1, 4}) {
      BulkWrites some = new BulkWrites(host);
      some.add(new BulkWrites.Item(TestHosts.eventfd(host), 1, 100));
      CountingTurn turn = new CountingTurn();

      some.run(some.given(), threads, turn);

      assertThat(turn.steps).as("%d threads", threads).isEqualTo(100);
      assertThat(turn.overlaps).as("%d threads", threads).isZero();
    }
  }

  @Test
  void aLineThatIsWrittenAtOnceStepsToo() {
    CountingTurn turn = new CountingTurn();

    writes.addAndWrite(new BulkWrites.Item(TestHosts.eventfd(host), 1, 100), turn);

    assertThat(turn.steps).isEqualTo(100);
    assertThat(writes.tallies().getFirst().signals()).hasSize(100);
  }

  /** Not safe for several threads: they would be seen, and steps be lost. */
  private static final class CountingTurn implements Turn {
    private final AtomicInteger within = new AtomicInteger();
    private int steps;
    private int overlaps;

    @Override
    public void step() {
      if (within.incrementAndGet() > 1) {
        overlaps++;
      }
      // As slices do that are over: the others are seen, and what may not be held meanwhile.
      Yield.toAll();
      steps++;
      within.decrementAndGet();
    }

    @Override
    public void waiting(Runnable wait) {
      throw new AssertionError("writes do not wait");
    }
  }

  @Test
  void oneSeedIsOneOrder() {
    add(TestHosts.eventfd(host), 1, 50);
    add(TestHosts.eventfd(host), 1, 50);
    int[] given = writes.given();

    int[] shuffled = BulkWrites.shuffled(given, new SplittableRandom(7));

    assertThat(shuffled)
        .containsExactlyInAnyOrder(given)
        .isNotEqualTo(given)
        .isEqualTo(BulkWrites.shuffled(given, new SplittableRandom(7)))
        .isNotEqualTo(BulkWrites.shuffled(given, new SplittableRandom(8)));
  }

  @Test
  void linesAreReadOneByOneAndBoundedEach() throws IOException {
    BulkLines lines =
        new BulkLines(new ByteArrayInputStream("{}\n\n  \r\n12345678\nend".getBytes(UTF_8)), 4);

    assertThat(lines.next()).asString(UTF_8).isEqualTo("{}");
    assertThat(lines.next()).as("one byte more than may be").asString(UTF_8).isEqualTo("12345");
    assertThat(lines.next()).asString(UTF_8).isEqualTo("end");
    assertThat(lines.next()).isNull();
  }
}
