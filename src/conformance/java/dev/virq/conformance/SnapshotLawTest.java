package dev.virq.conformance;

import static dev.virq.testing.TestHosts.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.api.snapshots.SnapshotJson;
import dev.virq.host.Host;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestHosts;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The law of snapshots: a script that is cut anywhere, and goes on in another host that is made of a
 * snapshot, is answered as if it had not been cut.
 *
 * <p>{@code virq.snapshot.cuts} is how often each script is cut, each time by itself, and {@code
 * virq.snapshot.seed} decides where.
 */
class SnapshotLawTest {
  private static final int CUTS = Integer.getInteger("virq.snapshot.cuts", 2);
  private static final long SEED = Long.getLong("virq.snapshot.seed", 2009);

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final Random random = new Random(SEED);

  /** What a restore forgets; nothing, when it is right. */
  private Consumer<Map<String, Object>> forgets = document -> {};

  @Test
  void aScriptThatIsCutIsAnsweredAsOneThatIsNot() {
    int cuts = 0;
    for (Recording recording : Recordings.all()) {
      Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
      for (int i = 0; i < CUTS; i++) {
        int at = random.nextInt(script.operations().size() + 1);
        cuts++;
        requireLaw(recording, script, at);
      }
    }
    assertThat(cuts).isGreaterThanOrEqualTo(632 * CUTS);
  }

  /** Each restore that forgets one thing is caught by some script. */
  @Test
  void whatARestoreForgetsIsCaught() {
    assertThat(
            catches(document ->
                chips(document, chips -> {
                  Map<String, Object> ioapic = object(chips, "ioapic");
                  if (ioapic != null) {
                    List<Object> entries = list(ioapic, "entries");
                    entries.replaceAll(
                        entry -> new BigInteger(String.valueOf(entry)).clearBit(14).toString());
                  }
                })))
        .as("remote IRR")
        .isTrue();
    assertThat(
            catches(document ->
                chips(document, chips -> {
                  for (Object vcpu : list(chips, "vcpus")) {
                    Map<String, Object> timer = object(object(cast(vcpu), "lapic"), "timer");
                    timer.put("armed", false);
                    timer.put("leftNanos", 0);
                  }
                })))
        .as("timer")
        .isTrue();
    assertThat(
            catches(document -> {
              for (Object one : list(document, "eventfds")) {
                Map<String, Object> eventfd = cast(one);
                eventfd.put(
                    "drained",
                    new BigInteger(String.valueOf(eventfd.get("drained")))
                        .add(new BigInteger(String.valueOf(eventfd.get("counter"))))
                        .toString());
                eventfd.put("counter", "0");
              }
            }))
        .as("eventfd counter")
        .isTrue();
    assertThat(
            catches(document ->
                chips(document, chips -> {
                  Map<String, Object> ioapic = object(chips, "ioapic");
                  if (ioapic != null) {
                    ioapic.put("delivered", 0);
                  }
                })))
        .as("edges that were delivered")
        .isTrue();
    assertThat(
            catches(document ->
                chips(document, chips -> {
                  for (Object vcpu : list(chips, "vcpus")) {
                    cast(vcpu).put("forwarded", List.of());
                    cast(vcpu).put("stale", false);
                  }
                })))
        .as("vectors whose ends are reported")
        .isTrue();
    assertThat(
            catches(document ->
                chips(document, chips -> {
                  Map<String, Object> ioapic = object(chips, "ioapic");
                  if (ioapic != null) {
                    ioapic.put("rtc", Map.of("owed", 0, "notes", List.of()));
                  }
                })))
        .as("the real time clock's debts")
        .isTrue();
  }

  /** Whether some script of the corpus, cut somewhere, is answered otherwise. */
  private boolean catches(Consumer<Map<String, Object>> omission) {
    forgets = omission;
    try {
      for (int round = 0; round < 4; round++) {
        // The scenarios first, which come last: each is made for one rule.
        for (Recording recording : Recordings.all().reversed()) {
          Script script = Script.parse(recording.text(), Integer.MAX_VALUE);
          int at = random.nextInt(script.operations().size() + 1);
          if (!isLawful(recording, script, at)) {
            return true;
          }
        }
      }
      return false;
    } finally {
      forgets = document -> {};
    }
  }

  private boolean isLawful(Recording recording, Script script, int at) {
    try {
      recording.require(answers(script, at));
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }

  private void requireLaw(Recording recording, Script script, int at) {
    try {
      recording.require(answers(script, at));
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("cut before operation %d: %s".formatted(at + 1, recording.name()), e);
    }
  }

  private List<Recording.Step> answers(Script script, int at) {
    List<Operation> operations = script.operations();
    Host host = TestHosts.boot(1);
    ScriptRunner before = new ScriptRunner(host, LONG);
    List<Result> results = new ArrayList<>(before.run(new Script(operations.subList(0, at))));
    Snapshot taken = Snapshots.take(host, "test");

    Map<String, Object> document =
        JSON.readValue(JSON.writeValueAsString(SnapshotJson.write(taken)), OBJECT);
    forgets.accept(document);
    Snapshot read = SnapshotJson.read(document);
    Host other = TestHosts.boot(1);
    Snapshots.restore(other, read);

    try (ScriptRunner after = before.movedTo(other)) {
      assertThat(Snapshots.take(other, "test")).isEqualTo(read);
      results.addAll(after.run(new Script(operations.subList(at, operations.size()))));
    }
    assertThat(other.bugs()).isZero();
    return results.stream().map(result -> Recordings.step(result.members())).toList();
  }

  private static void chips(Map<String, Object> document, Consumer<Map<String, Object>> change) {
    for (Object vm : list(document, "vms")) {
      Map<String, Object> chips = object(cast(vm), "chips");
      if (chips != null) {
        change.accept(chips);
      }
    }
  }

  @SuppressWarnings("unchecked") // an array
  private static List<Object> list(Map<String, Object> object, String member) {
    return (List<Object>) object.get(member);
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> cast(Object value) {
    return (Map<String, Object>) value;
  }

  private static Map<String, Object> object(Map<String, Object> object, String member) {
    return cast(object.get(member));
  }
}
