package dev.virq.api.events;

import dev.virq.api.http.Params;
import dev.virq.api.load.EndlessAnswer;
import dev.virq.api.load.RequestBytes;
import dev.virq.sandbox.EventStreams;
import dev.virq.sandbox.Sandbox;
import dev.virq.sandbox.SharedPieces;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.TraceEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes one event stream, on the thread of its request. It reads from the log what the client has
 * not got yet: nothing is queued for a client, so a slow one costs nothing, and learns of what was
 * overwritten meanwhile.
 */
final class EventStreamWriter {
  /**
   * Events of a piece, and of one that streams share: the first of those begins with the first
   * event. As text they are shorter than what every request may take.
   */
  private static final int BATCH = 32;

  private static final int BATCH_BYTES = 16_384;

  /** So long a piece is sent, also when there is more: with the next one it still fits. */
  private static final int LONG_ENOUGH = BATCH_BYTES / 2;

  /** So that neither the client nor a proxy takes the connection for dead, and the lease lives. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /** At least three times a lease; but a lease that is shorter than a moment is not kept alive. */
  private static final int BEATS_A_LEASE = 3;

  private static final Duration FASTEST_BEAT = Duration.ofMillis(100);

  /**
   * Between two pieces when events come one by one: what comes meanwhile goes into one. Else each
   * event would wake every reader.
   */
  private static final long GATHER_NANOS = Duration.ofMillis(20).toNanos();

  private final EventFilter filter;

  /** Whether it is everything: then one stream is sent the same as the next. */
  private final boolean whole;

  private final boolean failsOnGap;
  private final Sandbox sandbox;
  private final TraceBuffer log;
  private final SharedPieces pieces;
  private final BooleanSupplier draining;
  private final JsonMapper json;
  private final ByteArrayOutputStream piece = new ByteArrayOutputStream();

  /** Number of the last event that the client has, or was told to be without. Of one thread. */
  private long known;

  /** When the client was last sent something. Of one thread. */
  private long lastSent = System.nanoTime();

  private final @Nullable Restart restart;

  /**
   * The client knows events that are not of this log: it followed another one.
   *
   * @param lastEventId what it knows
   * @param newest what there is
   * @param log which log this is
   */
  private record Restart(long lastEventId, long newest, String log) {}

  /** Why the stream ends. */
  private record Bye(String reason) {}

  private EventStreamWriter(
      EventQuery query,
      long known,
      @Nullable Restart restart,
      Sandbox sandbox,
      BooleanSupplier draining,
      JsonMapper json) {
    this.filter = query.filter();
    this.whole = filter.admitsAll();
    this.failsOnGap = query.failsOnGap();
    this.sandbox = sandbox;
    this.log = sandbox.log();
    this.pieces = sandbox.streams().pieces();
    this.draining = draining;
    this.json = json;
    this.known = known;
    this.restart = restart;
  }

  /**
   * A stream; refuses what cannot be asked for.
   *
   * @throws dev.virq.errno.ErrnoException ESTALE when events are gone that must not be
   */
  static EventStreamWriter of(
      EventQuery query,
      @Nullable String lastEventId,
      Sandbox sandbox,
      BooleanSupplier draining,
      JsonMapper json) {
    if (query.pageSize() != null) {
      throw Params.invalid("pageSize means nothing for a stream");
    }
    if (query.upTo() != null) {
      throw Params.invalid("upTo means nothing for a stream");
    }
    boolean _ = query.isDetailed();
    long known =
        lastEventId != null && !lastEventId.isEmpty()
            ? Numbers.parse("header Last-Event-ID", lastEventId, Long.MAX_VALUE)
            : query.afterNumber();
    TraceBuffer log = sandbox.log();
    Restart restart = null;
    if (!query.isOf(log, known)) {
      if (query.failsOnGap()) {
        throw EventGap.ofAnotherLog(known, log);
      }
      restart = new Restart(known, log.seq(), EventJson.name(log));
      known = 0;
    }
    if (query.failsOnGap() && log.after(known, 0).lost() > 0) {
      throw EventGap.gone(known, log.oldest());
    }
    RequestBytes.charge(BATCH_BYTES);
    return new EventStreamWriter(query, known, restart, sandbox, draining, json);
  }

  /** Writes until the sandbox, the instance or the client ends. */
  void run(EventStreams.EventStream stream, EndlessAnswer answer)
      throws IOException, InterruptedException {
    text("retry: 1000\n\n");
    if (restart != null) {
      // With a number, so that who comes back before the first event does not name the old one.
      event("restart", 0L, restart);
    }
    send(answer);
    long lastWake = System.nanoTime() - GATHER_NANOS;
    while (true) {
      // Before it reads: what was recorded before the end is still sent.
      boolean last = log.isClosed();
      boolean _ = sandbox.renew(null);
      if (takeShared()) {
        if (piece.size() >= LONG_ENOUGH) {
          send(answer);
        }
        continue;
      }
      int asked = BATCH - (int) (known % BATCH);
      TraceBuffer.Page page = log.after(known, asked);
      if (page.lost() > 0) {
        stream.gap();
        long to = known + page.lost();
        event("gap", to, new EventGap(known + 1, to));
        known = to;
        if (failsOnGap) {
          bye("gap");
          send(answer);
          return;
        }
      }
      write(page);
      boolean more = page.events().size() == asked;
      if (more && whole && piece.size() < LONG_ENOUGH) {
        continue;
      }
      if (page.events().isEmpty() && last) {
        bye(draining.getAsBoolean() ? "drain" : "ended");
      }
      if (piece.size() > 0) {
        send(answer);
      } else if (untilBeat() <= 0) {
        // The filter lets nothing pass of what comes.
        beat(answer);
      }
      if (more) {
        continue;
      }
      if (last) {
        if (page.events().isEmpty()) {
          return;
        }
        continue;
      }
      gather(lastWake);
      await(answer);
      lastWake = System.nanoTime();
    }
  }

  /** Takes the next events as another stream has written them, if one has. */
  private boolean takeShared() {
    byte[] shared = whole && known % BATCH == 0 ? pieces.find(known / BATCH) : null;
    if (shared == null) {
      return false;
    }
    known += BATCH;
    piece.writeBytes(shared);
    return true;
  }

  /** Lets a moment pass since the last time that it was woken. */
  private static void gather(long lastWake) throws InterruptedException {
    long left = GATHER_NANOS - (System.nanoTime() - lastWake);
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  private void write(TraceBuffer.Page page) {
    int before = piece.size();
    for (TraceEvent event : page.events()) {
      known = event.seq();
      if (filter.admits(event)) {
        EventJson view = EventJson.of(event, log.beganMillis());
        event(view.type(), event.seq(), view);
      }
    }
    if (whole && page.events().size() == BATCH && page.lost() == 0) {
      byte[] all = piece.toByteArray();
      pieces.keep(known / BATCH - 1, Arrays.copyOfRange(all, before, all.length));
    }
  }

  /** Until there is something new, with a sign of life now and then. */
  private void await(EndlessAnswer answer) throws IOException, InterruptedException {
    CountDownLatch next = log.nextAfter(known);
    while (next != null && !next.await(Math.max(0, untilBeat()), TimeUnit.NANOSECONDS)) {
      beat(answer);
      // A sandbox that is being ended closes its log when all is told.
      boolean _ = sandbox.renew(null);
    }
  }

  /** With the number up to which the client has all that it asked for, for when it comes back. */
  private void beat(EndlessAnswer answer) throws IOException {
    text(": alive\nid: " + known + "\n\n");
    send(answer);
  }

  private void send(EndlessAnswer answer) throws IOException {
    answer.send(piece);
    lastSent = System.nanoTime();
  }

  private long untilBeat() {
    return beatNanos() - (System.nanoTime() - lastSent);
  }

  private long beatNanos() {
    if (sandbox.streams().isPlaceWanted()) {
      return FASTEST_BEAT.toNanos();
    }
    Duration ttl = sandbox.ttl();
    long beat = HEARTBEAT.toNanos();
    return ttl == null
        ? beat
        : Math.clamp(ttl.toNanos() / BEATS_A_LEASE, FASTEST_BEAT.toNanos(), beat);
  }

  private void bye(String reason) {
    event("bye", null, new Bye(reason));
  }

  private void event(String type, @Nullable Long id, Object data) {
    text((id == null ? "" : "id: " + id + "\n") + "event: " + type + "\ndata: ");
    piece.writeBytes(json.writeValueAsBytes(data));
    text("\n\n");
  }

  private void text(String text) {
    piece.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
