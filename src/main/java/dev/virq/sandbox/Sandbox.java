package dev.virq.sandbox;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.host.ShutdownReport;
import dev.virq.limits.Budget;
import dev.virq.limits.Limits;
import dev.virq.sync.Sleep;
import dev.virq.trace.EndCause;
import dev.virq.trace.Subject;
import dev.virq.trace.TraceBuffer;
import dev.virq.trace.Tracepoint;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A lease on a separate simulated system, which shares nothing with other sandboxes except the
 * bounds of the instance.
 *
 * <p>Any thread. Idle, it holds no thread.
 */
public final class Sandbox {
  /** How long a teardown may take; all holds are released before, so only a bug can exceed it. */
  private static final long TEARDOWN_NANOS = Duration.ofSeconds(30).toNanos();

  /**
   * From the making or a reset of a sandbox to its next reset or its end. Numbers of objects begin
   * at 1 in each, so an id means something in one life only.
   *
   * @param sandbox whose life it is
   * @param uid a random UUID; no other life has it, of whatever sandbox and instance
   * @param host the system that runs
   */
  public record Life(Sandbox sandbox, String uid, Host host) {}

  /**
   * A reset.
   *
   * @param report what was found and ended
   * @param begun the life that it began
   */
  public record Reset(ShutdownReport report, Life begun) {}

  private final SandboxSpec settings;
  private final Budget memory;
  private final TraceBuffer log;
  private final EventStreams streams;
  private final KeptAnswers answers;
  private final KeptRuns runs;
  private final Function<TraceBuffer, Host> boot;
  private final LongSupplier nanoClock;
  private final Consumer<Sandbox> shortened;

  /** Serializes reset and close; held while they wait, so nothing else takes it. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  /** Replaced by reset; volatile so that observers need no lock. */
  private volatile Life life;

  private final Object lease = new Object();

  @GuardedBy("lease")
  private @Nullable Duration ttl;

  @GuardedBy("lease")
  private long expiresAtNanos;

  @GuardedBy("lease")
  private boolean closed;

  /**
   * Boots a sandbox.
   *
   * @param settings what the caller asked for
   * @param limits how many events its log keeps, and how many streams of them may be open
   * @param streams what the streams of all sandboxes have in common
   * @param memory its bytes, of which its own are taken
   * @param boot makes a host that writes to the log
   * @param nanoClock as {@link System#nanoTime}
   * @param shortened is told when the lease may end earlier
   * @param clockMillis time of day in milliseconds since 1970 UTC
   */
  Sandbox(
      SandboxSpec settings,
      Limits limits,
      EventStreams.Total streams,
      Budget memory,
      Function<TraceBuffer, Host> boot,
      LongSupplier nanoClock,
      Consumer<Sandbox> shortened,
      LongSupplier clockMillis) {
    this.settings = settings;
    this.memory = memory;
    this.log =
        new TraceBuffer(
            limits.events(), memory, System::nanoTime, clockMillis, settings.name() + "/");
    this.streams = new EventStreams(limits.streams(), streams, log);
    this.answers = new KeptAnswers(memory);
    this.runs = new KeptRuns(memory);
    this.boot = boot;
    this.nanoClock = nanoClock;
    this.shortened = shortened;
    this.ttl = settings.ttl();
    this.life = begin();
    life.host().followWatchers();
    synchronized (lease) {
      renew();
    }
  }

  private Life begin() {
    return new Life(this, UUID.randomUUID().toString(), boot.apply(log));
  }

  /** Goes on with the life that another process has begun. Nobody can reach it yet. */
  void resume(String uid) {
    life = new Life(this, uid, life.host());
  }

  /** What it was created with. */
  public SandboxSpec settings() {
    return settings;
  }

  /** The system it runs now; a reset replaces it. */
  public Host host() {
    return life.host();
  }

  /** The life that it is in now; a reset begins another. */
  public Life life() {
    return life;
  }

  /** The event log. */
  public TraceBuffer log() {
    return log;
  }

  /** The last runs of scenarios; a reset leaves them. */
  public KeptRuns runs() {
    return runs;
  }

  /** The streams of its events that are open. */
  public EventStreams streams() {
    return streams;
  }

  /** The answers to calls with a key; a reset leaves them. */
  public KeptAnswers answers() {
    return answers;
  }

  /** Number of the newest event; a reset does not set it back. */
  public long seq() {
    return log.seq();
  }

  /**
   * Renews the lease.
   *
   * @param newTtl its length from now on, or null to keep it
   * @return false when the sandbox is gone
   */
  public boolean renew(@Nullable Duration newTtl) {
    synchronized (lease) {
      if (closed) {
        return false;
      }
      if (newTtl != null && ttl != null) {
        ttl = newTtl;
      }
      renew();
    }
    if (newTtl != null) {
      shortened.accept(this);
    }
    return true;
  }

  @GuardedBy("lease")
  private void renew() {
    if (ttl != null) {
      expiresAtNanos = nanoClock.getAsLong() + ttl.toNanos();
    }
  }

  /**
   * The life that a call is made on, its lease renewed. A call that is not meant for it does not
   * keep it alive. Returns null when the sandbox is gone.
   *
   * @throws ErrnoException ESTALE, EEXIST when the condition is not met
   */
  @Nullable Life enter(Condition condition) {
    synchronized (lease) {
      if (closed) {
        return null;
      }
      Life now = life;
      condition.admit(settings.name(), now.uid());
      renew();
      return now;
    }
  }

  /** The lease's length now; null when it never expires. */
  public @Nullable Duration ttl() {
    synchronized (lease) {
      return ttl;
    }
  }

  /** Nanoseconds until the lease ends, from now; null when it never does. */
  public @Nullable Long remainingNanos() {
    synchronized (lease) {
      return ttl == null ? null : expiresAtNanos - nanoClock.getAsLong();
    }
  }

  /**
   * Throws everything away and starts again: holds are released, descriptors closed, numbers start
   * at 1. Calls under way on the old objects are answered ECANCELED.
   *
   * @param keepBreakpoints whether to arm the same breakpoints again
   * @throws ErrnoException EMFILE, ENFILE when these are to be kept and the hits that they have
   *     used up do not fit in memory again; nothing has happened then
   */
  public ShutdownReport reset(boolean keepBreakpoints) {
    return reset(keepBreakpoints, Condition.NONE).report();
  }

  /**
   * As {@link #reset(boolean)}, if the condition is met: of two that are meant for the same life,
   * one is refused.
   *
   * @throws ErrnoException ESTALE, EEXIST when it is not met
   */
  public Reset reset(boolean keepBreakpoints, Condition condition) {
    lockLifecycle();
    try {
      Host old = requireLife(condition).host();
      Life begun = begin();
      Host fresh = begun.host();
      if (keepBreakpoints) {
        fresh.takeOverBreakpoints(old);
      }
      life = begun;
      fresh.followWatchers();
      ShutdownReport report =
          old.shutDown(
              EndCause.RESET,
              new ErrnoException(
                  Errno.ECANCELED, "sandbox " + settings.name() + " was reset during the call"),
              TEARDOWN_NANOS);
      fresh.probe().hit(Tracepoint.SANDBOX_RESET, Subject.NONE);
      return new Reset(keepBreakpoints ? report.withoutBreakpoints() : report, begun);
    } finally {
      lifecycle.unlock();
    }
  }

  /** The life, which stays the same while the lifecycle's lock is held. */
  private Life requireLife(Condition condition) {
    synchronized (lease) {
      if (closed) {
        throw gone();
      }
      condition.admit(settings.name(), life.uid());
      return life;
    }
  }

  /** Ends the sandbox. Returns null when it was ended before. */
  @Nullable ShutdownReport close() {
    return close(TEARDOWN_NANOS);
  }

  /**
   * As {@link #close()}, if the condition is met.
   *
   * @throws ErrnoException ESTALE, EEXIST when it is not met; ENOENT when it was ended before
   */
  @Nullable ShutdownReport close(Condition condition) {
    // Held from the look at the life to its end, so that no reset comes between.
    lockLifecycle();
    try {
      Life _ = requireLife(condition);
      return close();
    } finally {
      lifecycle.unlock();
    }
  }

  /** As {@link #close()}, and waits no longer than that. */
  @Nullable ShutdownReport close(long timeoutNanos) {
    synchronized (lease) {
      if (closed) {
        return null;
      }
      closed = true;
    }
    return shutDown(EndCause.RESET, timeoutNanos);
  }

  /** Whether somebody has ended it, or is about to. */
  public boolean isClosed() {
    synchronized (lease) {
      return closed;
    }
  }

  /** When its lease ends, in terms of the clock; null when it never does, or has ended. */
  @Nullable Long endsAtNanos() {
    synchronized (lease) {
      return closed || ttl == null ? null : (Long) expiresAtNanos;
    }
  }

  /** Whether its lease has run out and nobody has ended it. */
  boolean isExpired() {
    synchronized (lease) {
      return !closed && ttl != null && nanoClock.getAsLong() - expiresAtNanos >= 0;
    }
  }

  /**
   * Ends the sandbox if its lease has run out. Returns null when it has not, or was ended before.
   */
  @Nullable ShutdownReport closeIfExpired() {
    synchronized (lease) {
      // In one step with the decision: a call that renewed the lease keeps its sandbox.
      if (closed || ttl == null || nanoClock.getAsLong() - expiresAtNanos < 0) {
        return null;
      }
      closed = true;
    }
    return shutDown(EndCause.LEASE, TEARDOWN_NANOS);
  }

  private ShutdownReport shutDown(EndCause cause, long timeoutNanos) {
    lockLifecycle();
    try {
      return life.host()
          .shutDown(
              cause,
              new ErrnoException(
                  Errno.ECANCELED, "sandbox " + settings.name() + " was deleted during the call"),
              timeoutNanos);
    } finally {
      lifecycle.unlock();
    }
  }

  /** Nobody can reach it any more: gives back its own bytes. After {@link #close()}, once. */
  void giveBack() {
    log.end();
    answers.end();
    runs.end();
    memory.release(settings.bytes());
    memory.close();
  }

  /** Bytes that it and everything in it take. */
  public long memoryUsed() {
    return memory.used();
  }

  /** Another reset may take its whole time: those behind it keep no place meanwhile. */
  private void lockLifecycle() {
    if (lifecycle.tryLock()) {
      return;
    }
    try (Sleep sleep = new Sleep()) {
      sleep.begin();
      lifecycle.lock();
    }
  }

  private ErrnoException gone() {
    return new ErrnoException(Errno.ENOENT, "sandbox " + settings.name() + " is unknown");
  }
}
