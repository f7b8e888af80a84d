package dev.virq.attacks;

import dev.virq.attacks.rig.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What the attacker was answered: how often each status, and what must not be answered. */
final class Tally {
  private static final int EXAMPLES = 5;
  private static final Pattern REQUEST_ID =
      Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Map<String, Long> counts = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  /** Takes note of an answer. */
  synchronized void add(Answer answer) {
    counts.merge(Integer.toString(answer.status()), 1L, Long::sum);
    if (answer.status() == 500) {
      fault("answered " + answer.shown());
    } else if (answer.status() >= 400 && !answer.header("content-type").contains("problem+json")) {
      fault("an error that is no problem: " + answer.shown());
    }
  }

  /**
   * Takes note of a connection that ended without an answer: no fault, the attacker asked for it.
   */
  synchronized void add(IOException lost) {
    counts.merge(lost.getClass().getSimpleName(), 1L, Long::sum);
  }

  /** Takes note of something that must not be. */
  synchronized void fault(String what) {
    // But for the request it is the same fault.
    String fault = REQUEST_ID.matcher(what).replaceAll("…");
    if (faults.size() < EXAMPLES && !faults.contains(fault)) {
      faults.add(fault);
    }
  }

  /** What must not be, the first few. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}
