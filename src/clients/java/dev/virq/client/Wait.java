package dev.virq.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the answer to a signal or a close waits for the end of what it began. What is not over by
 * then, or is held at a breakpoint, is answered as not settled and goes on; that is no error.
 */
public final class Wait {
  /** Not at all. */
  public static final Wait NONE = new Wait("none", null);

  /** Until it is over, 5 s at most (2 s for a signal), and not for what a breakpoint holds. */
  public static final Wait SETTLED = new Wait("settled", null);

  private final String until;
  private final @Nullable Duration timeout;

  private Wait(String until, @Nullable Duration timeout) {
    this.until = until;
    this.timeout = timeout;
  }

  /** Until it is over, so long at most; 60 s unless the server is set otherwise. */
  public static Wait settled(Duration timeout) {
    return new Wait("settled", timeout);
  }

  Map<String, Object> query() {
    Map<String, Object> query = new HashMap<>(Map.of("wait", until));
    if (timeout != null) {
      query.put("timeout", timeout);
    }
    return query;
  }
}
