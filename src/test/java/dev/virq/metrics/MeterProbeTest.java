package dev.virq.metrics;

import static dev.virq.testing.Systems.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.eventfd.Outcome;
import dev.virq.irqfd.Cause;
import dev.virq.irqfd.Irqfd;
import dev.virq.sandbox.CloseOp;
import dev.virq.sandbox.EventfdRef;
import dev.virq.sandbox.Kernel;
import dev.virq.sandbox.SignalRecord;
import dev.virq.sandbox.VmEntry;
import dev.virq.testing.Systems;
import dev.virq.trace.Breakpoint;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import io.micrometer.core.instrument.Counter;
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
  private final Kernel kernel = Systems.boot(2, new MeterProbe(registry));
  private final VmEntry vm = Systems.vm(kernel);

  @Test
  void signalToAnEventfdThatIsNotBoundMovesItsOutcomeOnly() {
    EventfdRef eventfd = Systems.eventfd(kernel);
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);

    assertThat(moves.all()).isEqualTo(signals(Map.of("irqfd.signals{not_bound}", 1.0)));
  }

  @Test
  void injectedSignalMovesInjectionsAndTheirLatency() {
    EventfdRef eventfd = bound(5);
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = bound(5);

    SignalRecord signal = kernel.eventfds().write(eventfd, 1);
    kernel.waits().settled(LONG);

    assertThat(registry.get("irqfd.injection").timer().totalTime(TimeUnit.NANOSECONDS))
        .isEqualTo((double) signal.injection().totalNanos());
  }

  @Test
  void whatTheChipsMakeOfAnInjectionIsToldApart() {
    EventfdRef eventfd = bound(5);
    EventfdRef masked = bound(16);
    kernel.eventfds().write(eventfd, 1);
    kernel.waits().settled(LONG);
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);
    kernel.eventfds().write(masked, 1);
    kernel.waits().settled(LONG);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals.accepted", 2.0,
                "irqfd.signals{injected}", 2.0,
                "irqfd.injections", 2.0,
                "irqfd.line.status{coalesced}", 1.0,
                "irqfd.line.status{ignored}", 1.0,
                "irqfd.injection", 2.0));
    assertThat(kernel.vms().lineCounters(vm.id(), 5).lineDelivered()).isEqualTo(1);
    assertThat(kernel.vms().lineCounters(vm.id(), 5).lineCoalesced()).isEqualTo(1);
    assertThat(kernel.vms().lineCounters(vm.id(), 16).lineIgnored()).isEqualTo(1);
  }

  @Test
  void anEndOfInterruptMovesResamplesAndIsASignal() {
    EventfdRef trigger = Systems.eventfd(kernel);
    EventfdRef resample = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), trigger, 5, resample);
    kernel.eventfds().write(trigger, 1);
    kernel.waits().settled(LONG);
    kernel.vms().createVcpu(vm.id(), 0);
    Moves moves = new Moves(registry);

    // A specific end of line 5, in service or not, at the master 8259.
    var _ = kernel.chips().guest(vm.id(), 0, guest -> guest.out(0, 0x20, 0x65));

    assertThat(moves.all())
        .isEqualTo(signals(Map.of("irqfd.signals{not_bound}", 1.0, "irqfd.resamples", 1.0)));
    assertThat(kernel.eventfds().read(resample, 0)).isEqualTo(1);
  }

  @Test
  void signalToALineThatLeadsNowhereIsNoInjectedInterrupt() {
    EventfdRef eventfd = bound(1_000);
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = bound(5);
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(hold.id(), 1, LONG);
    kernel.eventfds().write(eventfd, 1);
    kernel.eventfds().write(eventfd, 1);

    assertThat(moves.all())
        .isEqualTo(
            Map.of(
                "irqfd.signals.accepted", 3.0,
                "irqfd.signals{coalesced_pending}", 1.0,
                "irqfd.signals.pending", 2.0));

    kernel.breakpoints().release(hold.id(), 1);
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = EventfdRef.id(kernel.eventfds().create(7, false, false, null).id());
    Moves moves = new Moves(registry);

    kernel.irqfds().assign(vm.id(), eventfd, 5, null);
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = bound(5);
    Breakpoint reader = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    Breakpoint closer = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.HUP_UNHOOKED));
    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(reader.id(), 1, LONG);
    kernel.vms().close(vm.id());
    kernel.waits().parked(closer.id(), 1, LONG);
    Moves moves = new Moves(registry);

    kernel.breakpoints().release(reader.id(), 1);
    kernel.breakpoints().release(closer.id(), 1);
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = bound(5);
    Moves moves = new Moves(registry);

    kernel.eventfds().close(eventfd);
    kernel.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("hangup", "close"));
  }

  @Test
  void deassignMovesTheMetersOfADeassign() {
    EventfdRef eventfd = bound(5);
    Moves moves = new Moves(registry);

    kernel.irqfds().deassign(vm.id(), eventfd, 5);
    kernel.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("deassign", "deassign"));
  }

  @Test
  void closeOfTheVmMovesTheMetersOfAVmRelease() {
    EventfdRef _ = bound(5);
    Moves moves = new Moves(registry);

    kernel.vms().close(vm.id());
    kernel.waits().settled(LONG);

    assertThat(moves.all()).isEqualTo(end("vm_release", "vm"));
  }

  @ParameterizedTest
  @CsvSource({"RESET, reset", "LEASE, lease"})
  void endOfTheSandboxMovesTheMetersOfItsCause(Cause cause, String name) {
    EventfdRef _ = bound(5);
    Moves moves = new Moves(registry);

    kernel.shutDown(cause, new ErrnoException(Errno.ECANCELED, "over"), LONG);

    assertThat(moves.all()).isEqualTo(end(name, name));
  }

  @Test
  void gracePeriodIsActiveWhileItWaitsForAReaderAndAsLongAsTheCloseReports() {
    EventfdRef eventfd = bound(5);
    Breakpoint reader = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_DEREFERENCED));
    Breakpoint closer = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.SYNC_FLIPPED));
    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(reader.id(), 1, LONG);
    Moves moves = new Moves(registry);

    CloseOp close = kernel.vms().close(vm.id());
    kernel.waits().parked(closer.id(), 1, LONG);

    clock.add(40, TimeUnit.SECONDS);

    assertThat(moves.all())
        .isEqualTo(
            Map.of("srcu.grace.periods.active", 1.0, "srcu.grace.period.oldest.seconds", 40.0));

    kernel.breakpoints().release(reader.id(), 1);
    kernel.breakpoints().remove(closer.id());
    kernel.waits().settled(LONG);

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
    EventfdRef eventfd = bound(5);
    kernel.setBreakpoint(
        new Breakpoint.Spec(
            Tracepoint.INJECT_ENTER, Breakpoint.Match.ANY, Breakpoint.Action.HOLD, 0, 0, 1, 1));
    Moves moves = new Moves(registry);

    SignalRecord signal = kernel.eventfds().write(eventfd, 1);
    // Its wait may be in vain for the moment that the thread is held, hence not settled.
    kernel.waits().counted(() -> signal.outcome() == null ? 0 : 1, 1, 1, LONG);

    assertThat(moves.all()).containsEntry("virq.breakpoint.expired", 1.0);
  }

  @Test
  void breakpointThatIsReleasedIsNotExpired() {
    EventfdRef eventfd = bound(5);
    Breakpoint hold = kernel.setBreakpoint(Breakpoint.Spec.hold(Tracepoint.INJECT_ENTER));
    Moves moves = new Moves(registry);

    kernel.eventfds().write(eventfd, 1);
    kernel.waits().parked(hold.id(), 1, LONG);
    kernel.breakpoints().release(hold.id(), 1);
    kernel.waits().settled(LONG);

    assertThat(moves.all()).doesNotContainKey("virq.breakpoint.expired");
  }

  @ParameterizedTest
  @EnumSource
  void everyOutcomeHasASeriesOfItsOwn(Outcome outcome) {
    SimpleMeterRegistry own = new SimpleMeterRegistry();
    MeterProbe probe = new MeterProbe(own);
    Moves moves = new Moves(own);

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
    Kernel many = Systems.boot(2, new MeterProbe(prometheus));
    VmEntry machine = Systems.vm(many);
    EventfdRef first = Systems.eventfd(many);
    many.irqfds().assign(machine.id(), first, 1, null);
    many.eventfds().write(first, 1);
    many.waits().settled(LONG);
    List<String> one = series(prometheus);

    for (int i = 1; i < 2_000; i++) {
      EventfdRef eventfd = Systems.eventfd(many);
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
    Moves moves = new Moves(registry);

    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> results = threads.invokeAll(writers);
      int writes = 0;
      for (Future<Integer> result : results) {
        writes += result.get();
      }
      kernel.waits().settled(LONG);

      assertThat(moves.all()).doesNotContainKey("irqfd.signals.pending");
      assertThat(moves.all().get("irqfd.signals.accepted")).isEqualTo(writes);
      assertThat(registryTotal(registry, "irqfd.signals")).isEqualTo(writes);
      assertThat(kernel.stats().pending()).isZero();
    }
  }

  /** Writes, and ends bindings from all three sides, while it looks at the pending gauge. */
  private int signalAndClose() {
    int writes = 0;
    for (int round = 0; round < 30; round++) {
      VmEntry machine = Systems.vm(kernel);
      EventfdRef eventfd = Systems.eventfd(kernel);
      Irqfd irqfd = kernel.irqfds().assign(machine.id(), eventfd, round % 30, null);
      for (int i = 0; i < 10; i++) {
        kernel.eventfds().write(eventfd, 1);
        writes++;
      }
      assertThat(registry.get("irqfd.signals.pending").gauge().value()).isGreaterThanOrEqualTo(0.0);
      if (round % 3 == 0) {
        kernel.irqfds().deassign(machine.id(), irqfd.irqfdId());
      } else if (round % 3 == 1) {
        kernel.eventfds().close(eventfd);
      }
      kernel.vms().close(machine.id());
    }
    return writes;
  }

  private EventfdRef bound(long gsi) {
    EventfdRef eventfd = Systems.eventfd(kernel);
    kernel.irqfds().assign(vm.id(), eventfd, gsi, null);
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
    return registry.get(name).counters().stream().mapToDouble(Counter::count).sum();
  }
}
