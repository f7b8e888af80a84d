package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.Asleep;
import dev.virq.testing.Call;
import dev.virq.testing.Systems;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Probe;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SandboxesTest {
  /** 2 sandboxes; in each 2 VMs, 3 eventfds, 4 descriptors, 1 irqfd; 8 objects in all. */
  private static final Limits TIGHT =
      new Limits(
          2,
          2,
          3,
          4,
          1,
          2,
          3,
          4,
          8,
          16,
          16,
          16,
          10,
          2,
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          Duration.ofHours(1));

  private static final SandboxSettings RIG =
      new SandboxSettings("rig", Duration.ofMinutes(1), 1, Map.of());

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
        Errno.EEXIST, () -> sandboxes.ensure(new SandboxSettings("rig", RIG.ttl(), 2, Map.of())));
    assertErrno(
        Errno.EEXIST,
        () -> sandboxes.ensure(new SandboxSettings("rig", RIG.ttl(), 1, Map.of("k", "v"))));
  }

  @Test
  void racingCallsCreateItOnce() {
    CountDownLatch start = new CountDownLatch(1);
    List<Call<Sandboxes.Created>> racers = new ArrayList<>();
    Sandboxes roomy = sandboxes(Limits.defaults());
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
    VmEntry _ = Systems.vm(first.kernel());

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
  void freshNamesAreNotTaken() {
    sandboxes.create(settings("sandbox-1"));

    assertThat(sandboxes.freshName()).isEqualTo("sandbox-2");
    assertThat(sandboxes.freshName()).isEqualTo("sandbox-3");
  }

  @Test
  void sandboxesShareNoObjectsAndNumberTheirOwn() {
    Kernel one = sandboxes.create(settings("one")).kernel();
    Kernel two = sandboxes.create(settings("two")).kernel();

    EventfdRef eventfd = Systems.eventfd(one);

    assertErrno(Errno.EBADF, () -> two.eventfds().write(eventfd, 1));
    assertThat(Systems.eventfd(two)).isEqualTo(eventfd);
    assertThat(one.counts().eventfds()).isEqualTo(1);
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
    Kernel kernel = sandboxes.create(RIG).kernel();
    VmEntry vm = Systems.vm(kernel);
    VmEntry _ = Systems.vm(kernel);
    EventfdRef first = Systems.eventfd(kernel);
    EventfdRef second = Systems.eventfd(kernel);
    EventfdRef _ = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), first, 5, null);
    Kernel.Counts full = kernel.counts();
    assertThat(full).isEqualTo(new Kernel.Counts(2, 3, 1, 0, 0));
    long seq = kernel.seq();

    assertErrno(Errno.EMFILE, () -> Systems.vm(kernel));
    assertErrno(Errno.EMFILE, () -> Systems.eventfd(kernel));
    assertErrno(Errno.EMFILE, () -> kernel.irqfds().assign(vm.id(), second, 6, null));

    assertThat(kernel.counts()).isEqualTo(full);
    assertThat(kernel.seq()).isEqualTo(seq);
    assertThat(vm.vm().references()).isEqualTo(2);
    assertThat(kernel.vms().lines(vm.id(), 23, 10)).isEmpty();
    // The refused calls used up no numbers.
    kernel.vms().close(2);
    kernel.eventfds().close(EventfdRef.id(3));
    kernel.irqfds().deassign(vm.id(), 1L);
    kernel.waits().settled(LONG);
    assertThat(Systems.vm(kernel).id()).isEqualTo(3);
    assertThat(Systems.eventfd(kernel)).isEqualTo(EventfdRef.id(4));
    assertThat(kernel.irqfds().assign(vm.id(), second, 6, null).irqfdId()).isEqualTo(2);
  }

  @Test
  void refusedVmGivesItsPlaceBack() {
    Kernel kernel = sandboxes.create(RIG).kernel();

    for (int i = 0; i < 5; i++) {
      assertErrno(Errno.EINVAL, () -> kernel.vms().create(null, IrqChip.Kind.SPLIT, 5_000));
    }

    assertThat(kernel.counts().vms()).isZero();
    assertThat(Systems.vm(kernel).id()).isEqualTo(1);
  }

  @Test
  void refusedAssignGivesItsPlaceBack() {
    Kernel kernel = sandboxes.create(RIG).kernel();
    VmEntry bare = kernel.vms().create(null);
    EventfdRef eventfd = Systems.eventfd(kernel);

    for (int i = 0; i < 3; i++) {
      assertErrno(Errno.EINVAL, () -> kernel.irqfds().assign(bare.id(), eventfd, 5, null));
    }
    VmEntry vm = Systems.vm(kernel);
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);

    assertThat(kernel.counts().irqfds()).isEqualTo(1);
    assertThat(bare.vm().references()).isEqualTo(1);
  }

  @Test
  void descriptorsPastTheLimitAreRefused() {
    Kernel kernel = sandboxes.create(RIG).kernel();
    EventfdEntry entry = kernel.eventfds().create(0, false, false, null);
    EventfdRef eventfd = EventfdRef.id(entry.id());
    for (int i = 0; i < 3; i++) {
      kernel.eventfds().dup(eventfd);
    }

    assertErrno(Errno.EMFILE, () -> kernel.eventfds().dup(eventfd));
    assertErrno(Errno.EMFILE, () -> Systems.eventfd(kernel));

    assertThat(kernel.eventfds().descriptors(entry)).containsExactly(3, 4, 5, 6);
    assertThat(kernel.counts().eventfds()).isEqualTo(1);
    kernel.eventfds().close(EventfdRef.fd(4));
    assertThat(kernel.eventfds().dup(eventfd)).isEqualTo(4);
  }

  @Test
  void breakpointsAndHeldThreadsPastTheLimitsAreRefused() {
    Kernel kernel = sandboxes.create(RIG).kernel();
    kernel.setBreakpoint(hold(2));

    assertErrno(Errno.EMFILE, () -> kernel.setBreakpoint(hold(2)));
    kernel.setBreakpoint(hold(1));
    assertErrno(Errno.EMFILE, () -> kernel.setBreakpoint(hold(0)));

    assertThat(kernel.breakpoints().list()).hasSize(2);
  }

  @Test
  void objectsOfAllSandboxesTogetherAreBounded() {
    Kernel one = sandboxes.create(settings("one")).kernel();
    Kernel two = sandboxes.create(settings("two")).kernel();
    Kernel always = sandboxes.find(Sandboxes.DEFAULT).kernel();
    for (Kernel kernel : List.of(one, two)) {
      for (int i = 0; i < 3; i++) {
        Systems.eventfd(kernel);
      }
    }
    Systems.vm(one);
    Systems.vm(two);

    assertErrno(Errno.ENFILE, () -> Systems.vm(always));
    assertErrno(Errno.ENFILE, () -> Systems.eventfd(always));

    assertThat(always.counts()).isEqualTo(new Kernel.Counts(0, 0, 0, 0, 0));
    sandboxes.delete("one");
    Systems.vm(always);
  }

  // ---- the end

  @Test
  void drainingInstanceTakesNoNewSandboxAndEndsWaitsAndHolds() {
    Kernel kernel = sandboxes.create(RIG).kernel();
    VmEntry vm = Systems.vm(kernel);
    EventfdRef eventfd = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(hold.id(), 1, LONG);
    Call<Long> waiter = Call.asleep(() -> kernel.waits().counted(() -> 0, 1, 1, LONG));

    sandboxes.beginDrain();

    assertThat(sandboxes.isDraining()).isTrue();
    assertErrno(Errno.ESHUTDOWN, waiter::get);
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
        new Sandboxes(TIGHT, name -> workers::add, Probe.NONE, () -> 0, () -> 0, 1, false);
    Kernel kernel = manual.create(RIG).kernel();
    EventfdRef eventfd = Systems.eventfd(kernel);
    kernel.irqfds().assign(Systems.vm(kernel).id(), eventfd, 5, null);
    SignalRecord signal = kernel.eventfds().write(eventfd, 1);

    Call<DrainReport> drain = Call.asleep(() -> manual.drain(Duration.ofSeconds(30)));

    assertErrno(Errno.ESHUTDOWN, () -> kernel.eventfds().write(eventfd, 1));
    assertErrno(Errno.ESHUTDOWN, () -> Systems.vm(kernel));
    Asleep.until(() -> {
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
    Sandboxes loaded = sandboxes(Limits.defaults());
    List<Call<Long>> writers = new ArrayList<>();
    CountDownLatch underWay = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      Kernel kernel = loaded.create(settings("rig-" + i)).kernel();
      writers.add(Call.start(() -> writeUntilRefused(kernel, underWay)));
    }
    Asleep.until(() -> underWay.getCount() == 0);

    loaded.beginDrain();
    DrainReport report = loaded.drain(Duration.ofSeconds(30));

    long accepted = writers.stream().mapToLong(Call::get).sum();
    assertThat(report.complete()).isTrue();
    assertThat(report.lost()).isZero();
    assertThat(report.signals()).isEqualTo(accepted);
    assertThat(report.sandboxes()).isEqualTo(5);
  }

  /** Binds, writes and closes until the instance is gone; returns how many writes were accepted. */
  private static long writeUntilRefused(Kernel kernel, CountDownLatch underWay) {
    long accepted = 0;
    try {
      while (true) {
        VmEntry vm = Systems.vm(kernel);
        EventfdRef eventfd = Systems.eventfd(kernel);
        kernel.irqfds().assign(vm.id(), eventfd, 5, null);
        for (int i = 0; i < 20; i++) {
          kernel.eventfds().write(eventfd, 1);
          accepted++;
        }
        underWay.countDown();
        kernel.vms().close(vm.id());
        kernel.eventfds().close(eventfd);
      }
    } catch (ErrnoException e) {
      assertThat(e.errno()).isIn(Errno.ECANCELED, Errno.ESHUTDOWN, Errno.EBADF, Errno.EMFILE);
      return accepted;
    }
  }

  private static Sandboxes sandboxes(Limits limits) {
    return new Sandboxes(limits, Workers.virtual(), Probe.NONE, () -> 0, () -> 0, 1, true);
  }

  private static SandboxSettings settings(String name) {
    return new SandboxSettings(name, Duration.ofMinutes(1), 1, Map.of());
  }

  private static Breakpoint.Spec hold(int hits) {
    return new Breakpoint.Spec(
        Tracepoint.INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.HOLD, 0, 0, hits, LONG);
  }

  private List<String> names(String after) {
    return sandboxes.list(after).stream().map(one -> one.settings().name()).toList();
  }
}
