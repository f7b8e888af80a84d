package dev.virq.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.virq.errno.EventfdName;
import dev.virq.lockorder.LockOrder;
import dev.virq.lockorder.RecordingSession;
import dev.virq.testing.ManualExecutor;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.trace.Probe;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The locks that one signal takes, from the write to the injection: a figure that noise does not
 * move. One thread does both halves, so nothing is missed. Whoever makes a signal cheaper lowers
 * the figure here; the bytes of a signal are in {@code FootprintTest}.
 */
class SignalCostTest {
  private static final int SIGNALS = 1_000;

  private static final long LOCKS = 14;

  /** Of one whose writer injects. */
  private static final long LOCKS_BY_THE_WRITER = 13;

  private final ManualExecutor workers = new ManualExecutor();
  private final Host host = TestHosts.boot(1, Probe.NONE, (_, _) -> workers, TestLimits.defaults());
  private EventfdName eventfd;

  @BeforeEach
  void bind() {
    long vm = TestHosts.vm(host).id();
    eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm, eventfd, 5, null);
  }

  private void signal() {
    host.eventfds().write(eventfd, 1);
    workers.runAll();
  }

  /** Locks of one round; the first ones have some more to do. */
  private static long locks(Runnable round) {
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < 3; batch++) {
      long before = LockOrder.acquired();
      for (int i = 0; i < SIGNALS; i++) {
        round.run();
      }
      least = Math.min(least, (LockOrder.acquired() - before) / SIGNALS);
    }
    return least;
  }

  @Test
  void signalTakesNoMoreLocksThanItDid() {
    assumeTrue(RecordingSession.isOn());
    signal();

    long locks = locks(this::signal);

    System.out.println(locks + " locks a signal");
    assertThat(locks).isBetween(1L, LOCKS);
  }

  @Test
  void signalThatItsWriterInjectsTakesNoMoreLocksThanItDid() {
    assumeTrue(RecordingSession.isOn());
    Host helped = TestHosts.boot(1);
    EventfdName bound = TestHosts.eventfd(helped);
    helped.irqfds().assign(TestHosts.vm(helped).id(), bound, 5, null);
    helped.eventfds().write(bound, 1);

    long locks = locks(() -> helped.eventfds().write(bound, 1));

    System.out.println(locks + " locks a signal that its writer injects");
    assertThat(locks).isBetween(1L, LOCKS_BY_THE_WRITER);
  }

  @Test
  void lockMoreIsNoticed() {
    assumeTrue(RecordingSession.isOn());
    EventfdFile file = host.eventfds().find(eventfd);
    long locks = locks(this::signal);

    long more =
        locks(() -> {
          signal();
          var _ = host.eventfds().descriptors(file);
        });

    assertThat(more - locks).isEqualTo(1);
  }
}
