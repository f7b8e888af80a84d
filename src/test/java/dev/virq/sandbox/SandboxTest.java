package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.EventfdName;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.host.ShutdownReport;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingSignal;
import dev.virq.stats.Counts;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SandboxTest {
  private static final Duration TTL = Duration.ofMinutes(2);

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Sandboxes sandboxes = new TestSandboxes().clock(nanos::get).withDefault();
  private final Sandbox sandbox =
      sandboxes.create(new SandboxSpec("rig", TTL, 2, Map.of("team", "a")));

  // ---- reset

  @Test
  void resetReportsWhatNobodyClosedAndEndsAllOfIt() {
    Host before = sandbox.host();
    VmFile vm = TestHosts.vm(before);
    EventfdName bound = TestHosts.eventfd(before);
    EventfdName _ = TestHosts.eventfd(before);
    before.irqfds().assign(vm.id(), bound, 5, null);
    Breakpoint armed = before.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));

    ShutdownReport report = sandbox.reset(false);

    assertThat(report.vms()).containsExactly(1L);
    assertThat(report.eventfds()).containsExactly(1L, 2L);
    assertThat(report.irqfds()).containsExactly(1L);
    assertThat(report.breakpoints()).containsExactly(armed.id());
    assertThat(report.released()).isEqualTo(new Counts(1, 2, 1, 1, 0));
    assertThat(report.pendingSignalsDropped()).isZero();
    assertThat(report.complete()).isTrue();
    assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
    assertThat(before.bugs()).isZero();
    assertThat(sandbox.host().counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
    assertThat(sandbox.reset(false).released()).isEqualTo(new Counts(0, 0, 0, 0, 0));
  }

  @Test
  void numbersStartAgainAfterAResetAndTheSequenceGoesOn() {
    EventfdName first = TestHosts.eventfd(sandbox.host());
    sandbox.host().eventfds().write(first, 1);
    VmFile _ = TestHosts.vm(sandbox.host());
    long seq = sandbox.seq();

    sandbox.reset(false);

    assertThat(sandbox.seq()).isGreaterThan(seq);
    EventfdFile eventfd = sandbox.host().eventfds().create(0, false, false, null);
    assertThat(eventfd.id()).isEqualTo(1);
    assertThat(sandbox.host().eventfds().descriptors(eventfd)).containsExactly(3);
    assertThat(TestHosts.vm(sandbox.host()).id()).isEqualTo(1);
    assertThat(sandbox.host().eventfds().write(EventfdName.fd(3), 1).number()).isEqualTo(1);
    assertThat(sandbox.log().after(seq, 1_000).events())
        .anyMatch(event -> event.point() == Tracepoint.SANDBOX_RESET);
  }

  @Test
  void resetLetsHeldThreadsGoAndTheirSignalsEnd() {
    Host host = sandbox.host();
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    PendingSignal signal = host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);

    ShutdownReport report = sandbox.reset(false);

    assertThat(report.complete()).isTrue();
    assertThat(report.breakpoints()).containsExactly(hold.id());
    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
    assertThat(host.stats().pending()).isZero();
  }

  @Test
  void resetAnswersCallsThatWait() {
    Host host = sandbox.host();
    EventfdName eventfd = TestHosts.eventfd(host);
    Call<Long> reader = Call.asleep(() -> host.eventfds().read(eventfd, LONG));
    Call<Long> waiter = Call.asleep(() -> host.waits().counted("line", () -> 0, 1, 1, LONG));

    ShutdownReport report = sandbox.reset(false);

    assertErrno(Errno.ECANCELED, reader::get);
    assertErrno(Errno.ECANCELED, waiter::get);
    assertThat(report.complete()).isTrue();
  }

  @Test
  void resetEndsAReadOfAnEventfdThatIsClosedAlready() {
    Host host = sandbox.host();
    EventfdName eventfd = TestHosts.eventfd(host);
    Call<Long> reader = Call.asleep(() -> host.eventfds().read(eventfd, LONG));
    host.eventfds().close(eventfd);

    assertThat(sandbox.reset(false).complete()).isTrue();

    assertErrno(Errno.ECANCELED, reader::get);
  }

  @Test
  void callsOnTheSystemBeforeAResetAreCanceled() {
    Host before = sandbox.host();
    EventfdName eventfd = TestHosts.eventfd(before);

    sandbox.reset(false);

    assertErrno(Errno.ECANCELED, () -> before.eventfds().write(eventfd, 1));
    assertErrno(Errno.ECANCELED, () -> before.eventfds().create(0, false, false, null));
    assertErrno(Errno.ECANCELED, () -> before.vms().create(null));
    assertErrno(
        Errno.ECANCELED, () -> before.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER)));
    assertThat(before.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
  }

  @Test
  void breakpointsAreKeptWhenAskedFor() {
    Breakpoint.Spec spec = Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER);
    sandbox.host().setBreakpoint(spec);

    sandbox.reset(true);

    assertThat(sandbox.host().breakpoints().list())
        .singleElement()
        .satisfies(kept -> assertThat(kept.spec()).isEqualTo(spec))
        .satisfies(kept -> assertThat(kept.state()).isEqualTo(Breakpoint.State.ARMED));
  }

  // ---- the lease

  @Test
  void leaseRunsOutWhenNobodyCalls() {
    nanos.addAndGet(TTL.toNanos() - 1);
    sandboxes.expireLeases();
    assertThat(names()).containsExactly("default", "rig");
    assertThat(sandbox.remainingNanos()).isEqualTo(1);

    nanos.addAndGet(1);
    sandboxes.expireLeases();

    assertThat(names()).containsExactly("default");
    assertThat(sandboxes.leasesExpired()).isEqualTo(1);
    assertErrno(Errno.ENOENT, () -> sandboxes.find("rig"));
    assertErrno(Errno.ENOENT, () -> sandbox.reset(false));
    assertThat(sandbox.renew(null)).isFalse();
  }

  @Test
  void leasesEndEachByItself() {
    sandboxes.create(new SandboxSpec("second", TTL, 1, Map.of()));
    nanos.addAndGet(TTL.toNanos());
    Deque<Runnable> ends = new ArrayDeque<>();

    sandboxes.expireLeases(ends::add);

    // The end of the first takes long: the second's does not wait for it.
    assertThat(ends).hasSize(2);
    ends.removeLast().run();
    assertThat(names()).containsExactly("default", "rig");
    // Found again while it has not begun, and ended once.
    sandboxes.expireLeases(ends::add);
    ends.forEach(Runnable::run);
    assertThat(names()).containsExactly("default");
    assertThat(sandboxes.leasesExpired()).isEqualTo(2);
  }

  @Test
  void everyCallRenewsTheLease() {
    nanos.addAndGet(TTL.toNanos());

    assertThat(sandboxes.find("rig")).isSameAs(sandbox);

    sandboxes.expireLeases();
    assertThat(sandboxes.find("rig")).isSameAs(sandbox);
    assertThat(sandbox.remainingNanos()).isEqualTo(TTL.toNanos());
    assertThat(sandboxes.leasesExpired()).isZero();
  }

  @Test
  void leaseCanBeMadeLonger() {
    assertThat(sandbox.renew(Duration.ofHours(1))).isTrue();

    nanos.addAndGet(TTL.toNanos());
    sandboxes.expireLeases();

    assertThat(sandbox.ttl()).isEqualTo(Duration.ofHours(1));
    assertThat(names()).contains("rig");
  }

  @Test
  void leaseCanBeMadeShorter() {
    assertThat(sandbox.renew(Duration.ofSeconds(1))).isTrue();

    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    sandboxes.expireLeases();

    assertThat(names()).containsExactly("default");
  }

  @Test
  void leaseOfANameThatIsGivenAgainIsAnotherOne() {
    sandboxes.delete("rig");
    nanos.addAndGet(TTL.toNanos() - 1);
    sandboxes.create(new SandboxSpec("rig", TTL, 2, Map.of()));

    nanos.addAndGet(1);
    sandboxes.expireLeases();

    assertThat(names()).containsExactly("default", "rig");
  }

  @Test
  void defaultSandboxHasNoLease() {
    Sandbox always = sandboxes.find(Sandboxes.DEFAULT);
    nanos.addAndGet(Duration.ofDays(365).toNanos());

    sandboxes.expireLeases();

    assertThat(names()).contains("default");
    assertThat(always.remainingNanos()).isNull();
    assertThat(always.renew(TTL)).isTrue();
    assertThat(always.ttl()).isNull();
  }

  @Test
  void leaseThatRunsOutEndsWhatIsInTheSandbox() {
    Host host = sandbox.host();
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);

    nanos.addAndGet(TTL.toNanos());
    sandboxes.expireLeases();

    assertThat(vm.state()).isEqualTo(VmFile.State.RELEASED);
    assertThat(host.counts().irqfds()).isZero();
    assertThat(host.counts().parked()).isZero();
    assertThat(host.stats().pending()).isZero();
    assertErrno(Errno.ECANCELED, () -> host.eventfds().write(eventfd, 1));
  }

  private List<String> names() {
    return sandboxes.list(null).stream().map(one -> one.settings().name()).toList();
  }
}
