package dev.virq.api.openapi;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.method.HandlerMethod;

/** The headers about answers: where something was made, and whether the call was made before. */
final class AnswerDescriptions {
  private AnswerDescriptions() {}

  /** Whether the operation takes an Idempotency-Key: each POST on a sandbox that there is. */
  static boolean mayBeRepeated(HandlerMethod handler, boolean inSandbox) {
    return inSandbox && AnnotatedElementUtils.hasAnnotation(handler.getMethod(), PostMapping.class);
  }

  /** Adds them to an operation that has its responses, but not yet its errors. */
  static void add(Operation operation, boolean mayBeRepeated) {
    ApiResponse created = operation.getResponses().get("201");
    if (created != null) {
      var _ =
          created.addHeaderObject(
              HttpHeaders.LOCATION, header("Path of what was made", new StringSchema()));
    }
    if (!mayBeRepeated) {
      return;
    }
    HeaderParameter key = new HeaderParameter();
    Schema<?> form = new StringSchema().minLength(8).maxLength(128);
    key.name("Idempotency-Key")
        .description(
            "A name for this call, of 8 to 128 printable characters. Sent again with the same path,"
                + " query and body, it is not made again, and has the first answer. The sandbox"
                + " keeps the last 1,000.")
        .schema(form);
    operation.addParametersItem(key);
    operation
        .getResponses()
        .forEach((status, response) ->
            response.addHeaderObject(
                "Idempotency-Replayed",
                header("true when this is the answer of an earlier call", new BooleanSchema())));
  }

  private static Header header(String description, Schema<?> schema) {
    return new Header().description(description).schema(schema);
  }
}
