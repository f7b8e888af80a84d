package dev.virq.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.schedule.ControlledScheduler;
import dev.virq.schedule.Halt;
import dev.virq.schedule.Replay;
import dev.virq.srcu.SrcuDomain;
import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.SelfDeadlock;
import dev.virq.testing.TestHosts;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.workqueue.Workers;
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

  /** The one that its own thread worked on, whoever came in between. */
  @Test
  void aClosedSrcuIsReportedWithItsIrqfdAndWhoWaitedThere() {
    ControlledScheduler two =
        new ControlledScheduler(
            Replay.unpreempted(), Workers.virtual("test"), 100, TestHosts.LONG, _ -> {});
    Sentinel watch = new Sentinel(two, true);
    boolean[] came = new boolean[2];
    two.add(
        "closer",
        () -> {
          watch.hit(Tracepoint.HUP_UNHOOKED, irqfd(1));
          ControlledWait.before(() -> came[1]);
          watch.thrown(closed());
        });
    two.add(
        "waiter",
        () -> {
          watch.hit(Tracepoint.SYNC_BEGIN, irqfd(1));
          came[0] = true;
        });
    two.add(
        "other",
        () -> {
          ControlledWait.before(() -> came[0]);
          watch.hit(Tracepoint.SYNC_BEGIN, irqfd(2));
          watch.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE);
          came[1] = true;
        });

    assertThat(two.play(true)).isNull();

    assertThat(watch.reports())
        .singleElement()
        .satisfies(report -> {
          assertThat(report.kind()).isEqualTo(Report.Kind.USE_AFTER_FREE);
          assertThat(report.object()).isEqualTo("srcu of irqfd-1");
          assertThat(report.used().thread()).isEqualTo("waiter");
          assertThat(report.freed().thread()).isEqualTo("closer");
        });
  }

  private static Subject irqfd(long number) {
    return new Subject() {
      @Override
      public long irqfdId() {
        return number;
      }
    };
  }

  /** As a domain that is closed refuses: thrown by its own code. */
  private static IllegalStateException closed() {
    SrcuDomain srcu = new SrcuDomain();
    srcu.close();
    try {
      int _ = srcu.readLock();
      throw new AssertionError("a closed domain took a reader");
    } catch (IllegalStateException refused) {
      return refused;
    }
  }

  @Test
  void reportsAreBounded() {
    for (int i = 0; i < 100; i++) {
      sentinel.thrown(new IllegalStateException("again"));
    }

    assertThat(sentinel.reports()).hasSize(16);
  }
}
