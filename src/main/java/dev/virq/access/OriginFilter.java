package dev.virq.access;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses what a browser sends for a page of another origin, unless that origin is allowed. */
final class OriginFilter extends OncePerRequestFilter {
  private final Origins origins;
  private final Refusals refusals;
  private final DefaultCorsProcessor processor = new Throwing();

  OriginFilter(Origins origins, Refusals refusals) {
    this.origins = origins;
    this.refusals = refusals;
  }

  /** A page of an allowed origin asked for a method that is not. */
  private static final class Throwing extends DefaultCorsProcessor {
    @Override
    protected void rejectRequest(ServerHttpResponse response) {
      throw new ErrnoException(
          Errno.EPERM, "pages of other origins may GET, HEAD, POST, PUT and DELETE, no more");
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origins.isAllowed(origin)) {
      try {
        var _ = processor.processRequest(origins.cors(), request, response);
      } catch (ErrnoException e) {
        refusals.answer(e, request, response);
        return;
      }
      if (CorsUtils.isPreFlightRequest(request)) {
        return;
      }
    } else if (Origins.isForeign(request)) {
      String whose = origin == null ? "another site" : "\"" + Refusals.shown(origin) + "\"";
      String detail =
          "requests from pages of %s are refused; to allow them, add the origin to".formatted(whose)
              + " virq.cors.allowed-origins";
      refusals.answer(new ErrnoException(Errno.EPERM, detail), request, response);
      return;
    }
    chain.doFilter(request, response);
  }
}
