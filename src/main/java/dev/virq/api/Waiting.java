package dev.virq.api;

import dev.virq.api.http.Params;
import io.swagger.v3.oas.annotations.Parameter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.annotations.ParameterObject;

/**
 * How far the answer to an action waits for the end of what it began.
 *
 * @param until none or settled; what is meant when it is left out differs by operation
 * @param timeout how long at most, ISO-8601
 */
@ParameterObject
public record Waiting(@Parameter(name = "wait") @Nullable String until, @Nullable String timeout) {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** How long a close waits, in nanoseconds; it does so unless {@code wait} is none. */
  long closeNanos(Duration maxWait) {
    boolean settled = isSettled(true);
    long nanos = nanos(CLOSE_TIMEOUT, maxWait);
    return settled ? nanos : 0;
  }

  /** The timeout in nanoseconds; the other value when there is none. */
  public long nanos(Duration otherwise, Duration maxWait) {
    return Params.timeoutNanos(timeout, otherwise, maxWait);
  }

  /** Whether {@code wait} asks for the end; refuses anything but its two words. */
  public boolean isSettled(boolean otherwise) {
    return switch (until) {
      case null -> otherwise;
      case "settled" -> true;
      case "none" -> false;
      default -> throw Params.unknownWord("wait", until, List.of("none", "settled"));
    };
  }
}
