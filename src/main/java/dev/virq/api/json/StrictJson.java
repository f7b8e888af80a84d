package dev.virq.api.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.Unsigned;
import java.math.BigInteger;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads JSON as it stands: what is not exactly of the member's type is refused, never converted.
 */
public final class StrictJson implements JsonMapperBuilderCustomizer {

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
        .addHandler(new TellsWhatItFound())
        .addModule(
            new SimpleModule("virq")
                .addDeserializer(Long.class, new LongReader())
                .addDeserializer(Integer.class, new IntegerReader())
                .addDeserializer(Boolean.class, new BooleanReader())
                .addDeserializer(Unsigned.class, new UnsignedReader())
                .addDeserializer(Duration.class, new DurationReader())
                .addDeserializer(CountOrAll.class, new CountOrAllReader()));
  }

  /**
   * A value as it stood in the body, which a refusal shows without quotes.
   *
   * @param text of a number or a word, or which structure it was
   */
  record Found(String text) {
    static Object at(JsonParser parser) {
      return switch (parser.currentToken()) {
        case VALUE_STRING -> parser.getString();
        case START_OBJECT, PROPERTY_NAME, END_OBJECT -> new Found("an object");
        case START_ARRAY, END_ARRAY -> new Found("an array");
        case null -> new Found("nothing");
        default -> new Found(parser.getString());
      };
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static InvalidFormatException wrong(JsonParser parser, Class<?> wanted) {
    return InvalidFormatException.from(parser, "wrong type", Found.at(parser), wanted);
  }

  /** Jackson refuses most values without telling which. */
  private static final class TellsWhatItFound extends DeserializationProblemHandler {
    @Override
    public Object handleUnexpectedToken(
        DeserializationContext context,
        JavaType wanted,
        JsonToken token,
        JsonParser parser,
        @Nullable String why) {
      throw wrong(parser, wanted.getRawClass());
    }

    @Override
    public Object handleMissingInstantiator(
        DeserializationContext context,
        Class<?> wanted,
        ValueInstantiator instantiator,
        JsonParser parser,
        @Nullable String why) {
      throw wrong(parser, wanted);
    }
  }

  /** An integer of 64 bits. */
  private static final class LongReader extends ValueDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser parser, DeserializationContext context) {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
        return parser.getLongValue();
      }
      throw wrong(parser, Long.class);
    }
  }

  /** An integer of 32 bits. */
  private static final class IntegerReader extends ValueDeserializer<Integer> {
    @Override
    public Integer deserialize(JsonParser parser, DeserializationContext context) {
      if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
          && parser.getNumberType() == JsonParser.NumberType.INT) {
        return parser.getIntValue();
      }
      throw wrong(parser, Integer.class);
    }
  }

  /** True or false. */
  private static final class BooleanReader extends ValueDeserializer<Boolean> {
    @Override
    public Boolean deserialize(JsonParser parser, DeserializationContext context) {
      return switch (parser.currentToken()) {
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        default -> throw wrong(parser, Boolean.class);
      };
    }
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
