package dev.virq.api.input;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.Unsigned;
import java.math.BigInteger;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads JSON as it stands: what is not exactly of the member's type is refused, never converted.
 */
final class StrictJson implements JsonMapperBuilderCustomizer {

  @Override
  public void customize(JsonMapper.Builder json) {
    json.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .withCoercionConfig(
            LogicalType.Textual,
            text ->
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .withCoercionConfigDefaults(
            all -> all.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
        // A member that is null counts as left out, as clients write it; an element may not be.
        .changeDefaultNullHandling(handling -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
        .changeDefaultPropertyInclusion(
            inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
        .addModule(
            new SimpleModule("virq")
                .addDeserializer(Unsigned.class, new UnsignedReader())
                .addDeserializer(Duration.class, new DurationReader())
                .addDeserializer(CountOrAll.class, new CountOrAllReader()));
  }

  /** A number or a decimal string, 0 to 2^64-1. */
  private static final class UnsignedReader extends ValueDeserializer<Unsigned> {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,20}");
    private static final BigInteger MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    @Override
    public Unsigned deserialize(JsonParser parser, DeserializationContext context) {
      JsonToken token = parser.currentToken();
      if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_STRING) {
        return (Unsigned) context.handleUnexpectedToken(Unsigned.class, parser);
      }
      String text = parser.getString();
      if (DECIMAL.matcher(text).matches()) {
        BigInteger value = new BigInteger(text);
        if (value.compareTo(MAX) <= 0) {
          return new Unsigned(value.longValue());
        }
      }
      return (Unsigned)
          context.handleWeirdStringValue(
              Unsigned.class, text, "is outside 0..18446744073709551615");
    }
  }

  /** An ISO-8601 string, never a number. */
  private static final class DurationReader extends ValueDeserializer<Duration> {
    @Override
    public Duration deserialize(JsonParser parser, DeserializationContext context) {
      if (parser.currentToken() != JsonToken.VALUE_STRING) {
        return (Duration) context.handleUnexpectedToken(Duration.class, parser);
      }
      String text = parser.getString();
      try {
        return Duration.parse(text);
      } catch (DateTimeParseException e) {
        return (Duration)
            context.handleWeirdStringValue(Duration.class, text, "is not an ISO-8601 duration");
      }
    }
  }

  /** {@code "ALL"} or how many. */
  private static final class CountOrAllReader extends ValueDeserializer<CountOrAll> {
    @Override
    public CountOrAll deserialize(JsonParser parser, DeserializationContext context) {
      Class<?> type = CountOrAll.class;
      String text = parser.getString();
      switch (parser.currentToken()) {
        case VALUE_STRING -> {
          if (text.equals("ALL")) {
            return CountOrAll.ALL;
          }
        }
        case VALUE_NUMBER_INT -> {
          if (parser.getNumberType() == JsonParser.NumberType.INT && parser.getIntValue() > 0) {
            return new CountOrAll(parser.getIntValue());
          }
        }
        default -> {
          return (CountOrAll) context.handleUnexpectedToken(type, parser);
        }
      }
      return (CountOrAll)
          context.handleWeirdStringValue(type, text, "is neither ALL nor an integer of at least 1");
    }
  }
}
