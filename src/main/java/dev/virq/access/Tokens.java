package dev.virq.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of an instance, and what each of them reaches.
 *
 * <p>They are kept and compared as digests, and always all of them, so that the time which a
 * comparison takes says nothing about any. Messages name lines and lengths, and never what stands
 * in a line: it could be a token in the wrong place.
 */
final class Tokens {
  /** Shortest token, in characters: 128 bits in base64 are 22. */
  static final int LEAST_LENGTH = 24;

  private static final int MOST_LENGTH = 256;
  private static final int MOST_TOKENS = 1000;

  /** What RFC 6750 lets stand after "Bearer". */
  private static final Pattern TOKEN = Pattern.compile("[-A-Za-z0-9._~+/]+=*");

  /** How the name of a sandbox can begin; the hyphen ends it, or team-1 would reach team-10. */
  private static final Pattern PREFIX = Pattern.compile("[a-z0-9][-a-z0-9]{0,30}-");

  @SuppressWarnings("ArrayRecordComponent") // what MessageDigest makes and compares
  private record Entry(byte[] digest, Reach reach, int line) {}

  private final List<Entry> entries = new ArrayList<>();

  private Tokens() {}

  /**
   * One token that reaches everything.
   *
   * @throws IllegalArgumentException when it cannot be one
   */
  static Tokens of(String token) {
    Tokens tokens = new Tokens();
    tokens.add(token, Reach.EVERYTHING, 0, "");
    return tokens;
  }

  /**
   * The tokens of a text: one a line, {@code TOKEN} for everything or {@code PREFIX-: TOKEN} for
   * the sandboxes whose names begin so. Empty lines and lines that begin with # say nothing.
   *
   * @throws IllegalArgumentException when a line is neither, or none has a token
   */
  static Tokens parse(String text) {
    Tokens tokens = new Tokens();
    int number = 0;
    for (String raw : text.lines().toList()) {
      number++;
      String line = raw.strip();
      if (!line.isEmpty() && line.charAt(0) != '#') {
        tokens.addLine(line, number);
      }
    }
    if (tokens.entries.isEmpty()) {
      throw new IllegalArgumentException("there is no token in it");
    }
    return tokens;
  }

  private void addLine(String line, int number) {
    String place = "line " + number + ": ";
    int colon = line.indexOf(':');
    if (colon < 0) {
      add(line, Reach.EVERYTHING, number, place);
      return;
    }
    String prefix = line.substring(0, colon).strip();
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          place
              + "what stands before the colon is no prefix of sandboxes: expected at most 32 of a-z,"
              + " 0-9 and -, and a - at the end, such as team-1-");
    }
    add(line.substring(colon + 1).strip(), new Reach(prefix), number, place);
  }

  private void add(String token, Reach reach, int line, String place) {
    if (token.length() < LEAST_LENGTH || token.length() > MOST_LENGTH) {
      throw new IllegalArgumentException(
          "%sthe token has %d characters; expected %d to %d"
              .formatted(place, token.length(), LEAST_LENGTH, MOST_LENGTH));
    }
    if (!TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException(
          place + "the token has characters other than letters, digits and - . _ ~ + / =");
    }
    if (entries.size() == MOST_TOKENS) {
      throw new IllegalArgumentException(place + "more than " + MOST_TOKENS + " tokens");
    }
    byte[] digest = digest(token);
    for (Entry other : entries) {
      if (MessageDigest.isEqual(other.digest(), digest)) {
        throw new IllegalArgumentException(
            place + "the token is that of line " + other.line() + " again");
      }
    }
    entries.add(new Entry(digest, reach, line));
  }

  /** How many there are. */
  int size() {
    return entries.size();
  }

  /** What a token reaches, or null when it is none of these. */
  @Nullable Reach reachOf(String token) {
    byte[] digest = digest(token);
    Reach found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest(), digest)) {
        found = entry.reach();
      }
    }
    return found;
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    }
  }
}
