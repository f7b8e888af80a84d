package dev.virq.api.scenarios;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.sandbox.KeptRuns;
import dev.virq.sandbox.Sandbox;
import dev.virq.trace.TraceBuffer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run of a scenario: how far it is, and what was observed. Any thread; one step at a time. */
final class ScenarioRun {
  /** Of an answer, in characters; of a longer one it is told only how long it is. */
  private static final int SHOWN = 8_000;

  private static final String SANDBOXES = "/v1/sandboxes/";

  private final Scenario scenario;
  private final String sandbox;

  /** The sandbox that it makes if it needs another one; its name begins as the other's does. */
  private final String other;

  private final TraceBuffer log;
  private final KeptRuns.Kept kept;
  private final Expectations expectations;
  private final long fromSeq;

  /** Whether a thread takes a step, or waits within one: no lock, for others would wait as well. */
  private final AtomicBoolean stepping = new AtomicBoolean();

  @GuardedBy("this")
  private final List<StepJson> done = new ArrayList<>();

  @GuardedBy("this")
  private boolean failed;

  /**
   * The life of the sandbox in which its objects are. Volatile: written by the thread that takes a
   * step, and read by that which takes the next one.
   */
  private volatile String uid;

  /** The same of the other sandbox; null before it is made. */
  private volatile @Nullable String otherUid;

  /** How a call is made. */
  @FunctionalInterface
  interface Caller {
    /**
     * Makes it, and answers when it has been answered.
     *
     * @param uid the life of the sandbox that it is meant for; null for one that it makes
     */
    InnerCalls.Answer call(
        String method, String target, @Nullable String body, @Nullable String uid);
  }

  /**
   * A run of which no step was taken.
   *
   * @param other a name for another sandbox, if it makes one
   */
  ScenarioRun(
      Scenario scenario, Sandbox.Life life, String other, KeptRuns.Kept kept, JsonMapper json) {
    this.scenario = scenario;
    this.sandbox = SANDBOXES + life.sandbox().settings().name();
    this.other = SANDBOXES + other;
    this.log = life.sandbox().log();
    this.uid = life.uid();
    this.kept = kept;
    this.expectations = new Expectations(json, sandbox, this.other);
    this.fromSeq = log.seq();
  }

  /** How it ended. */
  enum Verdict {
    OK,
    FAILED,
    RUNNING
  }

  /**
   * A step of a run.
   *
   * @param n its number, from 1
   * @param text what it does
   * @param mark of the 2009 patch
   * @param call what was called, the last time; before, what stands in braces is not known yet
   * @param times how often it is called; absent for once
   * @param expected status, and by JSON pointer what the answer was to have
   * @param status of the answer; absent while the step was not taken
   * @param observed the answer's body
   * @param seq number of the newest event after it
   * @param ok whether it was as expected
   * @param fault what was not
   */
  @Schema(name = "ScenarioRunStep")
  record StepJson(
      int n,
      String text,
      @Nullable String mark,
      Scenario.Call call,
      @Nullable Integer times,
      Map<String, Object> expected,
      @Nullable Integer status,
      @JsonRawValue @Schema(implementation = Object.class) @Nullable String observed,
      @Nullable Long seq,
      @Nullable Boolean ok,
      @Nullable String fault) {
    static StepJson notTaken(Scenario.Step step, Expectations expectations) {
      Scenario.Call call = step.call();
      return new StepJson(
          step.n(),
          step.text(),
          step.mark(),
          new Scenario.Call(call.method(), expectations.filledSoFar(call.path()), call.body()),
          step.times(),
          step.expected(),
          null,
          null,
          null,
          null,
          null);
    }
  }

  /**
   * A run.
   *
   * @param id such as run-1
   * @param name of the scenario
   * @param title of the scenario
   * @param verdict OK, FAILED, or RUNNING while there are steps to take
   * @param next number of the next step; absent when it is over
   * @param steps of the scenario, with what was observed in those that were taken
   * @param fromSeq number of the newest event before it
   * @param seq number of the newest event after the last step taken
   * @param events path of its events
   * @param trace path of its trace
   */
  @Schema(name = "ScenarioRun")
  record RunJson(
      String id,
      String name,
      String title,
      Verdict verdict,
      @Nullable Integer next,
      List<StepJson> steps,
      long fromSeq,
      long seq,
      String events,
      String trace) {}

  /** Takes one step, or all that are left. */
  void take(boolean all, Caller caller) {
    if (!stepping.compareAndSet(false, true)) {
      throw new ErrnoException(
          Errno.EBUSY, "run-" + kept.number() + " takes a step for another call just now");
    }
    try {
      for (Scenario.Step step = next(); step != null; step = all ? next() : null) {
        take(step, caller);
      }
    } finally {
      if (next() == null) {
        kept.end();
      }
      stepping.set(false);
    }
  }

  private synchronized Scenario.@Nullable Step next() {
    for (Scenario.Step step : scenario.steps()) {
      if (!taken(step.n()) && (!failed || Boolean.TRUE.equals(step.always()))) {
        return step;
      }
    }
    return null;
  }

  @GuardedBy("this")
  private boolean taken(int n) {
    return done.stream().anyMatch(step -> step.n() == n);
  }

  private void take(Scenario.Step step, Caller caller) {
    log.watch();
    Attempt attempt = Attempt.none(step);
    try {
      int times = step.times() == null ? 1 : step.times();
      for (int i = 1; i <= times && attempt.fault() == null; i++) {
        if (times > 1) {
          expectations.count(i);
        }
        attempt = attempt(step, caller);
      }
    } finally {
      log.unwatch();
    }
    InnerCalls.Answer answer = attempt.answer();
    StepJson taken =
        new StepJson(
            step.n(),
            step.text(),
            step.mark(),
            attempt.call(),
            step.times(),
            attempt.expected(),
            answer == null ? null : answer.status(),
            answer == null ? null : kept(answer.body()),
            log.seq(),
            attempt.fault() == null,
            attempt.fault());
    synchronized (this) {
      done.add(taken);
      failed |= attempt.fault() != null;
    }
  }

  /**
   * A call of a step.
   *
   * @param call as it was made, as far as it was
   * @param expected what it was to answer
   * @param answer null when none was made
   * @param fault what was not as expected; null when all was
   */
  private record Attempt(
      Scenario.Call call,
      Map<String, Object> expected,
      InnerCalls.@Nullable Answer answer,
      @Nullable String fault) {
    static Attempt none(Scenario.Step step) {
      return new Attempt(step.call(), step.expected(), null, null);
    }
  }

  private Attempt attempt(Scenario.Step step, Caller caller) {
    Scenario.Call call = step.call();
    Map<String, Object> expected = step.expected();
    InnerCalls.Answer answer = null;
    String fault;
    try {
      JsonNode body = call.body() == null ? null : expectations.filledBody(call.body());
      call = new Scenario.Call(call.method(), expectations.filled(call.path()), body);
      requireWithin(call.path());
      expected = expectations.filledValues(step.expected());
      answer = make(call, body == null ? null : body.toString(), caller);
      fault = expectations.fault(step, answer);
    } catch (IllegalStateException e) {
      fault = e.getMessage();
    }
    return new Attempt(call, expected, answer, fault);
  }

  private InnerCalls.Answer make(Scenario.Call call, @Nullable String body, Caller caller) {
    String path = call.path();
    if (isWithin(other, path)) {
      InnerCalls.Answer answer = caller.call(call.method(), path, body, otherUid);
      otherUid = answer.uid() == null ? otherUid : answer.uid();
      return answer;
    }
    InnerCalls.Answer answer = caller.call(call.method(), path, body, uid);
    if (path.equals(sandbox + "/reset") && answer.uid() != null) {
      // Only a reset of its own: after another's, the numbers that it knows are of strangers.
      uid = answer.uid();
    }
    return answer;
  }

  /** The sandbox is what the caller was admitted to, and the other one is the run's own. */
  private void requireWithin(String path) {
    boolean within = isWithin(sandbox, path) || isWithin(other, path);
    if (!within || path.contains("/scenarios/")) {
      throw new IllegalStateException(path + " is not a call on the objects of " + sandbox);
    }
  }

  private static boolean isWithin(String one, String path) {
    return path.equals(one) || path.startsWith(one + "/") || path.startsWith(one + "?");
  }

  /** An answer as far as there is memory to keep it. */
  private String kept(String body) {
    if (body.isEmpty()) {
      return "{}";
    }
    boolean whole = body.length() <= SHOWN && kept.tryGrow(body.length());
    return whole ? body : "{\"characters\":" + body.length() + "}";
  }

  /** The run as it is now. */
  synchronized RunJson show() {
    List<StepJson> steps = new ArrayList<>();
    for (Scenario.Step step : scenario.steps()) {
      steps.add(
          done.stream()
              .filter(one -> one.n() == step.n())
              .findFirst()
              .orElseGet(() -> StepJson.notTaken(step, expectations)));
    }
    Scenario.Step next = next();
    Verdict verdict = failed ? Verdict.FAILED : next == null ? Verdict.OK : Verdict.RUNNING;
    long seq = fromSeq;
    for (StepJson step : done) {
      seq = step.seq() == null ? seq : Math.max(seq, step.seq());
    }
    String span = "?after=" + fromSeq + (next == null ? "&upTo=" + seq : "");
    return new RunJson(
        "run-" + kept.number(),
        scenario.name(),
        scenario.title(),
        verdict,
        next == null ? null : (Integer) next.n(),
        steps,
        fromSeq,
        seq,
        sandbox + "/events" + span,
        sandbox + "/trace" + span);
  }
}
