package dev.virq.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;

/** Takes the token out of a request, and finds out what it reaches. */
final class BearerTokens implements AuthenticationConverter, AuthenticationManager {
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S+) *");

  private final @Nullable Tokens fixed;
  private final @Nullable TokensFile file;

  BearerTokens(@Nullable Tokens fixed, @Nullable TokensFile file) {
    this.fixed = fixed;
    this.file = file;
  }

  /** Whether there is any. */
  boolean areSet() {
    return fixed != null || file != null;
  }

  @Override
  public @Nullable Authentication convert(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null) {
      return null;
    }
    Matcher bearer = BEARER.matcher(header);
    if (!bearer.matches()) {
      throw new BadCredentialsException("the header Authorization is not of the form Bearer TOKEN");
    }
    return new PreAuthenticatedAuthenticationToken("bearer", bearer.group(1));
  }

  @Override
  public Authentication authenticate(Authentication sent) {
    String token = String.valueOf(sent.getCredentials());
    Reach reach = fixed == null ? null : fixed.reachOf(token);
    if (reach == null && file != null) {
      reach = file.reachOf(token);
    }
    if (reach == null) {
      throw new BadCredentialsException("the token is none of this instance's");
    }
    return new PreAuthenticatedAuthenticationToken(reach, "", AuthorityUtils.NO_AUTHORITIES);
  }
}
