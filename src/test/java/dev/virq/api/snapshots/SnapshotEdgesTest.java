package dev.virq.api.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.conformance.CutRun;
import dev.virq.host.Host;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.snapshot.SnapshotFault;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestHosts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Members that each could be what they are, and not together. */
class SnapshotEdgesTest {
  private static final Script SCRIPT =
      Script.parse("vm_create v\nirqchip_create v\nvcpu_create v c 0\nadvance v 5000000\n", 100);

  private static Map<String, Object> document() {
    Host host = TestHosts.boot(1);
    try (ScriptRunner runner = new ScriptRunner(host, 60_000_000_000L)) {
      var _ = runner.run(SCRIPT);
      return CutRun.json(Snapshots.take(host, "test", true));
    }
  }

  /** The object or array member at that path. */
  @SuppressWarnings("unchecked") // objects of JSON
  private static Map<String, Object> at(Map<String, Object> document, Object... path) {
    Object at = document;
    for (Object step : path) {
      at =
          step instanceof Integer index
              ? ((List<Object>) at).get(index)
              : ((Map<String, Object>) at).get(step);
    }
    return (Map<String, Object>) at;
  }

  private static void refused(Map<String, Object> document, String pointer, String sentence) {
    assertThatThrownBy(() -> SnapshotJson.read(document))
        .isInstanceOfSatisfying(
            SnapshotFault.class,
            fault -> {
              assertThat(fault.pointer()).isEqualTo(pointer);
              assertThat(fault.sentence()).contains(sentence);
            });
  }

  @Test
  void aTimeThatTheClockNeverShowsIsRefused() {
    Map<String, Object> document = document();
    long now = ((Number) at(document, "clock").get("nanos")).longValue();
    Map<String, Object> timer = at(document, "vms", 0, "chips", "vcpus", 0, "lapic", "timer");

    timer.put("leftNanos", Long.MAX_VALUE - now);
    assertThat(SnapshotJson.read(document)).isNotNull();

    timer.put("leftNanos", Long.MAX_VALUE - now + 1);
    refused(
        document,
        "/vms/0/chips/vcpus/0/lapic/timer/leftNanos",
        Long.toString(Long.MAX_VALUE - now + 1));
  }

  @Test
  void aMapWithIdsThatNobodyAgreedToIsRefused() {
    Map<String, Object> document = document();
    at(document, "vms", 0, "chips").put("wideMap", true);

    refused(document, "/vms/0/chips/wideMap", "32 bits");

    at(document, "vms", 0).put("x2apic", 1);
    assertThat(SnapshotJson.read(document)).isNotNull();
  }
}
