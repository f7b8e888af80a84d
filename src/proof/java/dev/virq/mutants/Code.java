package dev.virq.mutants;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Java text as a list of tokens: what the compiler sees of it. Comments and layout are not part of
 * it.
 */
record Code(List<Token> tokens) {
  private static final Pattern TOKEN =
      Pattern.compile(
          """
          (?<skip> \\s+ | //[^\\n]* | (?s:/\\*.*?\\*/) )
          | \"""(?s: \\\\. | . )*?\"""
          | "(?: \\\\. | [^"\\\\\\n] )*"
          | '(?: \\\\. | [^'\\\\\\n] )+'
          | [\\w$]+ (?: (?<=\\d) \\.\\d+ )?
          | [-+*/%&|^!=<>]= | && | \\|\\| | \\+\\+ | -- | -> | :: | \\.\\.\\.
          | .
          """,
          Pattern.COMMENTS);

  /** A token and where it stands in the text. */
  record Token(String text, int start, int end) {}

  /** A piece of the text. */
  record Range(int start, int end) {}

  /** The tokens of all of a text. */
  static Code of(String text) {
    return of(text, new Range(0, text.length()));
  }

  /** The tokens of a piece of a text. */
  static Code of(String text, Range range) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text).region(range.start(), range.end());
    while (matcher.find()) {
      if (matcher.group("skip") == null) {
        tokens.add(new Token(matcher.group(), matcher.start(), matcher.end()));
      }
    }
    return new Code(tokens);
  }

  /** Every place in the text where the other's tokens follow each other. */
  List<Range> find(Code other) {
    List<String> mine = texts();
    List<String> wanted = other.texts();
    List<Range> found = new ArrayList<>();
    for (int i = 0; i + wanted.size() <= mine.size(); i++) {
      if (mine.subList(i, i + wanted.size()).equals(wanted)) {
        found.add(new Range(tokens.get(i).start(), tokens.get(i + wanted.size() - 1).end()));
      }
    }
    return found;
  }

  private List<String> texts() {
    return tokens.stream().map(Token::text).toList();
  }
}
