package dev.virq.api.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.api.openapi.MemberRange;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.NearestName;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says in the contract's words why a body could not be read, and where. */
public final class UnreadableBody {
  /** Longest part of a parser's message that is told; it may quote a word of the caller's. */
  private static final int MAX_MESSAGE = 300;

  /** How the parser names a place within its message, without saying where it is. */
  private static final Pattern SOURCE = Pattern.compile(" ?\\([a-z ]*\\[Source:[^\\]]*\\]\\)");

  /** What a string may stand for. */
  private static final Set<Class<?>> TEXTS =
      Set.of(Unsigned.class, CountOrAll.class, Duration.class);

  private UnreadableBody() {}

  /** The refusal; EINVAL, with a pointer where there is one. */
  public static ErrnoException refusal(HttpMessageNotReadableException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof JacksonException json) {
        return Params.invalid(pointer(json), detail(json));
      }
    }
    return Params.invalid("", "is missing or cannot be read");
  }

  /** The same of a text within a body, which no pointer leads into. */
  public static String sentence(JacksonException e) {
    String pointer = pointer(e);
    return pointer.isEmpty() ? detail(e) : pointer.substring(1) + ": " + detail(e);
  }

  private static String pointer(JacksonException e) {
    StringBuilder pointer = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      String name = step.getPropertyName();
      pointer
          .append('/')
          .append(
              name == null
                  ? Integer.toString(step.getIndex())
                  : name.replace("~", "~0").replace("/", "~1"));
    }
    return Params.shown(pointer.toString());
  }

  private static String detail(JacksonException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown -> unknown(unknown);
      case InvalidFormatException wrong -> mismatch(wrong);
      case InvalidNullException _ -> "null is not allowed; leave the member out";
      case MismatchedInputException wrong ->
          message(wrong).startsWith("Trailing token")
              ? "is not valid JSON: it goes on after its end" + place(wrong)
              : "is not " + expected(wrong);
      case StreamReadException syntax -> "is not valid JSON: " + message(syntax) + place(syntax);
      default -> message(e);
    };
  }

  private static String mismatch(InvalidFormatException e) {
    Object value = e.getValue();
    Class<?> type = e.getTargetType();
    if (!(value instanceof CharSequence)) {
      return "%s is not %s".formatted(Params.shown(String.valueOf(value)), expected(e));
    }
    String text = Params.shown(value.toString());
    if (type != null && type.isEnum()) {
      return "\"%s\" is not %s%s"
          .formatted(text, expected(e), NearestName.hint(value.toString(), wireNames(type)));
    }
    // Else the quotes alone would have to say what is wrong with "5".
    boolean isText = type != null && TEXTS.contains(type);
    return "\"%s\" is %s %s".formatted(text, isText ? "not" : "a string, not", expected(e));
  }

  private static String place(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? ""
        : ", at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  private static String message(JacksonException e) {
    String first = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    String told = SOURCE.matcher(first).replaceAll("");
    return told.length() <= MAX_MESSAGE ? told : told.substring(0, MAX_MESSAGE) + "…";
  }

  private static String unknown(UnrecognizedPropertyException e) {
    String name = String.valueOf(e.getPropertyName());
    Collection<Object> properties = e.getKnownPropertyIds();
    List<String> known =
        properties == null ? List.of() : properties.stream().map(String::valueOf).sorted().toList();
    return "member \"%s\" is unknown; known members are %s%s"
        .formatted(Params.shown(name), known, NearestName.hint(name, known));
  }

  /** As the body names them, which the document shows. */
  private static List<String> wireNames(Class<?> type) {
    return Arrays.stream(type.getFields())
        .filter(Field::isEnumConstant)
        .map(constant -> {
          JsonProperty named = constant.getAnnotation(JsonProperty.class);
          return named == null ? constant.getName() : named.value();
        })
        .toList();
  }

  /** The record and the member of it that the value stands in. */
  private static String range(MismatchedInputException e, Class<?> type) {
    Class<?> body = null;
    String member = "";
    for (JacksonException.Reference step : e.getPath()) {
      if (step.getPropertyName() != null && step.from() != null) {
        member = step.getPropertyName();
        body = step.from() instanceof Class<?> record ? record : step.from().getClass();
      }
    }
    return MemberRange.of(body, member, type);
  }

  private static String expected(MismatchedInputException e) {
    Class<?> type = e.getTargetType();
    if (type == null) {
      return "of the member's type";
    }
    if (type.isEnum()) {
      return "one of " + wireNames(type);
    }
    if (type == Unsigned.class) {
      return "a number or decimal string in 0..18446744073709551615";
    }
    if (type == CountOrAll.class) {
      return "\"ALL\" or an integer of at least 1";
    }
    if (type == Duration.class) {
      return "an ISO-8601 duration such as PT5S";
    }
    if (type == String.class) {
      return "a string";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "an integer in " + range(e, type);
    }
    if (List.class.isAssignableFrom(type)) {
      return "an array";
    }
    return Map.class.isAssignableFrom(type) || type.isRecord()
        ? "an object"
        : "of the member's type";
  }
}
