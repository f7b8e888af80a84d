package dev.virq.api.http;

import dev.virq.breakpoint.Breakpoint;
import dev.virq.errno.ObjectId;
import dev.virq.inflight.InFlight;
import dev.virq.inflight.PendingSignal;
import dev.virq.inflight.Stage;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What answers of several resources show of threads that wait and of what they wait for. */
public final class InFlightJson {
  private InFlightJson() {}

  /**
   * Work that is not over.
   *
   * @param kind signal or close
   * @param id of the signal, or of the object closed
   * @param since when it was accepted
   * @param stage how far it is
   */
  public record Pending(
      @Schema(allowableValues = {"signal", "close"}) String kind,
      String id,
      Instant since,
      Stage stage) {
    public static Pending of(InFlight.Pending pending) {
      return new Pending(
          pending.kind(),
          pending.id(),
          Instant.ofEpochMilli(pending.sinceMillis()),
          pending.stage());
    }
  }

  /**
   * A thread held at a breakpoint.
   *
   * @param breakpoint which
   * @param point where in the thread's code
   * @param thread its name
   * @param cpu its number in the thread's five steps: 0 injects, 1 closes
   * @param signal the signal that it carries
   * @param since when it was stopped
   * @param holds what it holds
   */
  public record Held(
      String breakpoint,
      String point,
      String thread,
      int cpu,
      @Nullable String signal,
      Instant since,
      List<String> holds) {

    public static Held of(Breakpoint.Parked parked) {
      String point = parked.point().pointName();
      return new Held(
          ObjectId.BREAKPOINT.of(parked.breakpoint()),
          point == null ? parked.point().name() : point,
          parked.thread(),
          parked.point().injecting() ? 0 : 1,
          parked.detail() instanceof PendingSignal signal
              ? ObjectId.SIGNAL.of(signal.number())
              : null,
          Instant.ofEpochMilli(parked.sinceMillis()),
          parked.holds());
    }

    public static List<Held> of(List<Breakpoint.Parked> parked) {
      return parked.stream().map(Held::of).toList();
    }
  }
}
