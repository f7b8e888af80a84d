package dev.virq.metrics;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.inflight.PendingClose;
import dev.virq.inflight.PendingSignal;
import dev.virq.irqfd.Irqfd;
import dev.virq.testing.TestHosts;
import dev.virq.trace.EndCause;
import dev.virq.trace.Outcome;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MeterProbeTest {
  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final Host host = TestHosts.boot(2, new MeterProbe(registry));
  private final VmFile vm = TestHosts.vm(host);

  @Test
  void signalToAnEventfdThatIsNotBoundMovesItsOutcomeOnly() {
    EventfdName eventfd = TestHosts.eventfd(host);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);

    assertThat(moves.all()).isEqualTo(signals(Map.of("irqfd.signals{not_bound}", 1.0)));
  }

  @Test
  void lineStatusIsCountedWithTheOutcomeAndNotBefore() {
    EventfdName eventfd = bound(5);
    Breakpoint held = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_LOWERED));
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.waits().parked(held.id(), 1, LONG);

    assertThat(moves.all()).doesNotContainKey("irqfd.line.status{delivered}");
    host.breakpoints().release(held.id(), 1);
    host.waits().settled(LONG);
    assertThat(moves.all()).containsEntry("irqfd.line.status{delivered}", 1.0);
  }

  @Test
  void injectedSignalMovesInjectionsAndTheirLatency() {
    EventfdName eventfd = bound(5);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            signals(
                Map.of(
                    "irqfd.signals{injected}",
                    1.0,
                    "irqfd.injections",
                    1.0,
                    "irqfd.line.status{delivered}",
                    1.0,
                    "irqfd.injection",
                    1.0)));
  }

  @Test
  void injectionLatencyRunsFromTheSignalToItsOutcome() {
    EventfdName eventfd = bound(5);

    PendingSignal signal = host.eventfds().write(eventfd, 1);
    host.waits().settled(LONG);

    assertThat(registry.get("irqfd.injection").timer().totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo((double) signal.injection().totalNanos());
  }

  @Test
  void whatTheChipsMakeOfAnInjectionIsToldApart() {
    EventfdName eventfd = bound(5);
    EventfdName masked = bound(16);
    host.eventfds().write(eventfd, 1);
    host.waits().settled(LONG);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.eventfds().write(masked, 1);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals.accepted", 2.0,
                "irqfd.signals{injected}", 2.0,
                "irqfd.injections", 2.0,
                "irqfd.line.status{coalesced}", 1.0,
                "irqfd.line.status{ignored}", 1.0,
                "irqfd.injection", 2.0));
    assertThat(host.chips().lineCounters(vm.id(), 5).lineDelivered()).isEqualTo(1);
    assertThat(host.chips().lineCounters(vm.id(), 5).lineCoalesced()).isEqualTo(1);
    assertThat(host.chips().lineCounters(vm.id(), 16).lineIgnored()).isEqualTo(1);
  }

  @Test
  void anEndOfInterruptMovesResamplesAndIsASignal() {
    EventfdName trigger = TestHosts.eventfd(host);
    EventfdName resample = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), trigger, 5, resample);
    host.eventfds().write(trigger, 1);
    host.waits().settled(LONG);
    host.vcpus().create(vm.id(), 0);
    MeterDelta moves = new MeterDelta(registry);

    // A specific end of line 5, in service or not, at the master 8259.
    var _ = host.vcpus().guest(vm.id(), 0, guest -> guest.out(0, 0x20, 0x65));

    assertThat(moves.all())
        .isEqualTo(signals(Map.of("irqfd.signals{not_bound}", 1.0, "irqfd.resamples", 1.0)));
    assertThat(host.eventfds().read(resample, 0)).isEqualTo(1);
  }

  @Test
  void signalToALineThatLeadsNowhereIsNoInjectedInterrupt() {
    EventfdName eventfd = bound(1_000);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            signals(
                Map.of(
                    "irqfd.signals{ignored_unrouted}", 1.0,
                    "irqfd.line.status{ignored}", 1.0,
                    "irqfd.injection", 1.0)));
  }

  @Test
  void signalsInFlightArePendingAndMergedOnesHaveTheirOutcomeAtOnce() {
    EventfdName eventfd = bound(5);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    host.eventfds().write(eventfd, 1);
    host.eventfds().write(eventfd, 1);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals.accepted", 3.0,
                "irqfd.signals{coalesced_pending}", 1.0,
                "irqfd.signals.pending", 2.0));

    host.breakpoints().release(hold.id(), 1);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals.accepted", 3.0,
                "irqfd.signals{coalesced_pending}", 1.0,
                "irqfd.signals{injected}", 2.0,
                "irqfd.injections", 2.0,
                "irqfd.line.status{delivered}", 1.0,
                "irqfd.line.status{coalesced}", 1.0,
                "irqfd.injection", 2.0));
  }

  @Test
  void counterThatIsNotZeroAtAssignIsASignal() {
    EventfdName eventfd = EventfdName.id(host.eventfds().create(7, false, false, null).id());
    MeterDelta moves = new MeterDelta(registry);

    host.irqfds().assign(vm.id(), eventfd, 5, null);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            signals(
                Map.of(
                    "irqfd.signals{injected}",
                    1.0,
                    "irqfd.injections",
                    1.0,
                    "irqfd.line.status{delivered}",
                    1.0,
                    "irqfd.injection",
                    1.0)));
  }

  @Test
  void signalOfASeveredIrqfdIsDroppedAndNoInjection() {
    EventfdName eventfd = bound(5);
    Breakpoint reader = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    Breakpoint closer = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.HUP_UNHOOKED));
    host.eventfds().write(eventfd, 1);
    host.waits().parked(reader.id(), 1, LONG);
    host.vms().close(vm.id());
    host.waits().parked(closer.id(), 1, LONG);
    MeterDelta moves = new MeterDelta(registry);

    host.breakpoints().release(reader.id(), 1);
    host.breakpoints().release(closer.id(), 1);
    host.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals{dropped_vm_gone}", 1.0,
                "irqfd.signals.pending", -1.0,
                "irqfd.flush{vm_release}", 1.0,
                "irqfd.teardowns{vm}", 1.0));
  }

  @Test
  void closeOfTheEventfdMovesTheMetersOfAHangup() {
    EventfdName eventfd = bound(5);
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().close(eventfd);
    host.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("hangup", "close"));
  }

  @Test
  void deassignMovesTheMetersOfADeassign() {
    EventfdName eventfd = bound(5);
    MeterDelta moves = new MeterDelta(registry);

    host.irqfds().deassign(vm.id(), eventfd, 5);
    host.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("deassign", "deassign"));
  }

  @Test
  void closeOfTheVmMovesTheMetersOfAVmRelease() {
    EventfdName _ = bound(5);
    MeterDelta moves = new MeterDelta(registry);

    host.vms().close(vm.id());
    host.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("vm_release", "vm"));
  }

  @ParameterizedTest
  @CsvSource({"RESET, reset", "LEASE, lease"})
  void endOfTheSandboxMovesTheMetersOfItsCause(EndCause cause, String name) {
    EventfdName _ = bound(5);
    MeterDelta moves = new MeterDelta(registry);

    host.shutDown(cause, new ErrnoException(Errno.ECANCELED, "over"), LONG);

    assertThat(moves.all()).isEqualTo(end(name, name));
  }

  @Test
  void gracePeriodIsActiveWhileItWaitsForAReaderAndAsLongAsTheCloseReports() {
    EventfdName eventfd = bound(5);
    Breakpoint reader = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    Breakpoint closer = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_FLIPPED));
    host.eventfds().write(eventfd, 1);
    host.waits().parked(reader.id(), 1, LONG);
    MeterDelta moves = new MeterDelta(registry);

    PendingClose close = host.vms().close(vm.id());
    host.waits().parked(closer.id(), 1, LONG);

    clock.add(40, TimeUnit.SECONDS);

    assertThat(moves.all())
        .isEqualTo(
            Map.of("srcu.grace.periods.active", 1.0, "srcu.grace.period.oldest.seconds", 40.0));

    host.breakpoints().release(reader.id(), 1);
    host.breakpoints().remove(closer.id());
    host.waits().settled(LONG);

    assertThat(moves.all())
        .doesNotContainKeys("srcu.grace.periods.active", "srcu.grace.period.oldest.seconds")
        .containsEntry("srcu.grace.period{vm_release}", 1.0);
    assertThat(
            registry
                .get("srcu.grace.period")
                .tag("cause", "vm_release")
                .timer()
                .totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo((double) close.report().gracePeriodNanos());
  }

  @Test
  void forgottenBreakpointMovesExpired() {
    EventfdName eventfd = bound(5);
    host.setBreakpoint(
        new Breakpoint.Spec(
            Tracepoint.INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.HOLD, 0, 0, 1, 1));
    MeterDelta moves = new MeterDelta(registry);

    PendingSignal signal = host.eventfds().write(eventfd, 1);
    // Its wait may be in vain for the moment that the thread is held, hence not settled.
    host.waits().counted("line", () -> signal.outcome() == null ? 0 : 1, 1, 1, LONG);

    assertThat(moves.all()).containsEntry("virq.breakpoint.expired", 1.0);
  }

  @Test
  void breakpointThatIsReleasedIsNotExpired() {
    EventfdName eventfd = bound(5);
    Breakpoint hold = host.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    MeterDelta moves = new MeterDelta(registry);

    host.eventfds().write(eventfd, 1);
    host.waits().parked(hold.id(), 1, LONG);
    host.breakpoints().release(hold.id(), 1);
    host.waits().settled(LONG);

    assertThat(moves.all()).doesNotContainKey("virq.breakpoint.expired");
  }

  @ParameterizedTest
  @EnumSource
  void everyOutcomeHasASeriesOfItsOwn(Outcome outcome) {
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    MeterProbe probe = new MeterProbe(own);
    MeterDelta moves = new MeterDelta(own);

    probe.hit(Tracepoint.EVENTFD_SIGNALLED, Subject.NONE);
    probe.hit(Tracepoint.SIGNAL_FINISHED, Subject.NONE, 1_000, outcome);

    assertThat(moves.all())
        .containsEntry("irqfd.signals{" + outcome.name().toLowerCase(Locale.ROOT) + "}", 1.0)
        .containsEntry("irqfd.signals.accepted", 1.0)
        .doesNotContainKey("irqfd.signals.pending");
    assertThat(moves.all().keySet().stream().filter(name -> name.startsWith("irqfd.signals{")))
        .hasSize(1);
    assertThat(moves.all().containsKey("irqfd.injection")).isEqualTo(outcome.reachedVm());
  }

  @Test
  void seriesAreTheSameWithOneIrqfdAndWithTwoThousand() {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Host many = TestHosts.boot(2, new MeterProbe(prometheus));
    VmFile machine = TestHosts.vm(many);
    EventfdName first = TestHosts.eventfd(many);
    many.irqfds().assign(machine.id(), first, 1, null);
    many.eventfds().write(first, 1);
    many.waits().settled(LONG);
    List<String> one = series(prometheus);

    for (int i = 1; i < 2_000; i++) {
      EventfdName eventfd = TestHosts.eventfd(many);
      many.irqfds().assign(machine.id(), eventfd, i % 30, null);
      many.eventfds().write(eventfd, 1);
      if (i % 3 == 0) {
        many.eventfds().close(eventfd);
      }
    }
    many.waits().settled(LONG);

    assertThat(series(prometheus)).isEqualTo(one);
    assertThat(registryTotal(prometheus, "irqfd.signals")).isEqualTo(2_000);
  }

  @Test
  void acceptedSignalsAreTheSumOfOutcomesPlusPendingAtAnyMoment()
      throws InterruptedException, ExecutionException {
    List<Callable<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(this::signalAndClose);
    }
    MeterDelta moves = new MeterDelta(registry);

    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> results = threads.invokeAll(writers);
      int writes = 0;
      for (Future<Integer> result : results) {
        writes += result.get();
      }
      host.waits().settled(LONG);

      assertThat(moves.all()).doesNotContainKey("irqfd.signals.pending");
      assertThat(moves.all().get("irqfd.signals.accepted")).isEqualTo(writes);
      assertThat(registryTotal(registry, "irqfd.signals")).isEqualTo(writes);
      assertThat(host.stats().pending()).isZero();
    }
  }

  /** Writes, and ends bindings from all three sides, while it looks at the pending gauge. */
  private int signalAndClose() {
    int writes = 0;
    for (int round = 0; round < 30; round++) {
      VmFile machine = TestHosts.vm(host);
      EventfdName eventfd = TestHosts.eventfd(host);
      Irqfd irqfd = host.irqfds().assign(machine.id(), eventfd, round % 30, null);
      for (int i = 0; i < 10; i++) {
        host.eventfds().write(eventfd, 1);
        writes++;
      }
      assertThat(registry.get("irqfd.signals.pending").gauge().value()).isGreaterThanOrEqualTo(0.0);
      if (round % 3 == 0) {
        host.irqfds().deassign(machine.id(), irqfd.irqfdId());
      } else if (round % 3 == 1) {
        host.eventfds().close(eventfd);
      }
      host.vms().close(machine.id());
    }
    return writes;
  }

  private EventfdName bound(long gsi) {
    EventfdName eventfd = TestHosts.eventfd(host);
    host.irqfds().assign(vm.id(), eventfd, gsi, null);
    return eventfd;
  }

  /** One accepted signal, and what else moves with it. */
  private static Map<String, Double> signals(Map<String, Double> others) {
    Map<String, Double> all = new TreeMap<>(others);
    all.put("irqfd.signals.accepted", 1.0);
    return all;
  }

  private static Map<String, Double> end(String cause, String trigger) {
    return Map.of(
        "irqfd.teardowns{" + trigger + "}", 1.0,
        "irqfd.flush{" + cause + "}", 1.0,
        "srcu.grace.period{" + cause + "}", 1.0);
  }

  private static List<String> series(PrometheusMeterRegistry registry) {
    return registry
        .scrape()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .toList();
  }

  private static double registryTotal(MeterRegistry registry, String name) {
    return registry.get(name).functionCounters().stream().mapToDouble(FunctionCounter::count).sum();
  }
}
