package dev.virq.api.openapi;

import dev.virq.api.http.CountOrAll;
import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.Paging;
import dev.virq.api.http.SandboxArgument;
import dev.virq.api.http.Unsigned;
import dev.virq.errno.Errno;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.Paths;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.parameters.PathParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** Carries the place of an operation's path from its handler to the ordering; not published. */
  private static final String ORDER = "x-path-order";

  /** Examples of parameters: what a fresh instance has once the operations before have been run. */
  private static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry(SandboxArgument.VARIABLE, "default"),
          Map.entry("vm", "vm-1"),
          Map.entry("efd", "efd-1"),
          Map.entry("irqfd", "irqfd-1"),
          Map.entry("bp", "bp-1"),
          Map.entry("signal", "sig-1"),
          Map.entry("gsi", "5"),
          Map.entry("n", "0"),
          Map.entry("pin", "5"),
          Map.entry("half", "master"),
          Map.entry("errno", "EBUSY"));

  /** What does not wait by itself. */
  private static final Set<String> BY_ITSELF_NONE = Set.of("signal", "signalMany");

  /** The sandbox that is made and deleted by example; the default one cannot be. */
  private static final Set<String> ON_OWN_SANDBOX = Set.of("ensureSandbox", "deleteSandbox");

  static {
    SpringDocUtils.getConfig()
        // Not parameters of their own: the path names them.
        .addRequestWrapperToIgnore(SandboxArgument.types())
        .replaceWithSchema(
            Unsigned.class,
            new Schema<>()
                .description("Unsigned, 64 bits: a number or a decimal string")
                .addOneOfItem(new IntegerSchema().format(null).minimum(BigDecimal.ZERO))
                .addOneOfItem(new StringSchema().pattern("^[0-9]{1,20}$")))
        .replaceWithSchema(
            CountOrAll.class,
            new Schema<>()
                .description("ALL, or how many")
                .addOneOfItem(new IntegerSchema().format("int32").minimum(BigDecimal.ONE))
                .addOneOfItem(new StringSchema().addEnumItem("ALL")))
        .replaceWithSchema(
            Duration.class,
            new StringSchema().format("duration").example("PT5S").description("ISO-8601"));
  }

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        .info(
            new Info()
                .title("virq")
                .version("v1")
                .description(
                    "The lifetimes and ordering of KVM's irqfd, as a service one can signal, stop"
                        + " and watch. Every error is application/problem+json with an errno.")
                .license(new License().name("Apache-2.0")))
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

  /** Descriptions of members come from comments, whose lines end where the code's do. */
  private static void unwrap(Schema<?> schema) {
    if (schema.getProperties() != null) {
      for (Schema<?> member : schema.getProperties().values()) {
        if (member.getDescription() != null) {
          member.setDescription(member.getDescription().replaceAll("\\s+", " "));
        }
      }
    }
  }

  @Bean
  GlobalOperationCustomizer operations() {
    return (operation, handler) -> {
      if (SandboxArgument.isTakenBy(handler)) {
        addSandbox(operation);
      }
      describeParameters(operation);
      if (inSandbox(operation)) {
        LifeDescriptions.add(operation, handler);
      }
      describeErrors(operation, handler);
      PathOrder order = handler.getMethodAnnotation(PathOrder.class);
      operation.addExtension(ORDER, order == null ? Integer.MAX_VALUE : order.value());
      return operation;
    };
  }

  /** The variable of the path that the handler sees only as what it names. */
  private static void addSandbox(Operation operation) {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(new PathParameter().name(SandboxArgument.VARIABLE).schema(new StringSchema()));
    if (operation.getParameters() != null) {
      parameters.addAll(operation.getParameters());
    }
    operation.setParameters(parameters);
  }

  private static void describeParameters(Operation operation) {
    List<Parameter> parameters =
        operation.getParameters() == null ? List.of() : operation.getParameters();
    for (Parameter parameter : parameters) {
      boolean inPath = "path".equals(parameter.getIn());
      String name = parameter.getName();
      if (inPath
          && name.equals(SandboxArgument.VARIABLE)
          && ON_OWN_SANDBOX.contains(operation.getOperationId())) {
        parameter.example("rig-1");
      } else if (inPath) {
        parameter.example(EXAMPLES.get(name));
      }
      switch (name) {
        case "wait" ->
            parameter
                .description("How far the answer waits")
                .schema(
                    waitSchema(
                        BY_ITSELF_NONE.contains(operation.getOperationId()) ? "none" : "settled"));
        case "timeout" ->
            parameter
                .description("How long at most, ISO-8601")
                .schema(new StringSchema().format("duration"));
        case "pageSize" -> parameter.description("Items at most").schema(pageSizeSchema());
        case "pageToken" ->
            parameter.description("nextPageToken of the page before").schema(new StringSchema());
        case "label" -> parameter.description("key=value");
        case "n" -> parameter.description("Number of the vCPU");
        case "half" -> parameter.description("master or slave");
        case "from" -> parameter.schema(new StringSchema().addEnumItem("pic"));
        case "efd" -> parameter.description("An id efd-N, or a descriptor number");
        default -> {}
      }
    }
  }

  private static Schema<String> waitSchema(String otherwise) {
    StringSchema schema = new StringSchema().addEnumItem("none").addEnumItem("settled");
    schema.setDefault(otherwise);
    return schema;
  }

  private static Schema<Number> pageSizeSchema() {
    IntegerSchema schema = new IntegerSchema();
    schema.minimum(BigDecimal.ONE).maximum(BigDecimal.valueOf(Paging.MAX_SIZE));
    schema.setDefault(Paging.DEFAULT_SIZE);
    return schema;
  }

  /** Every error that the operation answers, by status. */
  private static void describeErrors(Operation operation, HandlerMethod handler) {
    Map<HttpStatus, Set<String>> errors = new EnumMap<>(HttpStatus.class);
    List<Errno> errnos =
        new ArrayList<>(List.of(Errno.EACCES, Errno.EPERM, Errno.EINVAL, Errno.EIO));
    if (inSandbox(operation)) {
      errnos.addAll(List.of(Errno.ENOENT, Errno.ECANCELED, Errno.ESHUTDOWN, Errno.ESTALE));
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
      schemas.values().forEach(OpenApiConfiguration::unwrap);
      document.getComponents().setSchemas(schemas);
      if (document.getTags() != null) {
        document.setTags(
            document.getTags().stream()
                .sorted(Comparator.comparingInt(tag -> number(tag.getName())))
                .toList());
      }
      Paths sorted = new Paths();
      document.getPaths().entrySet().stream()
          .sorted(
              Comparator.comparingInt((Map.Entry<String, PathItem> path) -> tag(path.getValue()))
                  .thenComparingInt(path -> index(path.getValue()))
                  .thenComparing(Map.Entry::getKey))
          .forEach(path -> sorted.addPathItem(path.getKey(), path.getValue()));
      document.setPaths(sorted);
      sorted.values().stream()
          .flatMap(path -> path.readOperations().stream())
          .forEach(operation -> operation.getExtensions().remove(ORDER));
    };
  }

  private static int tag(PathItem path) {
    return path.readOperations().stream()
        .flatMap(operation -> operation.getTags().stream())
        .mapToInt(OpenApiConfiguration::number)
        .min()
        .orElse(0);
  }

  /** The number that a tag begins with. */
  private static int number(String tag) {
    return Integer.parseInt(tag.substring(0, tag.indexOf(' ')));
  }

  private static int index(PathItem path) {
    return path.readOperations().stream()
        .map(operation -> operation.getExtensions().get(ORDER))
        .filter(Integer.class::isInstance)
        .mapToInt(Integer.class::cast)
        .min()
        .orElse(Integer.MAX_VALUE);
  }
}
