package dev.virq.api.explorations;

import dev.virq.api.load.EndlessAnswer;
import dev.virq.explore.Exploration;
import dev.virq.explore.Members;
import dev.virq.sandbox.Sandbox;
import dev.virq.share.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * One exploration and its answer, a JSON object a line: how far it is, each second; then outcomes,
 * violations and the verdict. Of one thread, which explores and sends in turn. Where the answer is
 * kept for the same call once more, how far it was is left out.
 */
final class ExplorationRun {
  private static final long EACH = TimeUnit.SECONDS.toNanos(1);

  /** Bytes that are worth a piece of the answer. */
  private static final int LONG = 16_384;

  private final Sandbox sandbox;
  private final BooleanSupplier draining;
  private final LongAdder runs;
  private final JsonMapper json;
  private final Turn turn;
  private final EndlessAnswer answer;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private final long end;

  private long lastSent = System.nanoTime();
  private Exploration.Progress progress = new Exploration.Progress(0, 0, 0, 0);

  /** Why it goes on no more, or null. */
  private @Nullable String stopped;

  ExplorationRun(
      Sandbox sandbox,
      BooleanSupplier draining,
      LongAdder runs,
      JsonMapper json,
      Turn turn,
      EndlessAnswer answer,
      long timeoutNanos) {
    this.sandbox = sandbox;
    this.draining = draining;
    this.runs = runs;
    this.json = json;
    this.turn = turn;
    this.answer = answer;
    this.end = System.nanoTime() + timeoutNanos;
  }

  /**
   * Explores, and sends what it comes to.
   *
   * @throws IOException when the client is gone; the exploration ends with the next run then
   */
  void run(Exploration exploration, Exploration.Plan plan) throws IOException {
    try {
      Exploration.Verdict verdict = exploration.explore(plan, this::played, this::goesOn);
      for (Exploration.Row row : verdict.rows()) {
        line(Members.of(row));
        sendIfLong();
      }
      for (Exploration.Failure failure : verdict.failures()) {
        line(Members.of(failure));
        sendIfLong();
      }
      line(Members.of(verdict, verdict.endedEarly(plan) ? stopped : null));
      send();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void played(Exploration.Progress now) {
    progress = now;
    runs.increment();
  }

  /** Asked before each run: lets others run, and tells how far it is. */
  private boolean goesOn() {
    turn.step();
    long now = System.nanoTime();
    if (now - lastSent >= EACH) {
      boolean _ = sandbox.renew(null);
      lastSent = now;
      if (!answer.isKept()) {
        line(Members.of(progress));
        try {
          send();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    if (stopped == null) {
      stopped = reason(now);
    }
    return stopped == null;
  }

  private @Nullable String reason(long now) {
    if (draining.getAsBoolean()) {
      return "drain";
    }
    if (sandbox.log().isClosed()) {
      return "ended";
    }
    return now - end >= 0 ? "timeout" : null;
  }

  private void line(Map<String, @Nullable Object> members) {
    lines.writeBytes(json.writeValueAsBytes(members));
    lines.write('\n');
  }

  private void sendIfLong() throws IOException {
    if (lines.size() >= LONG) {
      send();
    }
  }

  /** A client that is slow keeps no turn. */
  private void send() throws IOException {
    try {
      turn.waiting(() -> {
        try {
          answer.send(lines);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    lastSent = System.nanoTime();
  }
}
