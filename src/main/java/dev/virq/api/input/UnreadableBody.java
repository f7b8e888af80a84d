package dev.virq.api.input;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.Params;
import dev.virq.api.http.Unsigned;
import dev.virq.errno.ErrnoException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says in the contract's words why a body could not be read, and where. */
final class UnreadableBody {
  private UnreadableBody() {}

  /** The refusal; EINVAL, with a pointer where there is one. */
  static ErrnoException refusal(HttpMessageNotReadableException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof JacksonException json) {
        return Params.invalid(pointer(json), detail(json));
      }
    }
    return Params.invalid("", "is missing or cannot be read");
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
      case InvalidFormatException wrong ->
          "%s is not %s".formatted(shown(wrong.getValue()), expected(wrong.getTargetType()));
      case InvalidNullException _ -> "null is not allowed; leave the member out";
      case MismatchedInputException wrong -> "is not " + expected(wrong.getTargetType());
      case StreamReadException syntax -> "is not valid JSON: " + firstLine(syntax);
      default -> firstLine(e);
    };
  }

  private static String unknown(UnrecognizedPropertyException e) {
    Collection<Object> known = e.getKnownPropertyIds();
    return "member \"%s\" is unknown%s"
        .formatted(
            Params.shown(String.valueOf(e.getPropertyName())),
            known == null
                ? ""
                : "; known members are " + known.stream().map(String::valueOf).sorted().toList());
  }

  private static String firstLine(JacksonException e) {
    return Params.shown(String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse(""));
  }

  private static String shown(@Nullable Object value) {
    String text = Params.shown(String.valueOf(value));
    return value instanceof CharSequence ? '"' + text + '"' : text;
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

  private static String expected(@Nullable Class<?> type) {
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
      return "an integer in the member's range";
    }
    if (List.class.isAssignableFrom(type)) {
      return "an array";
    }
    return Map.class.isAssignableFrom(type) || type.isRecord()
        ? "an object"
        : "of the member's type";
  }
}
