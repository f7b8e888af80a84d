package dev.virq.api.input;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.condition.PathPatternsRequestCondition;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** The methods that a path takes, for OPTIONS and for the header Allow of a refusal. */
final class AllowedMethods {
  private final Supplier<List<RequestMappingInfo>> mappings;

  /**
   * Of the handlers in that context; those of a parent serve another port. They are looked up at
   * the first request, when all of them are there.
   */
  AllowedMethods(ListableBeanFactory beans) {
    mappings =
        SingletonSupplier.of(() ->
            beans
                .getBeansOfType(RequestMappingInfoHandlerMapping.class, false, false)
                .values()
                .stream()
                .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                .toList());
  }

  /** In alphabetic order; empty when no handler has the path. */
  Set<String> of(HttpServletRequest request) {
    Set<String> methods = new TreeSet<>();
    boolean before = ServletRequestPathUtils.hasParsedRequestPath(request);
    if (!before) {
      var _ = ServletRequestPathUtils.parseAndCache(request);
    }
    try {
      for (RequestMappingInfo mapping : mappings.get()) {
        PathPatternsRequestCondition paths = mapping.getPathPatternsCondition();
        if (paths != null && paths.getMatchingCondition(request) != null) {
          mapping.getMethodsCondition().getMethods().stream()
              .map(RequestMethod::name)
              .forEach(methods::add);
        }
      }
    } finally {
      if (!before) {
        ServletRequestPathUtils.clearParsedRequestPath(request);
      }
    }
    return withImplied(methods);
  }

  /** HEAD comes with GET, and OPTIONS with everything. */
  private static Set<String> withImplied(Set<String> methods) {
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    if (!methods.isEmpty()) {
      methods.add("OPTIONS");
    }
    return methods;
  }
}
