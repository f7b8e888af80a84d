package dev.virq.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.sandbox.SandboxSpec;
import dev.virq.sandbox.Sandboxes;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestSandboxes;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetersTest {
  private static final Path DOCUMENT = Path.of("src/docs/metrics.md");
  private static final String BEGIN = "<!-- meters -->\n";
  private static final String END = "<!-- /meters -->";

  @Test
  void documentedTableEqualsTheEnum() throws IOException {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf(BEGIN) + BEGIN.length();
    int to = text.indexOf(END);

    String table = text.substring(from, to);

    String expected = table();
    assertThat(table.strip())
        .as("the table of %s; it should be%n%n%s%n", DOCUMENT, expected)
        .isEqualTo(expected.strip());
  }

  @Test
  void everyDeclaredMeterIsRegisteredWithEveryValueOfItsTagAndNoOther() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MeterProbe probe = new MeterProbe(registry);
    SandboxGauges _ = new SandboxGauges(registry, sandboxes(probe));

    Set<String> registered = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      assertThat(registered.add(meter.getId().getName() + meter.getId().getTags())).isTrue();
    }

    Set<String> declared = new TreeSet<>();
    for (Meters meter : Meters.values()) {
      Meters.Key key = meter.key();
      if (key == null) {
        declared.add(meter.getName() + "[]");
      } else {
        for (String value : key.tagValues()) {
          declared.add("%s[tag(%s=%s)]".formatted(meter.getName(), key.asString(), value));
        }
      }
    }
    assertThat(registered).isEqualTo(declared);
  }

  @Test
  void thousandIrqfdsHaveNoMoreMetersThanOne() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MeterProbe probe = new MeterProbe(registry);
    Sandboxes sandboxes = sandboxes(probe);
    SandboxGauges _ = new SandboxGauges(registry, sandboxes);
    Host host = sandboxes.create(new SandboxSpec("rig", Duration.ofHours(1), 1, Map.of())).host();
    long vm = TestHosts.vm(host).id();

    bindAndSignal(host, vm, 1);
    Set<Meter.Id> ids = ids(registry);
    long lines = registry.scrape().lines().count();
    bindAndSignal(host, vm, 999);

    assertThat(ids(registry)).isEqualTo(ids);
    assertThat(registry.scrape().lines())
        .hasSize(Math.toIntExact(lines))
        .contains("virq_irqfds 1000.0", "irqfd_signals_total{outcome=\"injected\"} 1000.0");
  }

  private static void bindAndSignal(Host host, long vm, int irqfds) {
    for (int i = 0; i < irqfds; i++) {
      EventfdName eventfd = TestHosts.eventfd(host);
      host.irqfds().assign(vm, eventfd, i % 24, null);
      host.eventfds().write(eventfd, 1);
    }
    host.waits().settled(TestHosts.LONG);
  }

  private static Set<Meter.Id> ids(PrometheusMeterRegistry registry) {
    return registry.getMeters().stream().map(Meter::getId).collect(Collectors.toSet());
  }

  @Test
  void freshScrapeShowsZerosUnderTheNamesOfTheContract() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MeterProbe probe = new MeterProbe(registry);
    SandboxGauges _ = new SandboxGauges(registry, sandboxes(probe));

    String scrape = registry.scrape();

    assertThat(scrape.lines())
        .contains(
            "irqfd_signals_total{outcome=\"injected\"} 0.0",
            "irqfd_signals_total{outcome=\"dropped_vm_gone\"} 0.0",
            "irqfd_injections_total 0.0",
            "irqfd_line_status_total{status=\"delivered\"} 0.0",
            "irqfd_line_status_total{status=\"coalesced\"} 0.0",
            "irqfd_line_status_total{status=\"ignored\"} 0.0",
            "irqfd_resamples_total 0.0",
            "srcu_grace_period_seconds_bucket{cause=\"vm_release\",le=\"1.0E-5\"} 0",
            "srcu_grace_period_seconds_bucket{cause=\"hangup\",le=\"10.0\"} 0",
            "srcu_grace_period_seconds_count{cause=\"lease\"} 0",
            "irqfd_flush_seconds_count{cause=\"deassign\"} 0",
            "irqfd_injection_seconds_bucket{le=\"0.001\"} 0",
            "irqfd_injection_queue_depth 0.0",
            "irqfd_teardowns_total{trigger=\"close\"} 0.0",
            "irqfd_teardowns_total{trigger=\"deassign\"} 0.0",
            "irqfd_teardowns_total{trigger=\"vm\"} 0.0",
            "irqfd_teardowns_total{trigger=\"reset\"} 0.0",
            "irqfd_teardowns_total{trigger=\"lease\"} 0.0",
            "virq_sandboxes 0.0",
            "virq_vms 0.0",
            "virq_eventfds 0.0",
            "virq_irqfds 0.0",
            "virq_parked_threads 0.0",
            "virq_breakpoint_expired_total 0.0",
            "virq_explorations 0.0",
            "virq_exploration_runs_total 0.0",
            "virq_leases_expired_total 0.0");
  }

  @Test
  void bucketsAreOneTwoFiveFromTenMicrosecondsToTenSeconds() {
    assertThat(Arrays.stream(Meters.buckets()).map(Object::toString))
        .hasSize(19)
        .startsWith("PT0.00001S", "PT0.00002S", "PT0.00005S", "PT0.0001S")
        .endsWith("PT2S", "PT5S", "PT10S");
  }

  private static Sandboxes sandboxes(MeterProbe probe) {
    return new TestSandboxes().probe(probe).empty();
  }

  private static String table() {
    StringBuilder table = new StringBuilder();
    table.append("| Meter | In Prometheus | Kind | Counts | Tag | Moves when |\n");
    table.append("|---|---|---|---|---|---|\n");
    for (Meters meter : Meters.values()) {
      table.append(
          "| `%s` | `%s` | %s | %s | %s | %s |%n"
              .formatted(
                  meter.getName(),
                  prometheusName(meter),
                  kind(meter),
                  meter.unit(),
                  tag(meter),
                  meter.movesWhen()));
    }
    return table.toString();
  }

  private static String prometheusName(Meters meter) {
    String name =
        new PrometheusNamingConvention()
            .name(meter.getName(), meter.getType(), meter.getBaseUnit());
    return meter.getType() == Meter.Type.COUNTER ? name + "_total" : name;
  }

  private static String kind(Meters meter) {
    return switch (meter.getType()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> "histogram";
      default -> throw new IllegalStateException(meter + " is of a kind that has no word yet");
    };
  }

  private static String tag(Meters meter) {
    Meters.Key key = meter.key();
    return key == null
        ? "–"
        : key.tagValues().stream()
            .map(value -> "`" + value + "`")
            .collect(Collectors.joining(", ", "`" + key.asString() + "`: ", ""));
  }
}
