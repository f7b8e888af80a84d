package dev.virq.api.openapi;

import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.SandboxArgument;
import dev.virq.api.http.Unsigned;
import dev.virq.errno.Errno;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Contact;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.method.HandlerMethod;

/**
 * The OpenAPI document: what the code alone does not tell, and an order that a reader can follow.
 */
@Configuration(proxyBeanMethods = false)
public class OpenApiConfiguration {
  private static final String PROBLEM = "ErrnoProblem";

  private static final String TOKEN = "token";

  /** Needs no token, for it is where an error without one leads. */
  private static final String OPEN = "getProblem";

  /** That of the program that serves it; a test compares them. */
  private static final String VERSION = "0.1.0";

  static {
    SpringDocUtils.getConfig()
        // Not parameters of their own: the path names them.
        .addRequestWrapperToIgnore(SandboxArgument.types())
        .replaceWithSchema(
            Unsigned.class,
            // One type of the two that are taken, and the one of answers: of two, generators make a
            // class of its own, and in Go a dependency.
            new StringSchema()
                .pattern("^[0-9]{1,20}$")
                .description("Unsigned, 64 bits, decimal; a number is taken, too"))
        .replaceWithSchema(
            CountOrAll.class,
            new IntegerSchema()
                .format("int32")
                .minimum(BigDecimal.ONE)
                .description("How many; all when left out, or with the word ALL"))
        .replaceWithSchema(Duration.class, new StringSchema().format("duration").example("PT5S"));
  }

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        .info(
            new Info()
                .title("virq")
                .version(VERSION)
                .description(
                    "The lifetimes and ordering of KVM's irqfd, as a service one can signal, stop"
                        + " and watch. Every error is application/problem+json with an errno.")
                .contact(new Contact().name("The virq maintainers"))
                .license(
                    new License()
                        .name("Apache-2.0")
                        .url("https://www.apache.org/licenses/LICENSE-2.0")))
        .components(
            new Components()
                .addSecuritySchemes(
                    TOKEN,
                    new SecurityScheme()
                        .type(SecurityScheme.Type.HTTP)
                        .scheme("bearer")
                        .description("Needed only where the instance has tokens.")))
        // None, or a token: the document is the same for instances with and without.
        .security(List.of(new SecurityRequirement(), new SecurityRequirement().addList(TOKEN)))
        // Relative, so that the document is the same on every host.
        .servers(List.of(new Server().url("/")));
  }

  /** Descriptions come from comments, whose lines end where the code's do. */
  private static void unwrap(Schema<?> schema) {
    if (schema.getDescription() != null) {
      schema.setDescription(schema.getDescription().replaceAll("\\s+", " "));
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(OpenApiConfiguration::unwrap);
    }
  }

  /** A map to objects of Java is one to values of any type of JSON. */
  private static void openMaps(Schema<?> schema) {
    if (schema.getAdditionalProperties() instanceof Schema<?> value
        && "object".equals(value.getType())
        && value.get$ref() == null
        && value.getProperties() == null) {
      schema.setAdditionalProperties(true);
    }
    if (schema.getItems() != null) {
      openMaps(schema.getItems());
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(OpenApiConfiguration::openMaps);
    }
  }

  @Bean
  GlobalOperationCustomizer operations() {
    return (operation, handler) -> {
      if (SandboxArgument.isTakenBy(handler)) {
        ParameterDescriptions.addSandbox(operation);
      }
      ParameterDescriptions.describe(operation);
      if (inSandbox(operation)) {
        LifeDescriptions.add(operation, handler);
      }
      AnswerDescriptions.add(
          operation, AnswerDescriptions.mayBeRepeated(handler, inSandbox(operation)));
      describeErrors(operation, handler);
      return operation;
    };
  }

  /** Every error that the operation answers, by status. */
  private static void describeErrors(Operation operation, HandlerMethod handler) {
    Map<HttpStatus, Set<String>> errors = new EnumMap<>(HttpStatus.class);
    List<Errno> errnos = new ArrayList<>(List.of(Errno.EPERM, Errno.EINVAL, Errno.EIO));
    if (!operation.getOperationId().equals(OPEN)) {
      errnos.add(Errno.EACCES);
    }
    if (inSandbox(operation)) {
      errnos.addAll(List.of(Errno.ESHUTDOWN, Errno.ESTALE));
    }
    if (SandboxArgument.isTakenBy(handler)) {
      errnos.addAll(List.of(Errno.ENOENT, Errno.ECANCELED));
    }
    if (AnswerDescriptions.mayBeRepeated(handler, inSandbox(operation))) {
      errnos.addAll(List.of(Errno.EAGAIN, Errno.EEXIST, Errno.EMFILE));
      add(errors, HttpStatus.UNPROCESSABLE_CONTENT, Errno.EINVAL);
    }
    if (operation.getRequestBody() != null) {
      errnos.add(Errno.E2BIG);
      add(errors, HttpStatus.REQUEST_TIMEOUT, Errno.ETIMEDOUT);
      add(errors, HttpStatus.UNSUPPORTED_MEDIA_TYPE, Errno.EOPNOTSUPP);
    }
    add(errors, HttpStatus.NOT_ACCEPTABLE, Errno.EOPNOTSUPP);
    // Too many calls at once, or too much heap for them: over soon.
    add(errors, HttpStatus.TOO_MANY_REQUESTS, Errno.EAGAIN);
    errnos.add(Errno.ENFILE);
    AnswersErrno refuses = handler.getMethodAnnotation(AnswersErrno.class);
    if (refuses != null) {
      errnos.addAll(List.of(refuses.value()));
      if (refuses.namesDescriptors()) {
        add(errors, HttpStatus.UNPROCESSABLE_CONTENT, Errno.EBADF);
      }
      if (refuses.mayBeGone()) {
        add(errors, HttpStatus.GONE, Errno.ESTALE);
      }
      if (refuses.mayCreateOnly()) {
        add(errors, HttpStatus.PRECONDITION_FAILED, Errno.EEXIST);
      }
    }
    errnos.forEach(errno -> add(errors, ErrnoAdvice.status(errno), errno));
    errors.forEach((status, names) ->
        operation
            .getResponses()
            .addApiResponse(
                Integer.toString(status.value()),
                new ApiResponse()
                    .description(String.join(", ", names))
                    .content(
                        new Content()
                            .addMediaType(
                                org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                                new MediaType()
                                    .schema(
                                        new Schema<>().$ref("#/components/schemas/" + PROBLEM))))));
  }

  private static void add(Map<HttpStatus, Set<String>> errors, HttpStatus status, Errno errno) {
    errors.computeIfAbsent(status, s -> new TreeSet<>()).add(errno.name());
  }

  /** Whether the operation is one on a sandbox that it names. */
  private static boolean inSandbox(Operation operation) {
    return operation.getParameters() != null
        && operation.getParameters().stream()
            .anyMatch(parameter -> parameter.getName().equals(SandboxArgument.VARIABLE));
  }

  @Bean
  @SuppressWarnings("rawtypes") // the library's own signature
  GlobalOpenApiCustomizer order() {
    return document -> {
      Map<String, Schema> schemas = new TreeMap<>(document.getComponents().getSchemas());
      schemas.putAll(ModelConverters.getInstance().readAll(ErrnoProblem.class));
      schemas.computeIfPresent(PROBLEM, (name, schema) -> schema.additionalProperties(true));
      schemas.forEach((name, schema) -> MemberBounds.apply(name, schema));
      schemas.values().forEach(WordMeanings::apply);
      schemas.values().forEach(OpenApiConfiguration::unwrap);
      schemas.values().forEach(OpenApiConfiguration::openMaps);
      document.getComponents().setSchemas(schemas);
      DocumentOrder.arrange(document);
      RecordedExamples.load().addTo(document.getPaths());
    };
  }
}
