package dev.virq.irqfd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingSignal;
import dev.virq.testing.Invariants;
import dev.virq.testing.RecordingProbe;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.testing.Turns;
import dev.virq.trace.Outcome;
import dev.virq.trace.Probes;
import dev.virq.trace.Tracepoint;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The seam carries a scheduler: a signal, the hang-up and the close of the VM, each on a thread of
 * its own, under schedules that follow from a seed.
 */
class SeededScheduleTest {
  private static final int SEEDS = 600;

  /** What one run showed. */
  private record Run(List<String> story, Outcome outcome) {}

  @Test
  void noScheduleFreesTheVmUnderItsReader() {
    Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
    Set<List<String>> stories = new HashSet<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      Run run = run(seed);
      if (run.outcome() != null) {
        outcomes.add(run.outcome());
      }
      stories.add(run.story());
    }

    // Never DROPPED_DEACTIVATED: a hang-up flushes what is queued before it severs.
    assertThat(outcomes).containsExactlyInAnyOrder(Outcome.INJECTED, Outcome.DROPPED_VM_GONE);
    assertThat(stories).hasSizeGreaterThan(100);
  }

  @Test
  void oneSeedIsOneSchedule() {
    for (long seed = 0; seed < 30; seed++) {
      assertThat(run(seed)).as("seed %d", seed).isEqualTo(run(seed));
    }
  }

  /**
   * In order: what the seam says of one signal and of the end of its irqfd, with nothing left out.
   */
  @Test
  void seamTellsTheWholeStory() {
    RecordingProbe seen = new RecordingProbe();
    Host host = TestHosts.boot(1, seen);
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    Irqfd _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
    PendingSignal _ = host.eventfds().write(eventfd, 1);
    host.waits().settled(TestHosts.LONG);
    host.vms().close(vm.id());
    host.waits().settled(TestHosts.LONG);

    assertThat(seen.hits().stream().map(RecordingProbe.Hit::point))
        .containsExactly(
            Tracepoint.VM_OPENED,
            Tracepoint.EVENTFD_OPENED,
            Tracepoint.ASSIGN_LISTED,
            Tracepoint.ASSIGN_BEFORE_FPUT,
            Tracepoint.EVENTFD_SIGNALLED,
            Tracepoint.WAKEUP_POLLIN,
            Tracepoint.SIGNAL_QUEUED,
            Tracepoint.INJECT_ENTER,
            Tracepoint.INJECT_LOCKED,
            Tracepoint.INJECT_DEREFERENCED,
            Tracepoint.INJECT_MUTEX,
            Tracepoint.INJECT_RAISED,
            Tracepoint.LINE_LOWERED,
            Tracepoint.LOCK_RELEASED,
            Tracepoint.INJECT_LOWERED,
            Tracepoint.SIGNAL_FINISHED,
            Tracepoint.SIGNAL_ANSWERED,
            Tracepoint.INJECT_UNLOCKED,
            Tracepoint.VM_CLOSING,
            Tracepoint.RELEASE_BEGIN,
            Tracepoint.DISCONNECT_SWAPPED,
            Tracepoint.DISCONNECT_UNLISTED,
            Tracepoint.SYNC_BEGIN,
            Tracepoint.SYNC_FLIPPED,
            Tracepoint.SYNC_END,
            Tracepoint.PUT_VM,
            Tracepoint.HUP_UNHOOKED,
            Tracepoint.HUP_FLUSHING,
            Tracepoint.HUP_FLUSHED,
            Tracepoint.FREE_IRQFD,
            Tracepoint.VM_RELEASED);
    assertThat(seen.hits())
        .filteredOn(hit -> hit.point().name().startsWith("INJECT_D"))
        .allMatch(hit -> hit.detail().signalId() == 1);
  }

  private static Run run(long seed) {
    Turns turns = new Turns(seed);
    Invariants invariants = new Invariants();
    Host host =
        TestHosts.boot(1, new Probes(List.of(invariants, turns)), turns, TestLimits.defaults());
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    Irqfd _ = host.irqfds().assign(vm.id(), eventfd, 5, null);
    AtomicReference<PendingSignal> signal = new AtomicReference<>();
    turns.actor("writer", () -> signal.set(writeUnlessClosed(host, eventfd)));
    turns.actor("hangup", () -> host.eventfds().close(eventfd));
    turns.actor("vmm", () -> host.vms().close(vm.id()));

    turns.play();

    invariants.check(host, 0);
    PendingSignal sent = signal.get();
    return new Run(turns.story(), sent == null ? null : sent.outcome());
  }

  private static PendingSignal writeUnlessClosed(Host host, EventfdName eventfd) {
    try {
      return host.eventfds().write(eventfd, 1);
    } catch (ErrnoException e) {
      return null;
    }
  }
}
