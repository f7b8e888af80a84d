package dev.virq.explore;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an exploration answers, as members of JSON objects, one object a line. */
public final class Members {
  private Members() {}

  /** How far it is. */
  public static Map<String, @Nullable Object> of(Exploration.Progress progress) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("runs", progress.runs());
    members.put("runsPerSecond", perSecond(progress));
    members.put("outcomes", progress.outcomes());
    members.put("schedules", progress.schedules());
    return members;
  }

  /** One outcome. */
  public static Map<String, @Nullable Object> of(Exploration.Row row) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("outcome", row.outcome());
    members.put("count", row.count());
    if (row.firstSeed() != null) {
      members.put("firstSeed", row.firstSeed());
    }
    members.put("schedule", row.schedule().toString());
    return members;
  }

  /** One violated expectation. */
  public static Map<String, @Nullable Object> of(Exploration.Failure failure) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("expectation", failure.expectation());
    members.put("count", failure.count());
    if (failure.firstSeed() != null) {
      members.put("firstSeed", failure.firstSeed());
    }
    members.put("schedule", failure.schedule().toString());
    Map<String, @Nullable Object> minimal = new LinkedHashMap<>();
    minimal.put("schedule", failure.minimal().schedule().toString());
    minimal.put("preemptions", failure.minimal().preemptions());
    minimal.put("steps", failure.minimal().story());
    members.put("minimal", minimal);
    members.put("reports", reports(failure.reports()));
    return members;
  }

  /**
   * What it came to.
   *
   * @param stopped why it ended before it had played what was asked for, or null
   */
  public static Map<String, @Nullable Object> of(
      Exploration.Verdict verdict, @Nullable String stopped) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("runs", verdict.progress().runs());
    members.put("distinct", verdict.rows().size());
    members.put("schedules", verdict.progress().schedules());
    members.put("exhaustive", verdict.exhausted());
    members.put("cut", verdict.cut());
    members.put(
        "violated", verdict.failures().stream().map(Exploration.Failure::expectation).toList());
    members.put("elapsedNanos", verdict.progress().elapsedNanos());
    if (stopped != null) {
      members.put("stopped", stopped);
    }
    return members;
  }

  /** One run that was watched closely. */
  public static Map<String, @Nullable Object> of(Exploration.Replayed replayed) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("schedule", replayed.schedule().toString());
    members.put("preemptions", replayed.preemptions());
    members.put("outcome", replayed.outcome());
    members.put("violated", replayed.violated());
    members.put("reports", reports(replayed.reports()));
    members.put("steps", replayed.story());
    return members;
  }

  /** Runs a second so far. */
  public static long perSecond(Exploration.Progress progress) {
    return Math.round(progress.runs() * 1e9 / Math.max(1, progress.elapsedNanos()));
  }

  private static List<Map<String, @Nullable Object>> reports(List<Report> reports) {
    return reports.stream().map(Members::of).toList();
  }

  private static Map<String, @Nullable Object> of(Report report) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("kind", report.kind().word());
    members.put("object", report.object());
    members.put("detail", report.sentence());
    members.put("usedAt", of(report.used()));
    members.put("freedAt", of(report.freed()));
    return members;
  }

  private static @Nullable Map<String, @Nullable Object> of(Report.@Nullable Place place) {
    if (place == null) {
      return null;
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("thread", place.thread());
    members.put("point", place.at());
    members.put("stack", place.stack());
    return members;
  }
}
