package dev.virq.api.direct;

import dev.virq.api.SignalController;
import dev.virq.api.SignalController.SignalJson;
import dev.virq.api.SignalController.SignalRequest;
import dev.virq.api.http.LifeHeaders;
import dev.virq.api.http.Params;
import dev.virq.api.http.SandboxArgument;
import dev.virq.api.retry.RereadRequest;
import dev.virq.errno.ErrnoException;
import dev.virq.errno.EventfdName;
import dev.virq.host.Host;
import dev.virq.inflight.PendingSignal;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.Sandboxes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers plain signals. Of what such a request costs, finding its handler, making its arguments
 * and choosing a converter are more than half, and come to the same each time.
 *
 * <p>Nothing is refused here: as long as nothing is written, whatever is wrong is left to the
 * controller, which finds it again and says so. So there is one place that decides what is refused
 * and how, and one that decides what is done and answered, which is the controller's.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE) // after all that other calls go through as well
final class DirectSignals extends OncePerRequestFilter {
  private final Sandboxes sandboxes;
  private final JsonMapper json;
  private final HandlerExceptionResolver refusals;

  DirectSignals(
      Sandboxes sandboxes,
      JsonMapper json,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals) {
    this.sandboxes = sandboxes;
    this.json = json;
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    PlainSignal plain = PlainSignal.of(request);
    if (plain == null) {
      chain.doFilter(request, response);
      return;
    }
    name(plain, request);
    HttpServletRequest asked = request;
    SignalRequest body = null;
    try {
      if (plain.hasBody()) {
        RereadRequest reread = new RereadRequest(request);
        asked = reread;
        body = json.readValue(reread.body(), SignalRequest.class);
      }
    } catch (JacksonException _) {
      chain.doFilter(asked, response);
      return;
    } catch (ErrnoException | IOException e) {
      // It cannot be read a second time.
      refuse(request, response, e);
      return;
    }
    try {
      Written written = write(plain, body, asked, response);
      if (written != null) {
        answer(written, response);
        return;
      }
    } catch (RuntimeException | Error e) {
      // It may be written.
      refuse(request, response, e);
      return;
    }
    chain.doFilter(asked, response);
  }

  private record Written(Host host, PendingSignal signal, boolean settled, long nanos) {}

  /** Null when it is refused: nothing has happened then. */
  private @Nullable Written write(
      PlainSignal plain,
      @Nullable SignalRequest body,
      HttpServletRequest request,
      HttpServletResponse response) {
    try {
      EventfdName eventfd = Params.eventfd(plain.eventfd());
      boolean settled = plain.waiting().isSettled(false);
      Sandbox.Life life = sandboxes.enter(plain.sandbox(), LifeHeaders.condition(request));
      Host host = life.host();
      long nanos = SignalController.nanos(plain.waiting(), host);
      response.setHeader(LifeHeaders.UID, life.uid());
      PendingSignal signal = host.eventfds().write(eventfd, SignalController.value(body).bits());
      return new Written(host, signal, settled, nanos);
    } catch (ErrnoException _) {
      return null;
    }
  }

  /** For what is said of the request in metrics and problems. */
  private static void name(PlainSignal plain, HttpServletRequest request) {
    request.setAttribute(
        HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE,
        Map.of(SandboxArgument.VARIABLE, plain.sandbox()));
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(context -> context.setPathPattern(PlainSignal.PATTERN));
  }

  private void answer(Written written, HttpServletResponse response) throws IOException {
    SignalJson answer =
        SignalController.answer(
            written.host(), written.signal(), written.settled(), written.nanos());
    HttpStatus status = SignalController.status(answer, written.settled());
    byte[] text = json.writeValueAsBytes(answer);
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(text.length + 1);
    response.getOutputStream().write(text);
    response.getOutputStream().write('\n');
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response, Throwable e)
      throws IOException, ServletException {
    // An error of the virtual machine is handed on as Spring MVC does it.
    Exception refusal = e instanceof Exception exception ? exception : new ServletException(e);
    if (refusals.resolveException(request, response, null, refusal) == null) {
      throw new ServletException(e);
    }
  }
}
