package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A script: operations in order, all of them well formed. Immutable.
 *
 * <p>A line is one operation, its words separated by blanks; empty lines and lines that begin with
 * {@code #} are ignored. Whether an operation can be done is only known when it runs.
 *
 * @param operations in the order of the lines
 */
public record Script(List<Operation> operations) {
  /** Characters of a refused word that the refusal repeats. */
  private static final int QUOTED = 40;

  /** Different lines whose words are shared by those that repeat them. */
  private static final int SHARED = 1_000;

  /** Copies the operations. */
  public Script {
    operations = List.copyOf(operations);
  }

  /**
   * Reads a script.
   *
   * @param text lines that end in LF or CRLF
   * @param maxLines how many lines it may have, those without an operation included
   * @throws ErrnoException E2BIG past that; EINVAL for a line that is not an operation, naming the
   *     line and the word, with the fact {@code line}
   */
  public static Script parse(String text, int maxLines) {
    List<Operation> operations = new ArrayList<>();
    // What is the same is shared: a script waits for its turn, and collections move it about.
    Map<String, Operation> seen = new HashMap<>();
    Map<String, String> shared = new HashMap<>();
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      if (number > maxLines) {
        throw new ErrnoException(
            Errno.E2BIG,
            "the script has more than " + maxLines + " lines",
            Map.of("limit", maxLines));
      }
      String words = line.strip();
      if (!words.isEmpty() && !words.startsWith("#")) {
        Operation same = seen.get(words);
        Operation operation =
            same == null
                ? operation(number, words(words, shared))
                : new Operation(number, same.verb(), same.operands());
        if (same == null && seen.size() < SHARED) {
          seen.put(words, operation);
        }
        operations.add(operation);
      }
    }
    return new Script(operations);
  }

  /** The words of a line, each of them the same object wherever it stands. */
  private static List<String> words(String line, Map<String, String> shared) {
    String[] words = line.split("[ \t]+", -1);
    for (int i = 0; i < words.length; i++) {
      String first = shared.putIfAbsent(words[i], words[i]);
      words[i] = first == null ? words[i] : first;
    }
    return List.of(words);
  }

  private static Operation operation(int line, List<String> words) {
    Verb verb = Verbs.find(words.getFirst());
    if (verb == null) {
      String word = words.getFirst();
      throw refusal(
          line, quote(word) + " is not an operation" + NearestName.hint(word, Verbs.words()));
    }
    List<String> operands = words.subList(1, words.size());
    for (int place = 0; place < operands.size(); place++) {
      String word = operands.get(place);
      if (place >= verb.most()) {
        throw refusal(line, quote(word) + " is one word too many for " + verb.word());
      }
      Operand operand = verb.operand(place);
      if (!operand.accepts(word)) {
        throw refusal(
            line, "%s in %s is not %s".formatted(quote(word), verb.word(), operand.expected()));
      }
    }
    if (operands.size() < verb.fewest()) {
      throw refusal(
          line,
          "%s lacks %s".formatted(quote(verb.word()), verb.operand(operands.size()).expected()));
    }
    return new Operation(line, verb, operands);
  }

  private static String quote(String word) {
    return "\"" + (word.length() > QUOTED ? word.substring(0, QUOTED) + "…" : word) + "\"";
  }

  private static ErrnoException refusal(int line, String what) {
    return new ErrnoException(Errno.EINVAL, "line " + line + ": " + what, Map.of("line", line));
  }
}
