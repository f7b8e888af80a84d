package dev.virq.api.http;

import dev.virq.host.Host;
import dev.virq.sandbox.Condition;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Hands a handler the {@link Sandbox} that its path names, the {@link Host} in it, or, if it needs
 * both, its {@link Sandbox.Life}: asked for later, the host may be that of another life. Each such
 * call renews the sandbox's lease, unless the {@link Condition} that it came with is not met; a
 * handler that ends a life takes that, too. The answer says which life it is about.
 *
 * <p>Arguments are made in the handler's order. The sandbox stands last: a body that cannot be read
 * is refused first, and does not renew a lease.
 */
@Component
public final class SandboxArgument implements HandlerMethodArgumentResolver {
  /** The variable in the path. */
  public static final String VARIABLE = "sb";

  private final Sandboxes sandboxes;

  SandboxArgument(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** What a handler may take; none of them is a parameter of its own. */
  public static Class<?>[] types() {
    return new Class<?>[] {Host.class, Sandbox.class, Sandbox.Life.class, Condition.class};
  }

  /** Whether the handler takes a sandbox that has to exist. */
  public static boolean isTakenBy(HandlerMethod handler) {
    return Arrays.stream(handler.getMethodParameters()).anyMatch(SandboxArgument::isOne);
  }

  private static boolean isOne(MethodParameter parameter) {
    return Arrays.asList(types()).contains(parameter.getParameterType());
  }

  /** The sandbox that the path of a request names, or null. */
  public static @Nullable String nameIn(@Nullable HttpServletRequest request) {
    return request != null
            && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> variables
            && variables.get(VARIABLE) instanceof String name
        ? name
        : null;
  }

  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return isOne(parameter);
  }

  @Override
  public Object resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer model,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    HttpServletRequest sent = request.getNativeRequest(HttpServletRequest.class);
    String name = nameIn(sent);
    if (sent == null || name == null) {
      throw new IllegalStateException("the path of " + parameter + " has no {sb}");
    }
    Condition condition = LifeHeaders.condition(sent);
    if (parameter.getParameterType() == Condition.class) {
      return condition;
    }
    Sandbox.Life life = sandboxes.enter(name, condition);
    HttpServletResponse response = request.getNativeResponse(HttpServletResponse.class);
    if (response != null) {
      response.setHeader(LifeHeaders.UID, life.uid());
    }
    Class<?> taken = parameter.getParameterType();
    if (taken == Sandbox.Life.class) {
      return life;
    }
    return taken == Host.class ? life.host() : life.sandbox();
  }
}
