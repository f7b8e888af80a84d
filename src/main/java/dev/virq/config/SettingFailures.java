package dev.virq.config;

import dev.virq.handover.HandoverFailure;
import dev.virq.init.InitFailure;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** Says in one sentence, without a stack trace, which setting keeps virq from starting. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SettingFailures implements FailureAnalyzer {
  private static final String ACTION =
      "Correct it. An argument is written --virq.workers=8, a variable of the environment"
          + " VIRQ_WORKERS=8. Every setting stands in src/main/resources/application.yaml, with its"
          + " default, unit and effect.";

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    String sentence = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String here =
          switch (cause) {
            case InitFailure unfit -> unfit.getMessage();
            case HandoverFailure unusable -> unusable.getMessage();
            case SettingsCheck.UnknownSetting unknown -> unknown.getMessage();
            case BindException wrong when isOurs(wrong.getName()) -> value(wrong);
            default -> null;
          };
      // The innermost names the setting itself.
      sentence = here == null ? sentence : here;
    }
    return sentence == null ? null : new FailureAnalysis(sentence, ACTION, failure);
  }

  private static boolean isOurs(ConfigurationPropertyName name) {
    return name.toString().equals("virq") || name.toString().startsWith("virq.");
  }

  private static @Nullable String value(BindException wrong) {
    ConfigurationProperty property = wrong.getProperty();
    String reason = null;
    for (Throwable cause = wrong.getCause(); cause != null; cause = cause.getCause()) {
      switch (cause) {
        case BindValidationException invalid -> {
          return sentences(invalid.getValidationErrors());
        }
        // From the record itself, which names its setting.
        case IllegalArgumentException own when own.getMessage() != null && property == null ->
            reason = "virq." + own.getMessage();
        case ConversionException _ when property != null ->
            reason =
                "%s is \"%s\", which is not %s"
                    .formatted(property.getName(), property.getValue(), expected(wrong));
        default -> {}
      }
    }
    return reason;
  }

  private static String expected(BindException wrong) {
    Class<?> type = wrong.getTarget().getType().resolve(Object.class);
    return switch (type.getSimpleName()) {
      case "int", "Integer", "long", "Long" -> "a whole number in range";
      case "boolean", "Boolean" -> "true or false";
      case "Duration" -> "a length of time such as PT10S";
      case "DataSize" -> "a size in bytes such as 1MB";
      default -> "of type " + type.getSimpleName();
    };
  }

  private static String sentences(ValidationErrors errors) {
    List<ObjectError> all = errors.getAllErrors();
    return all.stream().map(error -> sentence(errors, error)).collect(Collectors.joining("\n"));
  }

  private static String sentence(ValidationErrors errors, ObjectError error) {
    if (error instanceof FieldError field && !"AssertTrue".equals(field.getCode())) {
      // As it was bound, which is how settings are written.
      String name = DataObjectPropertyName.toDashedForm(field.getField());
      return "%s.%s is \"%s\" but %s"
          .formatted(errors.getName(), name, field.getRejectedValue(), field.getDefaultMessage());
    }
    return errors.getName() + "." + error.getDefaultMessage();
  }
}
