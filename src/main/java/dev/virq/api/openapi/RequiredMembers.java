package dev.virq.api.openapi;

import com.fasterxml.jackson.databind.JavaType;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** A record's component that is never null is a member that is always there: required. */
@Component
final class RequiredMembers implements ModelConverter {
  private static final String REFERENCE = "#/components/schemas/";

  @Override
  @SuppressWarnings("rawtypes") // the library's own signature
  public @Nullable Schema resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Schema resolved = chain.next().resolve(type, context, chain);
    JavaType java = Json.mapper().constructType(type.getType());
    if (resolved != null && java != null && java.getRawClass().isRecord()) {
      String reference = resolved.get$ref();
      Schema model =
          reference == null
              ? resolved
              : context.getDefinedModels().get(reference.substring(REFERENCE.length()));
      if (model != null && model.getProperties() != null) {
        require(model, java.getRawClass());
      }
    }
    return resolved;
  }

  private static void require(Schema<?> model, Class<?> type) {
    Arrays.stream(type.getRecordComponents())
        .filter(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class))
        .map(RecordComponent::getName)
        .filter(name -> model.getProperties().containsKey(name))
        .filter(name -> model.getRequired() == null || !model.getRequired().contains(name))
        .forEach(model::addRequiredItem);
  }
}
