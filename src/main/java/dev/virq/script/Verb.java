package dev.virq.script;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An operation of the language: its word, the words that may follow it, one line of help and the
 * call that it makes. Declared once, beside its implementation; {@link Verbs} has them all.
 */
public final class Verb {
  private static final int ANY_NUMBER = Integer.MAX_VALUE;

  private final String word;
  private final List<Operand> operands;
  private final int optional;
  private final String help;
  private final Call call;

  private Verb(Declaration declared, Call call) {
    this.word = declared.word;
    this.operands = declared.operands;
    this.optional = declared.optional;
    this.help = declared.help;
    this.call = call;
  }

  /** Makes the call; the members of its answer. */
  @FunctionalInterface
  interface Call {
    Map<String, @Nullable Object> run(ScriptProcess process, Operation op);
  }

  /** A call without a value. */
  @FunctionalInterface
  interface Action {
    void run(ScriptProcess process, Operation op);
  }

  /** A call with a value, which may be null. */
  @FunctionalInterface
  interface Question {
    @Nullable Object ask(ScriptProcess process, Operation op);
  }

  /** Begins a declaration. */
  static Declaration declare(String word, Operand... operands) {
    return new Declaration(word, List.of(operands));
  }

  /** A verb that is being declared; what it does ends the declaration. */
  static final class Declaration {
    private final String word;
    private final List<Operand> operands;
    private int optional;
    private String help = "";

    private Declaration(String word, List<Operand> operands) {
      this.word = word;
      this.operands = operands;
    }

    /** So many of the last operands may be left out. */
    Declaration lastOptional(int count) {
      optional = count;
      return this;
    }

    /** The last operand may stand any number of times, or not at all. */
    Declaration lastRepeated() {
      optional = ANY_NUMBER;
      return this;
    }

    /** What it does, in one line. */
    Declaration help(String line) {
      help = line;
      return this;
    }

    /** It only answers that it was done. */
    Verb does(Action action) {
      return calls((process, op) -> {
        action.run(process, op);
        return Collections.<String, @Nullable Object>emptyMap();
      });
    }

    /** It answers a value. */
    Verb answers(Question question) {
      return calls((process, op) -> Collections.singletonMap("value", question.ask(process, op)));
    }

    /** It answers members of its own. */
    Verb calls(Call call) {
      return new Verb(this, call);
    }
  }

  /** The word that stands for it. */
  public String word() {
    return word;
  }

  /** What it does, in one line. */
  public String help() {
    return help;
  }

  /** The word and its operands, those that may be left out in brackets. */
  public String synopsis() {
    String end = optional == ANY_NUMBER ? "..." : "";
    return Stream.concat(
            Stream.of(word),
            IntStream.range(0, operands.size())
                .mapToObj(place ->
                    place < fewest()
                        ? operands.get(place).name()
                        : "[" + operands.get(place).name() + "]" + end))
        .collect(Collectors.joining(" "));
  }

  /** Makes the call; the members of its answer. */
  Map<String, @Nullable Object> run(ScriptProcess process, Operation op) {
    return call.run(process, op);
  }

  /** Fewest operands. */
  int fewest() {
    return optional == ANY_NUMBER ? operands.size() - 1 : operands.size() - optional;
  }

  /** Most operands. */
  int most() {
    return optional == ANY_NUMBER ? Integer.MAX_VALUE : operands.size();
  }

  /** What the operand at that place, from 0, has to be. */
  Operand operand(int place) {
    return operands.get(Math.min(place, operands.size() - 1));
  }

  /** As {@link #synopsis}. */
  @Override
  public String toString() {
    return synopsis();
  }
}
