package dev.virq.explore;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.script.Script;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads programs.
 *
 * <p>{@code setup:}, {@code actor NAME:} and {@code finally:} stand on a line of their own and
 * begin a section of operations, one a line as in a script; {@code expect:} and {@code observe:}
 * are lines by themselves. Empty lines and what follows a {@code #} are ignored.
 */
public final class ProgramText {
  /** Characters. */
  public static final int LONGEST = 65_536;

  /** Actors. */
  public static final int MOST_ACTORS = 8;

  /** Operations of an actor, of the setup and of the end. */
  public static final int MOST_OPERATIONS = 50;

  /** Expectations, and things observed. */
  public static final int MOST_LOOKS = 16;

  // Possessive, and over all characters: a line that does not match is given up in one pass.
  private static final Pattern SECTION =
      Pattern.compile("(setup|finally|actor\\s++(?<actor>\\S+))\\s*+:");
  private static final Pattern ACTOR = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
  private static final Pattern STATEMENT =
      Pattern.compile("(?<word>expect|observe)\\s*+:\\s*+(?<rest>.*)", Pattern.DOTALL);
  private static final Pattern NEVER = Pattern.compile("never\\s++(?<kinds>.+)", Pattern.DOTALL);
  private static final Pattern ALWAYS = Pattern.compile("always\\s++(?<rest>.+)", Pattern.DOTALL);
  private static final Pattern VALUES = Pattern.compile("\\S+");

  /** Lines of each section, in place: the others are empty, so that line numbers stay. */
  private final Map<String, StringBuilder> sections = new LinkedHashMap<>();

  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final List<Expectation> expectations = new ArrayList<>();
  private final List<Look> observed = new ArrayList<>();
  private @Nullable String section;
  private int actors;

  private ProgramText() {}

  /**
   * Reads a program.
   *
   * @throws ErrnoException E2BIG past a limit; EINVAL for what it does not understand, naming the
   *     line, with the fact {@code line}
   */
  public static Program parse(String text) {
    if (text.length() > LONGEST) {
      throw new ErrnoException(Errno.E2BIG, "the program has more than " + LONGEST + " characters");
    }
    return new ProgramText().read(text);
  }

  private Program read(String text) {
    int number = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      number++;
      int comment = line.indexOf('#');
      take((comment < 0 ? line : line.substring(0, comment)).strip(), number);
    }
    List<Program.Actor> made = new ArrayList<>();
    for (String name : sections.keySet()) {
      if (!name.equals(Program.SETUP) && !name.equals(Program.FINALLY)) {
        made.add(new Program.Actor(name, script(name)));
      }
    }
    if (made.isEmpty()) {
      throw new ErrnoException(Errno.EINVAL, "the program has no actor");
    }
    Program program =
        new Program(script(Program.SETUP), made, script(Program.FINALLY), expectations, observed);
    program.observed().forEach(look -> requireOperation(program, look));
    program.expectations().forEach(expected -> requireOperation(program, expected.look()));
    return program;
  }

  private void take(String line, int number) {
    Matcher begins = SECTION.matcher(line);
    Matcher statement = STATEMENT.matcher(line);
    if (line.isEmpty()) {
      return;
    }
    if (begins.matches()) {
      String actor = begins.group("actor");
      begin(actor == null ? begins.group(1) : actor, actor != null, number);
    } else if (statement.matches()) {
      String rest = statement.group("rest").strip();
      if (statement.group("word").equals("observe")) {
        for (String look : rest.split(",", -1)) {
          observed.add(Look.parse(look.strip(), number));
        }
      } else {
        expect(rest, number);
      }
      if (observed.size() > MOST_LOOKS || expectations.size() > MOST_LOOKS) {
        throw refusal(Errno.E2BIG, number, "more than " + MOST_LOOKS + " things are looked at");
      }
    } else {
      add(line, number);
    }
  }

  private void begin(String name, boolean actor, int number) {
    boolean reserved = name.equals(Program.SETUP) || name.equals(Program.FINALLY);
    if (actor && (reserved || !ACTOR.matcher(name).matches())) {
      throw refusal(Errno.EINVAL, number, "\"" + name + "\" cannot be the name of an actor");
    }
    if (sections.putIfAbsent(name, new StringBuilder()) != null) {
      throw refusal(Errno.EINVAL, number, name + " is there twice");
    }
    // At once: what a section takes depends on where it stands.
    if (actor && ++actors > MOST_ACTORS) {
      throw new ErrnoException(
          Errno.E2BIG, "%d actors are more than %d".formatted(actors, MOST_ACTORS));
    }
    section = name;
  }

  private void add(String line, int number) {
    StringBuilder text = section == null ? null : sections.get(section);
    if (section == null || text == null) {
      throw refusal(
          Errno.EINVAL, number, "an operation stands in setup:, in an actor NAME:, or in finally:");
    }
    int written = lines.getOrDefault(section, 0);
    text.append("\n".repeat(number - 1 - written)).append(line).append('\n');
    lines.put(section, number);
  }

  private void expect(String text, int number) {
    Matcher never = NEVER.matcher(text);
    Matcher always = ALWAYS.matcher(text);
    if (never.matches()) {
      for (String kind : never.group("kinds").split(",", -1)) {
        requireKind(kind.strip(), number);
      }
    } else if (always.matches()) {
      expectations.add(always(always.group("rest"), number));
    } else {
      throw noExpectation(number);
    }
  }

  private static Expectation always(String text, int number) {
    int equal = text.indexOf("==");
    int other = text.indexOf("!=");
    int sign = equal < 0 ? other : other < 0 ? equal : Math.min(equal, other);
    String look = sign < 0 ? "" : text.substring(0, sign).strip();
    String values = sign < 0 ? "" : text.substring(sign + 2).strip();
    if (look.isEmpty() || !VALUES.matcher(values).matches()) {
      throw noExpectation(number);
    }
    return new Expectation(
        Look.parse(look, number), List.of(values.split("\\|", -1)), sign == equal);
  }

  private static ErrnoException noExpectation(int number) {
    return refusal(
        Errno.EINVAL,
        number,
        "an expectation is written never KIND, or always LOOK == VALUE|VALUE, or with !=");
  }

  /** That no run reports anything is always expected; a program may say so. */
  private static void requireKind(String word, int number) {
    List<String> words = new ArrayList<>();
    for (Report.Kind kind : Report.Kind.values()) {
      words.add(kind.word());
    }
    if (!words.contains(word)) {
      throw refusal(Errno.EINVAL, number, "\"%s\" is none of %s".formatted(word, words));
    }
  }

  private Script script(String name) {
    StringBuilder text = sections.get(name);
    Script script = Script.parse(text == null ? "" : text.toString(), LONGEST);
    if (script.operations().size() > MOST_OPERATIONS) {
      throw new ErrnoException(
          Errno.E2BIG,
          "%s has %d operations, which are more than %d"
              .formatted(name, script.operations().size(), MOST_OPERATIONS));
    }
    return script;
  }

  private static void requireOperation(Program program, Look look) {
    if (look.kind() != Look.Kind.OUTCOME) {
      return;
    }
    int there =
        program.actors().stream()
            .filter(actor -> actor.name().equals(look.name()))
            .findFirst()
            .map(Program.Actor::script)
            .orElse(look.name().equals(Program.FINALLY) ? program.end() : new Script(List.of()))
            .operations()
            .size();
    if (look.number() > there) {
      throw new ErrnoException(
          Errno.EINVAL, "%s: %s has %d operations".formatted(look, look.name(), there));
    }
  }

  private static ErrnoException refusal(Errno errno, int line, String what) {
    return new ErrnoException(errno, "line " + line + ": " + what, Map.of("line", line));
  }
}
