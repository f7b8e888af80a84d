package dev.virq.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.trace.Detail;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WaitAccountTest {
  private static List<InFlight.Pending> signals(int count) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(id -> new InFlight.Pending("signal", "sig-" + id, 0, Stage.QUEUED))
        .toList();
  }

  private static List<Breakpoint.Parked> threads(long... breakpoints) {
    return LongStream.of(breakpoints)
        .mapToObj(id ->
            new Breakpoint.Parked(
                id, Tracepoint.SYNC_BEGIN, true, "worker", Subject.NONE, Detail.NONE, 0, 0))
        .toList();
  }

  @Test
  void ofManyTheFirstThreeAreNamed() {
    assertThat(WaitAccount.of(signals(3), List.of()))
        .isEqualTo("; in flight: sig-1 (QUEUED), sig-2 (QUEUED), sig-3 (QUEUED)");
    assertThat(WaitAccount.of(signals(4), List.of()))
        .isEqualTo("; in flight: sig-1 (QUEUED), sig-2 (QUEUED), sig-3 (QUEUED) and more");
    assertThat(WaitAccount.holders(threads(1, 2, 3, 4)))
        .isEqualTo("[bp-1 at sync.begin, bp-2 at sync.begin, bp-3 at sync.begin and more]");
  }

  @Test
  void closeIsToldFromTheObjectItCloses() {
    InFlight.Pending close = new InFlight.Pending("close", "vm-1", 0, Stage.GRACE);

    assertThat(WaitAccount.of(List.of(close), List.of()))
        .isEqualTo("; in flight: close of vm-1 (GRACE)");
  }

  @Test
  void breakpointThatHoldsManyThreadsIsNamedOnce() {
    assertThat(WaitAccount.of(List.of(), threads(2, 2, 2, 2)))
        .isEqualTo("; nothing is in flight; held by [bp-2 at sync.begin]");
  }
}
