package dev.virq.litmus;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One step of a litmus thread. Variables are the letters {@code i} to {@code z}, registers {@code
 * a} to {@code h}; both start at 0.
 *
 * <ul>
 *   <li>{@code lock1}, {@code unlock1}: section 1, 2, … of domain s; {@code lock1t}: of domain t
 *   <li>{@code gp}, {@code gpt}: a grace period of domain s or t
 *   <li>{@code x=1}, {@code a=x}: store and load; {@code x:=1} stores in release mode
 *   <li>{@code await:x}: until x is 1, in acquire mode
 *   <li>{@code mb}: full fence; {@code ~}: a short random pause
 * </ul>
 *
 * @param kind what it does
 * @param variable the variable, or the number of the section
 * @param value the value stored, the register loaded, or the domain
 */
record Op(Kind kind, int variable, int value) {
  enum Kind {
    LOCK,
    UNLOCK,
    GP,
    STORE,
    STORE_RELEASE,
    LOAD,
    AWAIT,
    MB,
    PAUSE
  }

  private static final Pattern SECTION = Pattern.compile("(lock|unlock)(\\d)(t?)");
  private static final Pattern GRACE = Pattern.compile("gp(t?)");
  private static final Pattern STORE = Pattern.compile("([i-z])(:?)=(\\d)");
  private static final Pattern LOAD = Pattern.compile("([a-h])=([i-z])");
  private static final Pattern AWAIT = Pattern.compile("await:([i-z])");

  /** Reads the steps of one thread, separated by blanks. */
  static List<Op> parse(String thread) {
    List<Op> ops = new ArrayList<>();
    for (String word : thread.strip().split(" +", -1)) {
      ops.add(one(word));
    }
    return List.copyOf(ops);
  }

  private static Op one(String word) {
    Matcher m = SECTION.matcher(word);
    if (m.matches()) {
      Kind kind = m.group(1).equals("lock") ? Kind.LOCK : Kind.UNLOCK;
      return new Op(kind, Integer.parseInt(m.group(2)), domain(m.group(3)));
    }
    m = GRACE.matcher(word);
    if (m.matches()) {
      return new Op(Kind.GP, 0, domain(m.group(1)));
    }
    m = STORE.matcher(word);
    if (m.matches()) {
      Kind kind = m.group(2).isEmpty() ? Kind.STORE : Kind.STORE_RELEASE;
      return new Op(kind, variable(m.group(1)), Integer.parseInt(m.group(3)));
    }
    m = LOAD.matcher(word);
    if (m.matches()) {
      return new Op(Kind.LOAD, variable(m.group(2)), m.group(1).charAt(0) - 'a');
    }
    m = AWAIT.matcher(word);
    if (m.matches()) {
      return new Op(Kind.AWAIT, variable(m.group(1)), 1);
    }
    return switch (word) {
      case "mb" -> new Op(Kind.MB, 0, 0);
      case "~" -> new Op(Kind.PAUSE, 0, 0);
      default -> throw new IllegalArgumentException("no litmus step: " + word);
    };
  }

  private static int variable(String letter) {
    return letter.charAt(0) - 'i';
  }

  private static int domain(String suffix) {
    return suffix.isEmpty() ? 0 : 1;
  }
}
