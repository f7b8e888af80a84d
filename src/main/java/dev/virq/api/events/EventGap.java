package dev.virq.api.events;

import dev.virq.api.http.ErrnoAdvice;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.trace.TraceBuffer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/**
 * Events that are gone.
 *
 * @param from number of the first
 * @param to number of the last
 */
@Schema(name = "EventGap")
record EventGap(long from, long to) {

  /** The refusal of a gap. */
  static ErrnoException gone(long after, long oldest) {
    return new ErrnoException(
        Errno.ESTALE,
        "events after %d are not kept any more: the oldest is %d".formatted(after, oldest),
        Map.of(ErrnoAdvice.OLDEST, oldest));
  }

  /** The refusal of what is known of a log that was before this one. */
  static ErrnoException ofAnotherLog(long after, TraceBuffer log) {
    return new ErrnoException(
        Errno.ESTALE,
        "event %d is of another log: this one, %s, has %d; begin anew with after=0"
            .formatted(after, EventJson.name(log), log.seq()),
        Map.of(ErrnoAdvice.OLDEST, log.oldest()));
  }
}
