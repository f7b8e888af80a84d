package dev.virq.api.openapi;

import java.io.IOException;
import java.io.InputStream;
import org.springdoc.core.properties.SwaggerUiConfigParameters;
import org.springdoc.core.properties.SwaggerUiConfigProperties;
import org.springdoc.core.properties.SwaggerUiOAuthProperties;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.webmvc.ui.SwaggerIndexPageTransformer;
import org.springdoc.webmvc.ui.SwaggerWelcomeCommon;
import org.springframework.stereotype.Component;

/**
 * Has Swagger UI show the operations of a tag in the {@linkplain DocumentOrder document's order}.
 * Its own setting for that takes a name or a function, and springdoc can hand on a name only.
 */
@Component
final class SwaggerUiOrder extends SwaggerIndexPageTransformer {
  private static final String CALL = "SwaggerUIBundle({";

  private static final String SORTER =
      """
      SwaggerUIBundle({
          operationsSorter: (a, b) =>
            a.getIn(["operation", "%1$s"]) - b.getIn(["operation", "%1$s"]),
      """
          .formatted(DocumentOrder.PLACE);

  SwaggerUiOrder(
      SwaggerUiConfigProperties configuration,
      SwaggerUiOAuthProperties oauth,
      SwaggerWelcomeCommon welcome,
      ObjectMapperProvider mappers) {
    super(configuration, oauth, welcome, mappers);
  }

  @Override
  protected String defaultTransformations(SwaggerUiConfigParameters parameters, InputStream page)
      throws IOException {
    String script = super.defaultTransformations(parameters, page);
    if (!script.contains(CALL)) {
      throw new IllegalStateException("Swagger UI's start script has no " + CALL);
    }
    return script.replace(CALL, SORTER);
  }
}
