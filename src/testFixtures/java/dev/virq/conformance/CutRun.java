package dev.virq.conformance;

import static dev.virq.testing.TestHosts.LONG;

import dev.virq.host.Host;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.snapshot.FreedIrqfdEntry;
import dev.virq.snapshot.ReleasedVmEntry;
import dev.virq.snapshot.Snapshot;
import dev.virq.snapshot.SnapshotJson;
import dev.virq.snapshot.Snapshots;
import dev.virq.testing.TestHosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run of a script that is cut: it begins in one host, and goes on in another that is made of a
 * snapshot, by way of JSON.
 *
 * @param answers of all operations
 * @param restored whether the snapshot of the new host was the document that it was made of
 * @param end a snapshot at the end, without times that no two runs share
 */
public record CutRun(List<Recording.Step> answers, boolean restored, Snapshot end) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
  private static final String VERSION = "test";

  /** What a restore that forgets nothing does to the document. */
  public static void forgetsNothing(Map<String, Object> document) {}

  /**
   * Runs it.
   *
   * @param at how many operations are done before the cut
   * @param forgets what a restore forgets of the document
   */
  public static CutRun of(Script script, int at, Consumer<Map<String, Object>> forgets) {
    List<Operation> operations = script.operations();
    Host host = TestHosts.boot(1);
    ScriptRunner before = new ScriptRunner(host, LONG);
    List<Result> results = new ArrayList<>(before.run(new Script(operations.subList(0, at))));
    Map<String, Object> document = json(Snapshots.take(host, VERSION, true));
    forgets.accept(document);
    Snapshot read = SnapshotJson.read(document);
    Host other = TestHosts.boot(1);
    Snapshots.restore(other, read);
    try (ScriptRunner after = before.movedTo(other)) {
      boolean restored = Snapshots.take(other, VERSION, true).equals(read);
      results.addAll(after.run(new Script(operations.subList(at, operations.size()))));
      if (other.bugs() > 0) {
        throw new AssertionError(other.bugs() + " broken invariants");
      }
      return new CutRun(steps(results), restored, timeless(Snapshots.take(other, VERSION, true)));
    }
  }

  /** The same script, not cut. */
  public static CutRun whole(Script script) {
    Host host = TestHosts.boot(1);
    try (ScriptRunner runner = new ScriptRunner(host, LONG)) {
      List<Result> results = runner.run(script);
      return new CutRun(steps(results), true, timeless(Snapshots.take(host, VERSION, true)));
    }
  }

  /** A snapshot as text, and back. */
  public static Map<String, Object> json(Snapshot snapshot) {
    return JSON.readValue(JSON.writeValueAsString(SnapshotJson.write(snapshot)), OBJECT);
  }

  private static List<Recording.Step> steps(List<Result> results) {
    return results.stream().map(result -> Recordings.step(result.members())).toList();
  }

  private static Snapshot timeless(Snapshot all) {
    return new Snapshot(
        all.schema(),
        all.virq(),
        all.clock(),
        all.next(),
        all.eventfds(),
        all.pipes(),
        all.vms(),
        all.irqfds(),
        all.freedIrqfds().stream()
            .map(gone ->
                new FreedIrqfdEntry(
                    gone.number(),
                    gone.vm(),
                    gone.eventfd(),
                    gone.gsi(),
                    gone.resample(),
                    gone.injections(),
                    0,
                    0,
                    0,
                    gone.vmFreed()))
            .toList(),
        all.releasedVms().stream()
            .map(gone ->
                new ReleasedVmEntry(
                    gone.number(),
                    gone.name(),
                    gone.bootVcpu(),
                    gone.chip(),
                    gone.lines(),
                    0,
                    0,
                    0,
                    gone.vmFreed()))
            .toList());
  }
}
