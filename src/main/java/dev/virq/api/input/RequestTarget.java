package dev.virq.api.input;

import dev.virq.api.http.Params;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * The path and the query as they were sent, still percent-encoded. Both are refused when they
 * decode to no text, or to control characters; a path also when two readers could take it for two
 * places: encoded slashes, dot segments, and parameters behind a semicolon.
 */
final class RequestTarget {
  private RequestTarget() {}

  /** What is wrong with a path, as a sentence, or null. */
  static @Nullable String pathFault(String path) {
    for (String segment : path.split("/", -1)) {
      String fault = segmentFault(segment);
      if (fault != null) {
        return "path segment \"%s\" %s".formatted(Params.shown(segment), fault);
      }
    }
    return null;
  }

  private static @Nullable String segmentFault(String segment) {
    if (segment.indexOf(';') >= 0) {
      return "has parameters after \";\", and no path takes any";
    }
    byte[] bytes = decoded(segment, false);
    String fault = textFault(bytes);
    if (fault != null || bytes == null) {
      return fault;
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('/') >= 0 || text.indexOf('\\') >= 0) {
      return "has an encoded slash or a backslash";
    }
    return text.equals(".") || text.equals("..") ? "is a dot segment" : null;
  }

  /** What is wrong with a query, as a sentence, or null. */
  static @Nullable String queryFault(@Nullable String query) {
    if (query == null) {
      return null;
    }
    for (String pair : query.split("&", -1)) {
      String fault = textFault(decoded(pair, true));
      if (fault != null) {
        return "query parameter \"%s\" %s".formatted(Params.shown(pair), fault);
      }
    }
    return null;
  }

  /** A name or value of a query that has no fault. */
  static String text(String encoded) {
    byte[] bytes = decoded(encoded, true);
    return bytes == null ? encoded : new String(bytes, StandardCharsets.UTF_8);
  }

  private static @Nullable String textFault(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "is not valid percent-encoding";
    }
    String fault = Utf8.told(bytes, Utf8.fault(bytes));
    if (fault != null) {
      return fault;
    }
    return Params.controlFault(new String(bytes, StandardCharsets.UTF_8));
  }

  /** The bytes that percent-encoded text stands for; null when it is not encoded rightly. */
  private static byte @Nullable [] decoded(String text, boolean plusIsSpace) {
    try {
      // The container has refused what is not ASCII, and hands one byte a character.
      String spaced = plusIsSpace ? text.replace('+', ' ') : text;
      return UriUtils.decode(spaced, StandardCharsets.ISO_8859_1)
          .getBytes(StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
