package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.schedule.ControlledScheduler;
import dev.virq.schedule.Halt;
import dev.virq.schedule.Replay;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.SelfDeadlock;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each kind of report has something that makes it, and something much like it that does not. */
class SentinelTest {
  private static final Subject IRQFD =
      new Subject() {
        @Override
        public long irqfdId() {
          return 3;
        }
      };

  private final ControlledScheduler scheduler =
      new ControlledScheduler(Replay.unpreempted(), Runnable::run, 10, 1, _ -> {});
  private final Sentinel sentinel = new Sentinel(scheduler, true);

  @Test
  void aWriteThatNoInjectionFollowsIsALostSignal() {
    sentinel.hit(Tracepoint.INJECT_ENTER, IRQFD);
    sentinel.hit(Tracepoint.EVENTFD_SIGNALLED, IRQFD);
    sentinel.ended();

    assertThat(sentinel.reports())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.kind()).isEqualTo(Report.Kind.LOST_SIGNAL);
          assertThat(report.object()).isEqualTo("irqfd-3");
        });
  }

  @Test
  void aWriteThatAnInjectionFollowsIsNot() {
    sentinel.hit(Tracepoint.EVENTFD_SIGNALLED, IRQFD);
    sentinel.hit(Tracepoint.EVENTFD_SIGNALLED, IRQFD);
    sentinel.hit(Tracepoint.INJECT_ENTER, IRQFD);
    sentinel.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE);
    sentinel.ended();

    assertThat(sentinel.reports()).isEmpty();
  }

  @Test
  void brokenLifetimesAreReportedByKindAndObject() {
    sentinel.thrown(new BrokenLifetime(BrokenLifetime.Kind.USE_AFTER_FREE, "vm-1", "used"));
    sentinel.thrown(new BrokenLifetime(BrokenLifetime.Kind.DOUBLE_FREE, "vm-2", "put"));
    sentinel.thrown(new IllegalStateException("something else"));

    assertThat(sentinel.reports())
        .extracting(report -> report.kind().word() + " " + report.object())
        .containsExactly("use_after_free vm-1", "double_free vm-2", "bug ");
  }

  @Test
  void aThreadThatWaitsForItselfIsADeadlock() {
    sentinel.thrown(new SelfDeadlock("work flushed from a worker of its own queue, inject"));

    assertThat(sentinel.reports())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.kind()).isEqualTo(Report.Kind.DEADLOCK);
          assertThat(report.sentence()).contains("of its own queue, inject");
        });
  }

  @Test
  void aRunThatIsGivenUpIsADeadlockOrStuck() {
    sentinel.halted(new Halt(Halt.Kind.DEADLOCK, List.of("a at x", "b at y"), List.of()));
    sentinel.halted(new Halt(Halt.Kind.ENDLESS, List.of("a at x"), List.of()));

    assertThat(sentinel.reports())
        .extracting(Report::kind)
        .containsExactly(Report.Kind.DEADLOCK, Report.Kind.STUCK);
    assertThat(sentinel.reports().getFirst().sentence()).endsWith("a at x; b at y");
  }

  @Test
  void reportsAreBounded() {
    for (int i = 0; i < 100; i++) {
      sentinel.thrown(new IllegalStateException("again"));
    }

    assertThat(sentinel.reports()).hasSize(16);
  }
}
