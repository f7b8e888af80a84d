package dev.virq.access;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses requests to a name that virq does not answer to. */
final class HostFilter extends OncePerRequestFilter {
  private final Hosts hosts;
  private final Refusals refusals;

  HostFilter(Hosts hosts, Refusals refusals) {
    this.hosts = hosts;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    // Only HTTP/1.0 may leave it out; no browser does.
    if (request.getHeader(HttpHeaders.HOST) != null && !hosts.answers(request.getServerName())) {
      String detail =
          "requests to host \"%s\" are refused, because any page could have made that name lead here;"
                  .formatted(Refusals.shown(request.getServerName()))
              + " if it is a name of this instance, add it to virq.access.hosts";
      refusals.answer(new ErrnoException(Errno.EPERM, detail), request, response);
      return;
    }
    chain.doFilter(request, response);
  }
}
