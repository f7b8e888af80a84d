package dev.virq.live;

import dev.virq.conformance.Recording;
import dev.virq.conformance.Recordings;
import dev.virq.host.Host;
import dev.virq.script.Operation;
import dev.virq.script.Result;
import dev.virq.script.Script;
import dev.virq.script.ScriptRunner;
import dev.virq.stats.Counts;
import dev.virq.testing.TestHosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/**
 * Runs scripts on the real kernel and on virq and compares the answers.
 *
 * <p>One thread.
 */
final class Comparison {
  private final LiveKernel live;
  private final UnaryOperator<Recording.Step> wrapper;
  private Host virq = TestHosts.boot(1);
  private long operations;

  /**
   * Where the two answered differently for the first time.
   *
   * @param script all of it
   * @param step place of the operation, from 0
   * @param kernel all answers of the kernel
   * @param virq answers of virq up to that place
   */
  record Difference(
      String script, int step, List<Recording.Step> kernel, List<Recording.Step> virq) {
    /** What was asked, and what both said. */
    @Override
    public String toString() {
      return "step %d, %s%n  Linux %s%n  virq  %s"
          .formatted(
              step + 1,
              kernel.get(step).op(),
              kernel.get(step).answer(),
              step < virq.size() ? virq.get(step).answer() : "nothing");
    }
  }

  /** Compares with virq as it is. */
  Comparison(LiveKernel live) {
    this(live, UnaryOperator.identity());
  }

  /**
   * Compares with what the wrapper makes of virq's answers.
   *
   * @param wrapper gets the answers of virq in order
   */
  Comparison(LiveKernel live, UnaryOperator<Recording.Step> wrapper) {
    this.live = live;
    this.wrapper = wrapper;
  }

  /** Operations compared so far, those of shrinking included. */
  long operations() {
    return operations;
  }

  /** Runs a script on both. */
  Optional<Difference> compare(String text) {
    Script script = Script.parse(text, Integer.MAX_VALUE);
    Future<List<Recording.Step>> begun = live.begin(script);
    List<Recording.Step> simulated = simulate(script);
    List<Recording.Step> real = LiveKernel.get(begun, text);
    for (int i = 0; i < real.size(); i++) {
      operations++;
      if (i >= simulated.size() || !real.get(i).equals(simulated.get(i))) {
        // What went wrong once is not to spoil the next script.
        virq = TestHosts.boot(1);
        return Optional.of(new Difference(text, i, real, simulated));
      }
    }
    return Optional.empty();
  }

  private List<Recording.Step> simulate(Script script) {
    List<Recording.Step> steps = new ArrayList<>(script.operations().size());
    try (ScriptRunner runner = new ScriptRunner(virq, TestHosts.LONG)) {
      for (Operation op : script.operations()) {
        steps.add(simulate(runner, op));
      }
    }
    if (!virq.counts().equals(new Counts(0, 0, 0, 0, 0)) || virq.bugs() != 0) {
      // The last answer stands for what is left behind.
      Recording.Step last = steps.removeLast();
      steps.add(new Recording.Step(last.op(), Map.of("left", virq.counts(), "bugs", virq.bugs())));
    }
    return steps;
  }

  @SuppressWarnings("IllegalCatch") // whatever virq throws is a difference
  private Recording.Step simulate(ScriptRunner runner, Operation op) {
    try {
      Result result = runner.run(new Script(List.of(op))).getFirst();
      return wrapper.apply(Recordings.step(result.members()));
    } catch (RuntimeException e) {
      return new Recording.Step(op.toString(), Map.of("thrown", e));
    }
  }
}
