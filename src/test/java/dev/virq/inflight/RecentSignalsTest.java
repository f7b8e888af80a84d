package dev.virq.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentSignalsTest {
  private static final int WRITERS = 4;
  private static final int WRITES = 120;

  @Test
  void numbersHaveTheOrderOfAcceptance() {
    Host host = TestHosts.boot(1);
    List<Call<Object>> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      EventfdName eventfd = TestHosts.eventfd(host);
      writers.add(
          Call.start(() -> {
            for (int write = 0; write < WRITES; write++) {
              host.eventfds().write(eventfd, 1);
            }
            return "";
          }));
    }
    writers.forEach(Call::get);

    List<Long> accepted = new ArrayList<>();
    for (long number = 1; number <= WRITERS * WRITES; number++) {
      accepted.add(host.signal(number).acceptedSeq());
    }
    assertThat(accepted).isSorted();
  }

  /** The ring has a place for every number. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 16, 17, 18, 100, 1L << 40})
  void numbersGoOnFromWhereTheyWere(long next) {
    Host host = TestHosts.boot(1);
    EventfdName eventfd = TestHosts.eventfd(host);

    host.signals().startAt(next);
    for (int write = 0; write < WRITES; write++) {
      host.eventfds().write(eventfd, 1);
    }

    // The ring grows when it comes round, so that fewer are kept at first.
    for (long number = next + WRITES - 16; number < next + WRITES; number++) {
      assertThat(host.signal(number).number()).isEqualTo(number);
    }
    assertThat(host.signals().next()).isEqualTo(next + WRITES);
    assertThat(host.stats().signals()).isEqualTo(WRITES);
    assertThat(host.signals().find(next - 1)).isNull();
  }

  @Test
  void signalHasTheNumberOfItsEvent() {
    Host host = TestHosts.boot(1);
    EventfdName eventfd = TestHosts.eventfd(host);
    long before = host.seq();

    PendingSignal signal = host.eventfds().write(eventfd, 1);

    assertThat(signal.acceptedSeq()).isEqualTo(before + 1);
    assertThat(signal.finalSeq()).isEqualTo(before + 2);
  }
}
