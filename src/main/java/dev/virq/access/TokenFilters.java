package dev.virq.access;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationFilter;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;

/** Spring Security's filters, put together for tokens: no session, no form, no redirect. */
final class TokenFilters {
  private static final String CHALLENGE = "Bearer realm=\"virq\"";

  private final Refusals refusals;

  private TokenFilters(Refusals refusals) {
    this.refusals = refusals;
  }

  /** The chain that asks every request for one of the tokens. */
  static FilterChainProxy chain(BearerTokens tokens, Refusals refusals) {
    TokenFilters filters = new TokenFilters(refusals);
    AuthenticationFilter authentication = new AuthenticationFilter(tokens, tokens);
    authentication.setSuccessHandler((request, response, known) -> {
      // The request goes on.
    });
    authentication.setFailureHandler(filters::unknown);
    ExceptionTranslationFilter translation =
        new ExceptionTranslationFilter(filters::unknown, new NullRequestCache());
    translation.setAccessDeniedHandler(filters::denied);
    return new FilterChainProxy(
        new DefaultSecurityFilterChain(
            AnyRequestMatcher.INSTANCE,
            List.of(authentication, translation, new AuthorizationFilter(new WithinReach()))));
  }

  private void unknown(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException e) {
    boolean wrong = e instanceof BadCredentialsException;
    response.setHeader(
        HttpHeaders.WWW_AUTHENTICATE, wrong ? CHALLENGE + ", error=\"invalid_token\"" : CHALLENGE);
    String detail =
        wrong
            ? String.valueOf(e.getMessage())
            : "this instance asks for a token: send it in the header Authorization: Bearer TOKEN";
    refusals.answer(new ErrnoException(Errno.EACCES, detail), request, response);
  }

  private void denied(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException e) {
    ErrnoException refusal =
        e instanceof AuthorizationDeniedException denied
                && denied.getAuthorizationResult() instanceof WithinReach.Refused refused
                && refused.outside() != null
            ? refused.reach().refusal(refused.outside())
            : new ErrnoException(
                Errno.EPERM, "this takes a token that reaches everything, not only a prefix");
    refusals.answer(refusal, request, response);
  }
}
