package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.EventfdFile;
import dev.virq.host.Host;
import dev.virq.host.ShutdownReport;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqchip.IrqChip;
import dev.virq.limits.Limits;
import dev.virq.stats.Counts;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestLimits;
import dev.virq.testing.TestSandboxes;
import dev.virq.trace.Outcome;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SandboxesTest {
  /** 2 sandboxes; in each 2 VMs, 3 eventfds, 4 descriptors, 1 irqfd; 8 objects in all. */
  private static final Limits TIGHT =
      TestLimits.with(
          Map.ofEntries(
              Map.entry("sandboxes", 2),
              Map.entry("vms", 2),
              Map.entry("eventfds", 3),
              Map.entry("descriptors", 4),
              Map.entry("irqfds", 1),
              Map.entry("breakpoints", 2),
              Map.entry("held-threads", 3),
              Map.entry("waiters", 4),
              Map.entry("objects-total", 8),
              Map.entry("signals-kept", 16),
              Map.entry("tombstones", 16),
              Map.entry("events", 16),
              Map.entry("script-lines", 10),
              Map.entry("max-workers", 2),
              Map.entry("max-ttl", "PT1H")));

  private static final SandboxSpec RIG = new SandboxSpec("rig", Duration.ofMinutes(1), 1, Map.of());

  private final Sandboxes sandboxes = sandboxes(TIGHT);

  // ---- creating and deleting

  @Test
  void nameIsTakenOnce() {
    Sandbox first = sandboxes.create(RIG);

    assertErrno(Errno.EEXIST, () -> sandboxes.create(RIG));

    assertThat(sandboxes.find("rig")).isSameAs(first);
    assertThat(sandboxes.size()).isEqualTo(2);
  }

  @Test
  void ensureCreatesOnceAndFindsItAgain() {
    Sandboxes.Created first = sandboxes.ensure(RIG);
    Sandboxes.Created second = sandboxes.ensure(RIG);

    assertThat(first.created()).isTrue();
    assertThat(second).isEqualTo(new Sandboxes.Created(first.sandbox(), false));
  }

  @Test
  void ensureWithOtherSettingsIsRefused() {
    sandboxes.ensure(RIG);

    assertErrno(
        Errno.EEXIST, () -> sandboxes.ensure(new SandboxSpec("rig", RIG.ttl(), 2, Map.of())));
    assertErrno(
        Errno.EEXIST,
        () -> sandboxes.ensure(new SandboxSpec("rig", RIG.ttl(), 1, Map.of("k", "v"))));
  }

  @Test
  void racingCallsCreateItOnce() {
    CountDownLatch start = new CountDownLatch(1);
    List<Call<Sandboxes.Created>> racers = new ArrayList<>();
    Sandboxes roomy = sandboxes(TestLimits.defaults());
    for (int i = 0; i < 4; i++) {
      racers.add(
          Call.start(() -> {
            start.await();
            return roomy.ensure(RIG);
          }));
    }

    start.countDown();

    assertThat(racers.stream().filter(one -> one.get().created())).hasSize(1);
    assertThat(racers.stream().map(one -> one.get().sandbox()).distinct()).hasSize(1);
  }

  @Test
  void deletedNameCanBeTakenAgain() {
    Sandbox first = sandboxes.create(RIG);
    VmFile _ = TestHosts.vm(first.host());

    ShutdownReport report = sandboxes.delete("rig");

    assertThat(report.complete()).isTrue();
    assertThat(report.vms()).containsExactly(1L);
    assertErrno(Errno.ENOENT, () -> sandboxes.find("rig"));
    assertErrno(Errno.ENOENT, () -> sandboxes.delete("rig"));
    assertThat(sandboxes.create(RIG)).isNotSameAs(first);
  }

  @Test
  void defaultSandboxCannotBeDeleted() {
    assertErrno(Errno.EPERM, () -> sandboxes.delete(Sandboxes.DEFAULT));

    assertThat(sandboxes.find(Sandboxes.DEFAULT)).isNotNull();
  }

  @Test
  void listIsInTheOrderOfNamesAndGoesOnAfterOne() {
    sandboxes.create(settings("zz"));
    sandboxes.create(settings("aa"));

    assertThat(names(null)).containsExactly("aa", "default", "zz");
    assertThat(names("aa")).containsExactly("default", "zz");
    assertThat(names("b")).containsExactly("default", "zz");
    assertThat(names("zz")).isEmpty();
  }

  @Test
  void freshNamesOfTwoInstancesNeverMeet() {
    Sandboxes other = sandboxes(TIGHT);
    Set<String> names = new HashSet<>();

    for (int i = 0; i < 1_000; i++) {
      assertThat(names.add(sandboxes.freshName())).isTrue();
      assertThat(names.add(other.freshName())).isTrue();
    }

    assertThat(names).allMatch(name -> name.matches("sb-[a-z2-7]{10}"));
    assertThat(sandboxes.freshName("team-a-")).matches("team-a-[a-z2-7]{10}");
  }

  @Test
  void sandboxesShareNoObjectsAndNumberTheirOwn() {
    Host one = sandboxes.create(settings("one")).host();
    Host two = sandboxes.create(settings("two")).host();

    EventfdName eventfd = TestHosts.eventfd(one);

    assertErrno(Errno.EBADF, () -> two.eventfds().write(eventfd, 1));
    assertThat(TestHosts.eventfd(two)).isEqualTo(eventfd);
    assertThat(one.counts().eventfds()).isEqualTo(1);
  }

  @Test
  void sandboxWithSomethingInItIsMadeWholeOrNotAtAll() {
    long memory = sandboxes.memoryUsed();

    assertErrno(
        Errno.EMFILE,
        () ->
            sandboxes.create(
                RIG,
                host -> {
                  for (int i = 0; i < 3; i++) {
                    host.vms().create(null);
                  }
                },
                Condition.NONE));

    assertErrno(Errno.ENOENT, () -> sandboxes.find("rig"));
    assertThat(sandboxes.totals().vms().used()).isZero();
    assertThat(sandboxes.memoryUsed()).isEqualTo(memory);
    Sandbox made = sandboxes.create(RIG, host -> host.vms().create(null), Condition.NONE);
    assertThat(made.host().vms().find(1).id()).isEqualTo(1);
    assertErrno(
        Errno.EEXIST, () -> sandboxes.create(RIG, host -> host.vms().create(null), Condition.NONE));
  }

  // ---- limits

  @Test
  void sandboxPastTheLimitIsRefusedAndNotMade() {
    sandboxes.create(settings("one"));
    sandboxes.create(settings("two"));

    assertErrno(Errno.ENFILE, () -> sandboxes.create(settings("three")));
    assertErrno(Errno.ENFILE, () -> sandboxes.ensure(settings("three")));

    assertThat(names(null)).containsExactly("default", "one", "two");
    assertThat(sandboxes.ensure(settings("one")).created()).isFalse();
    sandboxes.delete("one");
    sandboxes.create(settings("three"));
  }

  @Test
  void objectsPastTheLimitsOfTheSandboxAreRefusedAndNothingIsAllocated() {
    Host host = sandboxes.create(RIG).host();
    VmFile vm = TestHosts.vm(host);
    VmFile _ = TestHosts.vm(host);
    EventfdName first = TestHosts.eventfd(host);
    EventfdName second = TestHosts.eventfd(host);
    EventfdName _ = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), first, 5, null);
    Counts full = host.counts();
    assertThat(full).isEqualTo(new Counts(2, 3, 1, 0, 0));
    long seq = host.seq();

    assertErrno(Errno.EMFILE, () -> TestHosts.vm(host));
    assertErrno(Errno.EMFILE, () -> TestHosts.eventfd(host));
    assertErrno(Errno.EMFILE, () -> host.irqfds().assign(vm.id(), second, 6, null));

    assertThat(host.counts()).isEqualTo(full);
    assertThat(host.seq()).isEqualTo(seq);
    assertThat(vm.vm().references()).isEqualTo(2);
    assertThat(host.chips().lines(vm.id(), 23, 10)).isEmpty();
    // The refused calls used up no numbers.
    host.vms().close(2);
    host.eventfds().close(EventfdName.id(3));
    host.irqfds().deassign(vm.id(), 1L);
    host.waits().settled(LONG);
    assertThat(TestHosts.vm(host).id()).isEqualTo(3);
    assertThat(TestHosts.eventfd(host)).isEqualTo(EventfdName.id(4));
    assertThat(host.irqfds().assign(vm.id(), second, 6, null).irqfdId()).isEqualTo(2);
  }

  @Test
  void refusedVmGivesItsPlaceBack() {
    Host host = sandboxes.create(RIG).host();

    for (int i = 0; i < 5; i++) {
      assertErrno(Errno.EINVAL, () -> host.vms().create(null, IrqChip.Kind.SPLIT, 5_000));
    }

    assertThat(host.counts().vms()).isZero();
    assertThat(TestHosts.vm(host).id()).isEqualTo(1);
  }

  @Test
  void refusedAssignGivesItsPlaceBack() {
    Host host = sandboxes.create(RIG).host();
    VmFile bare = host.vms().create(null);
    EventfdName eventfd = TestHosts.eventfd(host);

    for (int i = 0; i < 3; i++) {
      assertErrno(Errno.EINVAL, () -> host.irqfds().assign(bare.id(), eventfd, 5, null));
    }
    VmFile vm = TestHosts.vm(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);

    assertThat(host.counts().irqfds()).isEqualTo(1);
    assertThat(bare.vm().references()).isEqualTo(1);
  }

  @Test
  void descriptorsPastTheLimitAreRefused() {
    Host host = sandboxes.create(RIG).host();
    EventfdFile entry = host.eventfds().create(0, false, false, null);
    EventfdName eventfd = EventfdName.id(entry.id());
    for (int i = 0; i < 3; i++) {
      host.eventfds().dup(eventfd);
    }

    assertErrno(Errno.EMFILE, () -> host.eventfds().dup(eventfd));
    assertErrno(Errno.EMFILE, () -> TestHosts.eventfd(host));

    assertThat(host.eventfds().descriptors(entry)).containsExactly(3, 4, 5, 6);
    assertThat(host.counts().eventfds()).isEqualTo(1);
    host.eventfds().close(EventfdName.fd(4));
    assertThat(host.eventfds().dup(eventfd)).isEqualTo(4);
  }

  @Test
  void breakpointsAndHeldThreadsPastTheLimitsAreRefused() {
    Host host = sandboxes.create(RIG).host();
    host.setBreakpoint(hold(2));

    assertErrno(Errno.EMFILE, () -> host.setBreakpoint(hold(2)));
    host.setBreakpoint(hold(1));
    assertErrno(Errno.EMFILE, () -> host.setBreakpoint(hold(0)));

    assertThat(host.breakpoints().list()).hasSize(2);
  }

  @Test
  void objectsOfAllSandboxesTogetherAreBounded() {
    Host one = sandboxes.create(settings("one")).host();
    Host two = sandboxes.create(settings("two")).host();
    Host always = sandboxes.find(Sandboxes.DEFAULT).host();
    for (Host host : List.of(one, two)) {
      for (int i = 0; i < 3; i++) {
        TestHosts.eventfd(host);
      }
    }
    TestHosts.vm(one);
    TestHosts.vm(two);

    assertErrno(Errno.ENFILE, () -> TestHosts.vm(always));
    assertErrno(Errno.ENFILE, () -> TestHosts.eventfd(always));

    assertThat(always.counts()).isEqualTo(new Counts(0, 0, 0, 0, 0));
    sandboxes.delete("one");
    TestHosts.vm(always);
  }

  // ---- the end

  @Test
  void drainingInstanceTakesNoNewSandboxAndEndsWaitsAndHolds() {
    Host host = sandboxes.create(RIG).host();
    VmFile vm = TestHosts.vm(host);
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    Call<Long> waiter = Call.asleep(() -> host.waits().counted("line", () -> 0, 1, 1, LONG));

    sandboxes.beginDrain();

    assertThat(sandboxes.isDraining()).isTrue();
    assertErrno(Errno.ESHUTDOWN, waiter::get);
    assertThat(sandboxes.find(RIG.name()).log().isClosed()).as("readers go").isTrue();
    assertErrno(Errno.ESHUTDOWN, () -> sandboxes.create(settings("late")));
    assertErrno(Errno.ESHUTDOWN, () -> sandboxes.ensure(RIG));
    DrainReport report = sandboxes.drain(Duration.ofSeconds(30));
    assertThat(report.complete()).isTrue();
    assertThat(report.signals()).isEqualTo(1);
    assertThat(report.lost()).isZero();
  }

  @Test
  void callsAreRefusedWhileADrainWaitsForWhatIsInFlight() {
    Queue<Runnable> workers = new ConcurrentLinkedQueue<>();
    Sandboxes manual =
        new TestSandboxes().limits(TIGHT).workers((queue, worker) -> workers::add).empty();
    Host host = manual.create(RIG).host();
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(TestHosts.vm(host).id(), eventfd, 5, null);
    PendingSignal signal = host.eventfds().write(eventfd, 1);

    Call<DrainReport> drain = Call.asleep(() -> manual.drain(Duration.ofSeconds(30)));

    assertErrno(Errno.ESHUTDOWN, () -> host.eventfds().write(eventfd, 1));
    assertErrno(Errno.ESHUTDOWN, () -> TestHosts.vm(host));
    Await.until(() -> {
      Runnable worker = workers.poll();
      if (worker != null) {
        worker.run();
      }
      return drain.isDone();
    });
    assertThat(drain.get().complete()).isTrue();
    assertThat(drain.get().signals()).isEqualTo(1);
    assertThat(signal.outcome()).isEqualTo(Outcome.INJECTED);
  }

  @Test
  void drainUnderLoadLosesNoAcceptedSignal() {
    Sandboxes loaded = sandboxes(TestLimits.defaults());
    List<Call<Long>> writers = new ArrayList<>();
    CountDownLatch underWay = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      Host host = loaded.create(settings("rig-" + i)).host();
      writers.add(Call.start(() -> writeUntilRefused(host, underWay)));
    }
    Await.until(() -> underWay.getCount() == 0);

    loaded.beginDrain();
    DrainReport report = loaded.drain(Duration.ofSeconds(30));

    long accepted = writers.stream().mapToLong(Call::get).sum();
    assertThat(report.complete()).isTrue();
    assertThat(report.lost()).isZero();
    assertThat(report.signals()).isEqualTo(accepted);
    assertThat(report.sandboxes()).isEqualTo(5);
  }

  /** Binds, writes and closes until the instance is gone; returns how many writes were accepted. */
  private static long writeUntilRefused(Host host, CountDownLatch underWay) {
    long accepted = 0;
    try {
      while (true) {
        VmFile vm = TestHosts.vm(host);
        EventfdName eventfd = TestHosts.eventfd(host);
        host.irqfds().assign(vm.id(), eventfd, 5, null);
        for (int i = 0; i < 20; i++) {
          host.eventfds().write(eventfd, 1);
          accepted++;
        }
        underWay.countDown();
        host.vms().close(vm.id());
        host.eventfds().close(eventfd);
      }
    } catch (ErrnoException e) {
      assertThat(e.errno()).isIn(Errno.ECANCELED, Errno.ESHUTDOWN, Errno.EBADF, Errno.EMFILE);
      return accepted;
    }
  }

  private static Sandboxes sandboxes(Limits limits) {
    return new TestSandboxes().limits(limits).withDefault();
  }

  private static SandboxSpec settings(String name) {
    return new SandboxSpec(name, Duration.ofMinutes(1), 1, Map.of());
  }

  private static Breakpoint.Spec hold(int hits) {
    return new Breakpoint.Spec(
        Tracepoint.INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.HOLD, 0, 0, hits, LONG);
  }

  private List<String> names(String after) {
    return sandboxes.list(after).stream().map(one -> one.settings().name()).toList();
  }
}
