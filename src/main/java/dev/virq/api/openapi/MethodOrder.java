package dev.virq.api.openapi;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.swagger.v3.core.jackson.mixin.ExtensionsMixin;
import io.swagger.v3.oas.models.PathItem;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/**
 * The order of methods in a path: what makes an object, what shows it, what ends it. The library's
 * own begins with GET.
 */
@Component
final class MethodOrder implements SmartInitializingSingleton {
  private final ObjectMapperProvider mappers;

  MethodOrder(ObjectMapperProvider mappers) {
    this.mappers = mappers;
  }

  @JsonPropertyOrder({"post", "put", "get", "delete"})
  private abstract static class Ordered extends ExtensionsMixin {}

  @Override
  public void afterSingletonsInstantiated() {
    mappers.jsonMapper().addMixIn(PathItem.class, Ordered.class);
    mappers.yamlMapper().addMixIn(PathItem.class, Ordered.class);
  }
}
