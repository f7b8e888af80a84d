package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.trace.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class InjectionCountsTest {
  private final InjectionCounts counts = new InjectionCounts() {};

  private IrqfdInfo info() {
    return counts.info(IrqfdState.ACTIVE);
  }

  @Test
  void eachSignalIsCountedAsWhatItIs() {
    for (int i = 0; i < 4; i++) {
      counts.countQueued();
    }
    counts.countCoalesced();
    counts.countAtOnce();
    counts.countEnd(Outcome.INJECTED);
    counts.countEnd(Outcome.DROPPED_VM_GONE);
    counts.countEnd(Outcome.FAILED);

    assertThat(info()).isEqualTo(new IrqfdInfo(IrqfdState.ACTIVE, 6, 5, 1, 2, 1, 1));
    assertThat(info().inFlight()).isEqualTo(1);
  }

  @Test
  void countsGoOnFromThoseOfAnother() {
    counts.become(new IrqfdInfo(IrqfdState.ACTIVE, 11, 9, 2, 6, 2, 1));
    counts.countAtOnce();
    assertThat(info()).isEqualTo(new IrqfdInfo(IrqfdState.ACTIVE, 12, 10, 2, 7, 2, 1));
  }

  @Test
  void countsThatAreReadTogetherWereSoAtOneMoment() {
    AtomicBoolean enough = new AtomicBoolean();
    Call<Void> writer =
        Call.run(() -> {
          while (!enough.get()) {
            counts.countQueued();
            counts.countAtOnce();
            counts.countEnd(Outcome.INJECTED);
          }
        });
    try {
      // Until one after the other would have been seen to tell of two moments, many times.
      int[] apart = new int[1];
      Await.until(() -> {
        assertThat(info().inFlight()).isBetween(0L, 1L);
        long injected = info().injected();
        apart[0] += info().queued() - injected > 1 ? 1 : 0;
        return apart[0] == 20;
      });
    } finally {
      enough.set(true);
    }
    var _ = writer.get();
  }
}
