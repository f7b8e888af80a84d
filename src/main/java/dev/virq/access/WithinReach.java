package dev.virq.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may call what. Paths are read by the parser that the controllers' paths are read by, so that
 * both see the same sandbox in one; a path that stands in no list is for tokens that reach
 * everything.
 */
final class WithinReach implements AuthorizationManager<HttpServletRequest> {
  private static final String VARIABLE = "sb";

  /** What a browser has to show before it can send a token, and what a probe asks. */
  private static final List<RequestMatcher> OPEN =
      paths(
          "/",
          "/actuator/health",
          "/actuator/health/{group}",
          "/problems/{errno}",
          "/swagger-ui.html",
          "/swagger-ui/**",
          "/ui/**",
          "/v3/api-docs",
          "/v3/api-docs/**");

  /** What says nothing of any sandbox. */
  private static final List<RequestMatcher> OF_THE_SERVICE =
      paths("/v1", "/v1/points", "/v1/operations");

  /**
   * The controllers look at the caller's reach themselves: what is listed, how a new one is named.
   */
  private static final List<RequestMatcher> OF_ALL_SANDBOXES =
      List.of(
          PathPatternRequestMatcher.pathPattern(HttpMethod.GET, "/v1/sandboxes"),
          PathPatternRequestMatcher.pathPattern(HttpMethod.HEAD, "/v1/sandboxes"),
          PathPatternRequestMatcher.pathPattern(HttpMethod.POST, "/v1/sandboxes"));

  private static final RequestMatcher OF_A_SANDBOX =
      PathPatternRequestMatcher.pathPattern("/v1/sandboxes/{" + VARIABLE + "}/**");

  /**
   * A refusal with its reason.
   *
   * @param outside the sandbox that is outside of the reach; null when it is no sandbox
   * @param reach the caller's
   */
  record Refused(@Nullable String outside, Reach reach) implements AuthorizationResult {
    @Override
    public boolean isGranted() {
      return false;
    }
  }

  private static List<RequestMatcher> paths(String... patterns) {
    return Arrays.stream(patterns)
        .<RequestMatcher>map(PathPatternRequestMatcher::pathPattern)
        .toList();
  }

  @Override
  public AuthorizationResult authorize(
      Supplier<? extends @Nullable Authentication> caller, HttpServletRequest request) {
    if (anyMatches(OPEN, request)) {
      return new AuthorizationDecision(true);
    }
    // Throws when there is no caller.
    Authentication known = caller.get();
    if (known == null || !(known.getPrincipal() instanceof Reach reach)) {
      return new AuthorizationDecision(false);
    }
    reach.grant(request);
    if (reach.isEverything()
        || anyMatches(OF_THE_SERVICE, request)
        || anyMatches(OF_ALL_SANDBOXES, request)) {
      return new AuthorizationDecision(true);
    }
    RequestMatcher.MatchResult path = OF_A_SANDBOX.matcher(request);
    String sandbox = path.isMatch() ? path.getVariables().get(VARIABLE) : null;
    return sandbox != null && reach.includes(sandbox)
        ? new AuthorizationDecision(true)
        : new Refused(sandbox, reach);
  }

  private static boolean anyMatches(List<RequestMatcher> matchers, HttpServletRequest request) {
    for (RequestMatcher matcher : matchers) {
      if (matcher.matches(request)) {
        return true;
      }
    }
    return false;
  }
}
