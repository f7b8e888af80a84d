package dev.virq.api.input;

import dev.virq.api.http.Params;
import dev.virq.api.http.QueryArgument;
import dev.virq.api.http.SandboxArgument;
import dev.virq.errno.NearestName;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses what an operation does not know, where Spring would look away: query parameters that are
 * unknown or repeated, a body where none is taken, a Sandbox header that contradicts the path.
 */
@Component
public final class StrictRequests implements HandlerInterceptor {
  /** Where the controllers are: in the package above and in those beside this one. */
  private static final String ROOMS = "dev.virq.api";

  private static final String SANDBOX = "Sandbox";

  /** As much of an unwanted body as decides whether it is one. */
  private static final int PEEK_BYTES = 64;

  /** By operation: what it takes is found out once. */
  private final Map<Method, Taken> taken = new ConcurrentHashMap<>();

  /**
   * What an operation takes.
   *
   * @param query names of the parameters that it knows
   * @param body whether it takes one
   */
  private record Taken(Set<String> query, boolean body) {
    static Taken by(HandlerMethod operation) {
      MethodParameter[] parameters = operation.getMethodParameters();
      return new Taken(
          Arrays.stream(parameters)
              .flatMap(StrictRequests::names)
              .collect(Collectors.toUnmodifiableSet()),
          Arrays.stream(parameters)
              .anyMatch(parameter -> parameter.hasParameterAnnotation(RequestBody.class)));
    }
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    if (handler instanceof HandlerMethod method
        && method.getBeanType().getPackageName().startsWith(ROOMS)) {
      Taken taken = this.taken.computeIfAbsent(method.getMethod(), _ -> Taken.by(method));
      checkQuery(request.getQueryString(), taken);
      checkSandbox(request);
      checkBody(request, taken);
    }
    return true;
  }

  private static void checkQuery(@Nullable String query, Taken taken) {
    if (query == null || query.isEmpty()) {
      return;
    }
    Set<String> known = taken.query();
    Set<String> seen = new HashSet<>();
    for (String pair : query.split("&", -1)) {
      String name = RequestTarget.text(pair.split("=", 2)[0]);
      if (!known.contains(name)) {
        throw Params.invalid(
            "query parameter \"%s\" is unknown; %s%s"
                .formatted(
                    Params.shown(name),
                    known.isEmpty()
                        ? "this operation takes none"
                        : "known ones are " + known.stream().sorted().toList(),
                    NearestName.hint(name, known)));
      }
      if (!seen.add(name)) {
        throw Params.invalid("query parameter \"%s\" is given more than once".formatted(name));
      }
    }
  }

  private static Stream<String> names(MethodParameter parameter) {
    String name = parameter.getParameterName();
    return name != null && parameter.hasParameterAnnotation(RequestParam.class)
        ? Stream.of(name)
        : QueryArgument.names(parameter).stream();
  }

  private static void checkSandbox(HttpServletRequest request) {
    String sandbox = SandboxArgument.nameIn(request);
    for (String header : Collections.list(request.getHeaders(SANDBOX))) {
      if (sandbox != null && !sandbox.equals(header)) {
        throw Params.invalid(
            "header Sandbox \"%s\" differs from the path's \"%s\""
                .formatted(Params.shown(header), sandbox));
      }
    }
  }

  private static void checkBody(HttpServletRequest request, Taken taken) throws IOException {
    if (taken.body() || !BoundedRequest.hasBody(request)) {
      return;
    }
    // An object without members says nothing: many clients send one with every POST.
    byte[] start = request.getInputStream().readNBytes(PEEK_BYTES);
    String body = new String(start, StandardCharsets.UTF_8).strip();
    if (!body.isEmpty() && !body.replaceAll("\\s", "").equals("{}")) {
      throw Params.invalid("this operation takes no body");
    }
  }
}
