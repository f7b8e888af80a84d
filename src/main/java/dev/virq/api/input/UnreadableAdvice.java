package dev.virq.api.input;

import dev.virq.api.http.ErrnoAdvice;
import dev.virq.api.http.ErrnoProblem;
import dev.virq.api.http.Params;
import dev.virq.api.json.UnreadableBody;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** Answers for bodies and parameters that could not be read, and for clients that have left. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE) // ErrnoAdvice takes every exception
final class UnreadableAdvice {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableAdvice.class);

  private final ErrnoAdvice errors;

  UnreadableAdvice(ErrnoAdvice errors) {
    this.errors = errors;
  }

  /** A body that could not be read as what the operation takes. */
  @ExceptionHandler
  @Nullable ResponseEntity<ErrnoProblem> unreadable(
      HttpMessageNotReadableException e, HttpServletRequest request) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedBody refused) {
        return refused(refused, request);
      }
      if (cause instanceof BadRequestException broken) {
        return broken(broken);
      }
    }
    return errors.refused(UnreadableBody.refusal(e), request);
  }

  /** A body refused where none would have been read. */
  @ExceptionHandler
  ResponseEntity<ErrnoProblem> refused(RefusedBody e, HttpServletRequest request) {
    return errors.refused(e.refusal(), request);
  }

  /**
   * A body that broke off or was not framed rightly, or a client that no longer reads. Tomcat has
   * marked the answer as an error already, and {@link ProblemValve} writes it if anyone listens.
   */
  @ExceptionHandler({BadRequestException.class, AsyncRequestNotUsableException.class})
  @Nullable ResponseEntity<ErrnoProblem> broken(Exception e) {
    LOG.debug("request broke off: {}", e.getMessage());
    return null;
  }

  /** Parameters that Tomcat could not take in, on a path that the strict checks do not know. */
  @ExceptionHandler
  ResponseEntity<ErrnoProblem> parameters(InvalidParameterException e, HttpServletRequest request) {
    return errors.refused(Params.invalid("query: " + e.getMessage()), request);
  }
}
