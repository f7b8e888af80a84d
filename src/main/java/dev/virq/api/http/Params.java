package dev.virq.api.http;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.errno.NearestName;
import dev.virq.errno.ObjectId;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks what requests carry. Every refusal is EINVAL and names the value and its place. */
public final class Params {
  /** Longest name or label, in characters. */
  public static final int MAX_NAME = 128;

  /** The largest line number: a GSI is an unsigned number of 32 bits. */
  public static final long MAX_GSI = 0xffff_ffffL;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

  private Params() {}

  /** A refusal that points at a member of the body, such as {@code /gsi}. */
  public static ErrnoException invalid(String pointer, String detail) {
    return refused(Errno.EINVAL, pointer, detail);
  }

  /** A refusal of a member of the body. */
  public static ErrnoException refused(Errno errno, String pointer, String detail) {
    return new ErrnoException(
        errno,
        (pointer.isEmpty() ? "body" : pointer.substring(1)) + ": " + detail,
        Map.of("errors", List.of(new ErrnoProblem.Member(pointer, detail))));
  }

  /**
   * A refusal of something that is not a member: a path variable, a query parameter or a header.
   */
  public static ErrnoException invalid(String sentence) {
    return new ErrnoException(Errno.EINVAL, sentence);
  }

  /** The number of an id in the path or the query, such as {@code vm-3}. */
  public static long id(ObjectId kind, String id) {
    Long number = kind.number(id);
    if (number == null) {
      throw invalid("\"%s\" is not an id of the form %s".formatted(shown(id), kind.form()));
    }
    return number;
  }

  /** The number of an id in the body. */
  public static long id(String pointer, ObjectId kind, String id) {
    Long number = kind.number(id);
    if (number == null) {
      throw invalid(
          pointer, "\"%s\" is not an id of the form %s".formatted(shown(id), kind.form()));
    }
    return number;
  }

  /** An eventfd in the path: {@code efd-3} or a descriptor number. */
  public static EventfdName eventfd(String ref) {
    if (NUMBER.matcher(ref).matches()) {
      try {
        return EventfdName.fd(Long.parseLong(ref));
      } catch (NumberFormatException e) {
        throw invalid("descriptor " + ref + " is outside 0..2147483647");
      }
    }
    Long number = ObjectId.EVENTFD.number(ref);
    if (number == null) {
      throw invalid(
          "\"%s\" is neither an id of the form efd-N nor a descriptor number"
              .formatted(shown(ref)));
    }
    return EventfdName.id(number);
  }

  /** A line in the path: 0 to 2^32-1. */
  public static long gsi(String gsi) {
    if (NUMBER.matcher(gsi).matches() && gsi.length() <= 10) {
      long number = Long.parseLong(gsi);
      if (number <= MAX_GSI) {
        return number;
      }
    }
    throw invalid("gsi \"%s\" is not a number in 0..4294967295".formatted(shown(gsi)));
  }

  /** A small number in the path: 0 to a bound. */
  public static int number(String what, String text, int most) {
    if (NUMBER.matcher(text).matches() && text.length() <= 9) {
      int number = Integer.parseInt(text);
      if (number <= most) {
        return number;
      }
    }
    throw invalid("%s \"%s\" is not a number in 0..%d".formatted(what, shown(text), most));
  }

  /** A number in the body, between bounds. */
  public static long between(String pointer, long value, long least, long most) {
    if (value < least || value > most) {
      throw invalid(pointer, value + " is outside " + least + ".." + most);
    }
    return value;
  }

  /** A number in the body that has to be there. */
  public static long required(String pointer, @Nullable Long value, long least, long most) {
    if (value == null) {
      throw invalid(pointer, "is missing");
    }
    return between(pointer, value, least, most);
  }

  /** A member that has to be there. */
  public static <T> T required(String pointer, @Nullable T value) {
    if (value == null) {
      throw invalid(pointer, "is missing");
    }
    return value;
  }

  /**
   * A length of time in the body, between bounds; the other value, or the most, when there is none.
   * To send the other value is to leave it out: clients that are generated send what the document
   * says holds then, also where a sandbox has lower limits.
   */
  public static Duration duration(
      String pointer, @Nullable Duration value, Duration otherwise, Duration least, Duration most) {
    if (value == null || (value.equals(otherwise) && value.compareTo(least) >= 0)) {
      return otherwise.compareTo(most) < 0 ? otherwise : most;
    }
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw invalid(pointer, value + " is outside " + least + ".." + most);
    }
    return value;
  }

  /** As above, of a timeout in the query, in nanoseconds. */
  public static long timeoutNanos(@Nullable String timeout, Duration otherwise, Duration most) {
    Duration value;
    try {
      value = timeout == null ? otherwise : Duration.parse(timeout);
    } catch (DateTimeParseException e) {
      throw invalid(
          "timeout \"%s\" is not an ISO-8601 duration such as PT5S".formatted(shown(timeout)));
    }
    if (value.equals(otherwise)) {
      return (otherwise.compareTo(most) < 0 ? otherwise : most).toNanos();
    }
    if (value.isNegative() || value.compareTo(most) > 0) {
      throw invalid("timeout " + value + " is outside PT0S.." + most);
    }
    return value.toNanos();
  }

  /** True or false in the query; false when it is left out. */
  public static boolean flag(String parameter, @Nullable String value) {
    return flag(parameter, value, false);
  }

  /** True or false in the query, or what holds when it is left out. */
  public static boolean flag(String parameter, @Nullable String value, boolean otherwise) {
    return switch (value) {
      case null -> otherwise;
      case "true" -> true;
      case "false" -> false;
      default ->
          throw invalid(
              "%s \"%s\" is neither true nor false%s"
                  .formatted(
                      parameter, shown(value), NearestName.hint(value, List.of("true", "false"))));
    };
  }

  /** A refusal of a word that is none of those that are taken; it suggests the nearest. */
  public static ErrnoException unknownWord(String what, String word, List<String> known) {
    return invalid(
        "%s \"%s\" is not one of %s%s"
            .formatted(what, shown(word), known, NearestName.hint(word, known)));
  }

  /** A refusal of a body's media type. */
  public static ErrnoException unsupported(String sentence) {
    return new ErrnoException(Errno.EOPNOTSUPP, sentence);
  }

  /** A short text for people, or null. */
  public static @Nullable String name(String pointer, @Nullable String name) {
    if (name != null && (name.isEmpty() || name.length() > MAX_NAME)) {
      throw invalid(pointer, "must be 1 to " + MAX_NAME + " characters long, not " + name.length());
    }
    return name == null ? null : printable(pointer, name);
  }

  /** A text without control characters, which would garble the logs and screens that show it. */
  public static String printable(String pointer, String text) {
    String fault = controlFault(text);
    if (fault != null) {
      throw invalid(pointer, fault);
    }
    return text;
  }

  /** What is wrong with a text that has a control character, or null. */
  public static @Nullable String controlFault(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (Character.isISOControl(text.charAt(at))) {
        return "has the control character U+%04X at %d".formatted((int) text.charAt(at), at);
      }
    }
    return null;
  }

  /** A value of the caller as an error's sentence may show it. */
  public static String shown(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }
}
