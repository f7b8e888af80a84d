package dev.virq.api.bulk;

import dev.virq.api.CloseAnswer;
import dev.virq.api.http.InFlightJson;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.ObjectId;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.trace.Outcome;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** What became of the writes of one request, and how long the answer waits for their outcomes. */
final class BulkAnswer {
  private static final int PENDING_SHOWN = 10;

  private BulkAnswer() {}

  /**
   * The signals of one item.
   *
   * @param first such as sig-1
   * @param last the same one when there is one
   */
  @Schema(name = "SignalRange")
  record RangeJson(String first, String last) {}

  /**
   * Why a write was refused.
   *
   * @param errno its name, as Linux has it
   * @param detail a sentence that names the value
   */
  @Schema(name = "BulkProblem")
  record RefusalJson(String errno, String detail) {}

  /**
   * What became of one item.
   *
   * @param index its place in the request, from 0
   * @param accepted how many of its writes were made
   * @param failed how many were refused
   * @param signals of the writes that were made
   * @param problem why the first that was refused was
   */
  @Schema(name = "BulkResult")
  record ResultJson(
      int index,
      int accepted,
      int failed,
      @Nullable RangeJson signals,
      @Nullable RefusalJson problem) {

    static ResultJson of(int index, ItemTally tally) {
      List<PendingSignal> signals = tally.signals();
      ErrnoException refusal = tally.refusal();
      return new ResultJson(
          index,
          signals.size(),
          tally.failed(),
          signals.isEmpty()
              ? null
              : new RangeJson(
                  ObjectId.SIGNAL.of(
                      signals.stream().mapToLong(PendingSignal::number).min().orElseThrow()),
                  ObjectId.SIGNAL.of(
                      signals.stream().mapToLong(PendingSignal::number).max().orElseThrow())),
          refusal == null ? null : new RefusalJson(refusal.errno().name(), refusal.sentence()));
    }
  }

  /**
   * What became of many writes.
   *
   * @param accepted writes that were made
   * @param failed writes that were refused
   * @param results one an item, in the order of the request; of lines, none after the first that is
   *     past a limit
   * @param seed of the shuffle, when there was one
   * @param totals the outcomes of the signals so far, with wait=settled
   * @param settled whether every outcome is known; false without wait=settled
   * @param pending the first few that are open, with wait=settled
   * @param heldBy the threads held at breakpoints that keep the first open one
   * @param seq number of the sandbox's newest event
   */
  @Schema(name = "BulkReport")
  record ReportJson(
      int accepted,
      int failed,
      List<ResultJson> results,
      @Nullable Long seed,
      @Nullable Map<Outcome, Integer> totals,
      boolean settled,
      @Nullable List<InFlightJson.Pending> pending,
      @Nullable List<InFlightJson.Held> heldBy,
      long seq) {}

  /** 200 when every outcome that was waited for is known, 202 with what keeps them otherwise. */
  static ResponseEntity<ReportJson> answer(
      BulkWrites writes, int unread, @Nullable Long seed, @Nullable Duration wait, Host host) {
    List<ItemTally> tallies = writes.tallies();
    List<PendingSignal> signals =
        tallies.stream().flatMap(tally -> tally.signals().stream()).toList();
    List<PendingSignal> open = wait == null ? List.of() : open(signals, wait, host);
    Map<Outcome, Integer> totals = new EnumMap<>(Outcome.class);
    for (PendingSignal signal : signals) {
      Outcome outcome = signal.outcome();
      if (outcome != null) {
        totals.merge(outcome, 1, Integer::sum);
      }
    }
    List<ResultJson> results = new ArrayList<>();
    for (int i = 0; i < tallies.size(); i++) {
      results.add(ResultJson.of(i, tallies.get(i)));
    }
    List<InFlightJson.Held> held =
        open.isEmpty() ? List.of() : InFlightJson.Held.of(host.waits().holders(open.getFirst()));
    ReportJson report =
        new ReportJson(
            signals.size(),
            unread + tallies.stream().mapToInt(ItemTally::failed).sum(),
            results,
            seed,
            wait == null ? null : totals,
            wait != null && open.isEmpty(),
            open.isEmpty()
                ? null
                : open.stream()
                    .limit(PENDING_SHOWN)
                    .map(signal -> InFlightJson.Pending.of(host.waits().pending(signal)))
                    .toList(),
            held.isEmpty() ? null : held,
            host.seq());
    return ResponseEntity.status(open.isEmpty() ? HttpStatus.OK : HttpStatus.ACCEPTED).body(report);
  }

  /** Waits for outcomes as long as was asked for; the signals that have none then. */
  private static List<PendingSignal> open(List<PendingSignal> signals, Duration wait, Host host) {
    long deadline = System.nanoTime() + wait.toNanos();
    List<PendingSignal> open = new ArrayList<>();
    for (PendingSignal signal : signals) {
      if (signal.outcome() == null) {
        var _ = CloseAnswer.over(host, signal, Math.max(0, deadline - System.nanoTime()));
        if (signal.outcome() == null) {
          open.add(signal);
        }
      }
    }
    return open;
  }
}
