package dev.virq.api.openapi;

import dev.virq.api.http.LifeHeaders;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.method.HandlerMethod;

/** The headers of calls on a sandbox: which life a call is meant for, and which one it met. */
final class LifeDescriptions {
  private LifeDescriptions() {}

  /** Adds them to an operation that has its responses, but not yet its errors. */
  static void add(Operation operation, HandlerMethod handler) {
    operation.addParametersItem(
        parameter(
            HttpHeaders.IF_MATCH,
            "The uid that the sandbox has to have, in double quotes: 412 ESTALE when it is another"));
    AnswersErrno refuses = handler.getMethodAnnotation(AnswersErrno.class);
    if (refuses != null && refuses.mayCreateOnly()) {
      operation.addParametersItem(
          parameter(HttpHeaders.IF_NONE_MATCH, "* to create only: 412 EEXIST when it is there"));
    }
    operation
        .getResponses()
        .forEach((status, response) ->
            response.addHeaderObject(
                LifeHeaders.UID,
                new Header()
                    .description("The life that the call was made on")
                    .schema(new StringSchema().format("uuid"))));
  }

  private static HeaderParameter parameter(String name, String description) {
    HeaderParameter parameter = new HeaderParameter();
    parameter.name(name).description(description).schema(new StringSchema().maxLength(1_024));
    return parameter;
  }
}
