package dev.virq.access;

import dev.virq.errno.ErrnoException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Answers what a filter refuses as the controllers' refusals are answered. */
final class Refusals {
  private static final int SHOWN = 100;

  private final HandlerExceptionResolver resolver;

  Refusals(HandlerExceptionResolver resolver) {
    this.resolver = resolver;
  }

  void answer(ErrnoException e, HttpServletRequest request, HttpServletResponse response) {
    if (resolver.resolveException(request, response, null, e) == null) {
      throw e;
    }
  }

  /** A value that a client sent, short enough for a sentence. */
  static String shown(String value) {
    return value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value;
  }
}
