package dev.virq.api.input;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.filter.OncePerRequestFilter;

/** Answers OPTIONS with the methods that the path takes, and no others. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20) // after it is decided who may call
public final class OptionsFilter extends OncePerRequestFilter {
  private final AllowedMethods allowed;

  OptionsFilter(ListableBeanFactory beans) {
    this.allowed = new AllowedMethods(beans);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !HttpMethod.OPTIONS.matches(request.getMethod());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String methods = String.join(", ", allowed.of(request));
    if (methods.isEmpty() || CorsUtils.isPreFlightRequest(request)) {
      // Others answer: who serves files, who decides about origins, or who knows no such path.
      chain.doFilter(request, new TrueAllow(response, methods));
    } else {
      response.setHeader(HttpHeaders.ALLOW, methods);
    }
  }

  /** Spring's servlet adds all methods there are to what nobody else has said, even to errors. */
  private static final class TrueAllow extends HttpServletResponseWrapper {
    private final String methods;

    /** With the methods of the path; empty when only somebody further down knows them. */
    TrueAllow(HttpServletResponse response, String methods) {
      super(response);
      this.methods = methods;
    }

    @Override
    public void setHeader(String name, @Nullable String value) {
      if (!name.equalsIgnoreCase(HttpHeaders.ALLOW)) {
        super.setHeader(name, value);
      } else if (!methods.isEmpty()) {
        super.setHeader(name, methods);
      } else if (getStatus() < HttpServletResponse.SC_BAD_REQUEST) {
        super.setHeader(name, value);
      }
    }
  }
}
