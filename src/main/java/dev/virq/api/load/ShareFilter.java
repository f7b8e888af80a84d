package dev.virq.api.load;

import dev.virq.api.wire.Head;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Quota;
import dev.virq.share.Shares;
import dev.virq.sync.Sleep;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Gives every call a place among those that are served, sandbox by sandbox in turn, and counts what
 * it takes of the heap. Past the bounds a call is refused at once.
 */
@Component
@Order(
    Ordered.HIGHEST_PRECEDENCE + 15) // after it is decided who may call: else anybody takes turns
public final class ShareFilter extends OncePerRequestFilter {
  private static final String CALLS = "/v1/";
  private static final String SANDBOXES = "/v1/sandboxes/";

  private final Shares shares;
  private final RequestCosts costs;
  private final Quota bytes;
  private final HandlerExceptionResolver refusals;

  ShareFilter(
      @Qualifier("requestShares") Shares shares,
      RequestCosts costs,
      @Qualifier("requestBytes") Quota bytes,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    this.shares = shares;
    this.costs = costs;
    this.bytes = bytes;
    this.refusals = refusals;
  }

  /** Health, metrics and documents are no calls: nothing here delays them. */
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getServletPath().startsWith(CALLS);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Shares.Share share;
    try {
      String owner = owner(request.getServletPath());
      Head.named(request, owner);
      share = shares.enter(owner);
    } catch (ErrnoException e) {
      if (refusals.resolveException(request, response, null, e) == null) {
        throw e;
      }
      return;
    }
    Head.admitted(request);
    ChargedRequest charged = new ChargedRequest(request, costs.deadline(), System::nanoTime);
    try (share;
        RequestBytes taken = new RequestBytes(bytes)) {
      ScopedValue.where(RequestBytes.CURRENT, taken)
          .call(() ->
              Sleep.<Void, Exception>inPlace(
                  share,
                  () -> {
                    chain.doFilter(
                        charged,
                        new PatientResponse(response, costs.answerDeadline(), System::nanoTime));
                    return null;
                  }));
    } catch (ServletException | IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }

  /**
   * The sandbox that the path names, decoded as the controllers see it; empty when it names none.
   */
  static String owner(String path) {
    if (!path.startsWith(SANDBOXES)) {
      return "";
    }
    int end = path.indexOf('/', SANDBOXES.length());
    return path.substring(SANDBOXES.length(), end < 0 ? path.length() : end);
  }
}
