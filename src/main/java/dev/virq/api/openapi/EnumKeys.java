package dev.virq.api.openapi;

import com.fasterxml.jackson.databind.JavaType;
import dev.virq.trace.Outcome;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** A map whose keys are constants of an enumeration has a member for each, and no other. */
@Component
final class EnumKeys implements ModelConverter {

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // the library's own signature
  public @Nullable Schema resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Schema resolved = chain.next().resolve(type, context, chain);
    JavaType java = Json.mapper().constructType(type.getType());
    if (resolved != null
        && java != null
        && java.isMapLikeType()
        && java.getKeyType().isEnumType()
        && resolved.getAdditionalProperties() instanceof Schema value) {
      resolved.setAdditionalProperties(null);
      for (Object constant : java.getKeyType().getRawClass().getEnumConstants()) {
        resolved.addProperty(
            constant.toString(),
            new Schema<>()
                .type(value.getType())
                .format(value.getFormat())
                .description(
                    "How many came to "
                        + constant
                        + (constant instanceof Outcome outcome ? ": " + outcome.meaning() : ""))
                .minimum(BigDecimal.ZERO)
                .maximum(
                    BigDecimal.valueOf(
                        "int32".equals(value.getFormat()) ? Integer.MAX_VALUE : Long.MAX_VALUE)));
      }
    }
    return resolved;
  }
}
