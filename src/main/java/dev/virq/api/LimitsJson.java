package dev.virq.api;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import dev.virq.api.http.Instance;
import dev.virq.api.http.Paging;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.limits.SandboxLimits;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.IntegerSchema;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.providers.JavadocProvider;
import org.springframework.stereotype.Component;

/**
 * Every bound that a caller can meet.
 *
 * @param members in order
 */
// Made from the components of Limits, so that one more limit is one component more. Between its
// numbers and its lengths of time stand those of the HTTP layer.
@Schema(name = LimitsJson.SCHEMA)
record LimitsJson(@JsonAnyGetter @Schema(hidden = true) Map<String, Number> members) {
  static final String SCHEMA = "Bounds";

  private static final String BODY = "bodyBytes";
  private static final String PAGE = "pageSize";

  static LimitsJson of(Limits limits, MemoryLimits memory, Instance instance) {
    Map<String, Number> members = new LinkedHashMap<>();
    numbers(
        Limits.class, (name, component) -> members.put(name, (Number) value(limits, component)));
    numbers(
        MemoryLimits.class,
        (name, component) -> members.put(name, (Number) value(memory, component)));
    members.put(BODY, instance.maxBodyBytes());
    members.put(PAGE, Paging.MAX_SIZE);
    times((name, component) -> members.put(name, ((Duration) value(limits, component)).toNanos()));
    return new LimitsJson(members);
  }

  private static void numbers(Class<?> bounds, BiConsumer<String, RecordComponent> each) {
    Arrays.stream(bounds.getRecordComponents())
        .filter(component -> component.getType().isPrimitive())
        .forEach(component -> each.accept(name(component), component));
  }

  private static void times(BiConsumer<String, RecordComponent> each) {
    Arrays.stream(Limits.class.getRecordComponents())
        .filter(component -> component.getType() == Duration.class)
        .forEach(component -> each.accept(name(component) + "Nanos", component));
  }

  /** The component's own name, but that every member is a maximum without saying so. */
  private static String name(RecordComponent component) {
    String name = SandboxLimits.name(component);
    return name.equals("sandboxes") ? "sandboxesTotal" : name;
  }

  private static Object value(Record limits, RecordComponent component) {
    try {
      return component.getAccessor().invoke(limits);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no limit " + component, e);
    }
  }

  /** Describes the members in the OpenAPI document by the Javadoc of {@link Limits}. */
  @Component
  static final class Description implements GlobalOpenApiCustomizer {
    private final JavadocProvider javadoc;

    Description(JavadocProvider javadoc) {
      this.javadoc = javadoc;
    }

    @Override
    public void customise(OpenAPI document) {
      io.swagger.v3.oas.models.media.Schema<?> schema =
          document.getComponents().getSchemas().get(SCHEMA);
      if (schema == null) {
        throw new IllegalStateException("the document has no schema " + SCHEMA);
      }
      Map<String, String> texts = javadoc.getRecordClassParamJavadoc(Limits.class);
      BiConsumer<String, IntegerSchema> member =
          (name, type) -> {
            schema.addProperty(name, type);
            schema.addRequiredItem(name);
          };
      numbers(Limits.class, (name, component) -> member.accept(name, integer(component, texts)));
      Map<String, String> memory = javadoc.getRecordClassParamJavadoc(MemoryLimits.class);
      numbers(
          MemoryLimits.class, (name, component) -> member.accept(name, integer(component, memory)));
      member.accept(BODY, integer("int64", "bytes of a request's body"));
      member.accept(PAGE, integer("int32", "items of a page"));
      times((name, component) ->
          member.accept(
              name, integer("int64", texts.get(component.getName()) + ", in nanoseconds")));
    }

    private static IntegerSchema integer(RecordComponent component, Map<String, String> texts) {
      return integer(
          component.getType() == int.class ? "int32" : "int64", texts.get(component.getName()));
    }

    private static IntegerSchema integer(String format, @Nullable String text) {
      IntegerSchema schema = new IntegerSchema();
      schema.format(format).description(text);
      return schema;
    }
  }
}
