package dev.virq.sandbox;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.host.ShutdownReport;
import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.limits.Quota;
import dev.virq.limits.Totals;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes of this instance: created, found, expired, drained.
 *
 * <p>Any thread. Only the deletion of a sandbox waits for it.
 */
public final class Sandboxes {
  /** The sandbox that is always there, if the instance has one. */
  public static final String DEFAULT = "default";

  private final SandboxFactory factory;
  private final int defaultWorkers;
  private final Quota quota;
  private final ConcurrentNavigableMap<String, Sandbox> byName = new ConcurrentSkipListMap<>();
  private final FreshNames names = new FreshNames(new SecureRandom());
  private final AtomicLong leasesExpired = new AtomicLong();

  /** Set once, when the instance shuts down; volatile for every call. */
  private volatile boolean draining;

  /**
   * No sandboxes, except for the default one if it is wanted.
   *
   * @param factory makes them
   * @param defaultWorkers injection workers of the default sandbox
   * @param withDefault whether there is a default sandbox
   * @throws ErrnoException ENFILE when not even the default sandbox fits
   */
  public Sandboxes(SandboxFactory factory, int defaultWorkers, boolean withDefault) {
    this.factory = factory;
    this.defaultWorkers = defaultWorkers;
    this.quota = new Quota("sandboxes", limits().sandboxes(), Errno.ENFILE, null);
    if (withDefault) {
      byName.put(DEFAULT, factory.boot(new SandboxSpec(DEFAULT, null, defaultWorkers, Map.of())));
    }
  }

  /**
   * A sandbox, and whether this call made it.
   *
   * @param sandbox the sandbox
   * @param created false when it existed already
   */
  public record Created(Sandbox sandbox, boolean created) {}

  /**
   * Creates a sandbox.
   *
   * @throws ErrnoException EEXIST when the name is taken, ENFILE when the instance is full,
   *     ESHUTDOWN while it drains
   */
  public Sandbox create(SandboxSpec settings) {
    Created result = createOrFind(settings, Sandboxes::leaveEmpty, Condition.NONE);
    if (!result.created()) {
      throw new ErrnoException(Errno.EEXIST, "sandbox " + settings.name() + " already exists");
    }
    return result.sandbox();
  }

  /**
   * Creates a sandbox with something in it, or nothing at all.
   *
   * @param fill given the new sandbox's system before anybody can reach it; what it throws is
   *     thrown here, and what it made is gone then
   * @param condition what has to hold
   * @throws ErrnoException as {@link #create(SandboxSpec)}; ESTALE, EEXIST when the condition is
   *     not met
   */
  public Sandbox create(SandboxSpec settings, Consumer<Host> fill, Condition condition) {
    Created result = createOrFind(settings, fill, condition);
    if (!result.created()) {
      throw new ErrnoException(
          Errno.EEXIST,
          "sandbox " + settings.name() + " already exists, and a snapshot makes a new one");
    }
    return result.sandbox();
  }

  /**
   * Goes on with a sandbox that another process had. Before anybody calls.
   *
   * @param settings those of the default sandbox are the instance's, and these are not looked at
   * @param uid the life that it was in
   * @param ttl the length of its lease, which begins anew; null for that of its settings
   * @param fill given the sandbox's system, empty; what it throws is thrown here, and the sandbox
   *     is as if this had not been called
   * @throws ErrnoException as {@link #create(SandboxSpec, Consumer, Condition)}; ENOENT for a
   *     default sandbox where there is none
   */
  public void resume(
      SandboxSpec settings, String uid, @Nullable Duration ttl, Consumer<Host> fill) {
    Sandbox there =
        settings.name().equals(DEFAULT)
            ? filledDefault(fill)
            : create(settings, fill, Condition.NONE);
    there.resume(uid);
    boolean _ = there.renew(ttl);
  }

  private Sandbox filledDefault(Consumer<Host> fill) {
    Sandbox there = find(DEFAULT);
    boolean whole = false;
    try {
      fill.accept(there.host());
      whole = true;
      return there;
    } finally {
      if (!whole) {
        ShutdownReport _ = there.reset(false);
      }
    }
  }

  /**
   * Creates a sandbox unless one of that name and those settings exists.
   *
   * @throws ErrnoException EEXIST when it exists with other settings; as {@link #create} otherwise
   */
  public Created ensure(SandboxSpec settings) {
    return ensure(settings, Condition.NONE);
  }

  /**
   * As {@link #ensure(SandboxSpec)}, if the condition is met.
   *
   * @throws ErrnoException ESTALE, EEXIST when it is not met
   */
  public Created ensure(SandboxSpec settings, Condition condition) {
    Created result = createOrFind(settings, Sandboxes::leaveEmpty, condition);
    if (!result.created() && !result.sandbox().settings().equals(settings)) {
      throw new ErrnoException(
          Errno.EEXIST, "sandbox " + settings.name() + " already exists with other settings");
    }
    return result;
  }

  private Created createOrFind(SandboxSpec settings, Consumer<Host> fill, Condition condition) {
    requireServing();
    Sandbox there = byName.get(settings.name());
    if (there != null && there.enter(condition) != null) {
      return new Created(there, false);
    }
    condition.admitNew(settings.name());
    Sandbox made = filled(settings, fill);
    Sandbox winner = byName.putIfAbsent(settings.name(), made);
    if (winner != null) {
      discard(made);
      if (winner.enter(condition) == null) {
        throw new ErrnoException(
            Errno.EEXIST, "sandbox " + settings.name() + " is still being deleted");
      }
      return new Created(winner, false);
    }
    factory.leases().watch(made);
    // A shutdown that began meanwhile may have looked before this one existed.
    if (draining && made.close() != null) {
      forget(made);
      throw shuttingDown();
    }
    return new Created(made, true);
  }

  private static void leaveEmpty(Host host) {}

  /** A name that no sandbox has had, for one that is given none. */
  public String freshName() {
    return freshName("sb-");
  }

  /**
   * A name that no sandbox has had, on this instance or another.
   *
   * @param prefix what it begins with: at most 53 of a-z, 0-9 and -, the first no -
   */
  public String freshName(String prefix) {
    return names.next(prefix, byName::containsKey);
  }

  /**
   * The sandbox of that name, its lease renewed.
   *
   * @throws ErrnoException ENOENT when there is none
   */
  public Sandbox find(String name) {
    return enter(name, Condition.NONE).sandbox();
  }

  /**
   * The life that the sandbox of that name is in, its lease renewed.
   *
   * @throws ErrnoException ENOENT when there is none; ESTALE, EEXIST when the condition is not met
   */
  public Sandbox.Life enter(String name, Condition condition) {
    Sandbox sandbox = byName.get(name);
    Sandbox.Life life = sandbox == null ? null : sandbox.enter(condition);
    if (life == null) {
      throw unknown(name);
    }
    return life;
  }

  private static ErrnoException unknown(String name) {
    return new ErrnoException(Errno.ENOENT, "sandbox " + name + " is unknown");
  }

  /** Sandboxes whose names come after one, in the order of names; leases are not renewed. */
  public Collection<Sandbox> list(@Nullable String after) {
    return after == null ? byName.values() : byName.tailMap(after, false).values();
  }

  /**
   * Deletes a sandbox and waits until everything in it is gone.
   *
   * @throws ErrnoException ENOENT when there is none, EPERM for the default one
   */
  public ShutdownReport delete(String name) {
    Sandbox sandbox = byName.get(name);
    if (sandbox == null) {
      throw unknown(name);
    }
    return delete(sandbox, Condition.NONE);
  }

  /**
   * Deletes this sandbox, not another that has its name by now, if the condition is met, and waits
   * until everything in it is gone.
   *
   * @throws ErrnoException ENOENT when it is gone, EPERM for the default one; ESTALE, EEXIST when
   *     the condition is not met
   */
  public ShutdownReport delete(Sandbox sandbox, Condition condition) {
    String name = sandbox.settings().name();
    if (name.equals(DEFAULT)) {
      throw new ErrnoException(
          Errno.EPERM, "the default sandbox cannot be deleted; reset it instead");
    }
    ShutdownReport report =
        condition.equals(Condition.NONE) ? sandbox.close() : sandbox.close(condition);
    if (report == null) {
      throw unknown(name);
    }
    forget(sandbox);
    return report;
  }

  /** Deletes the sandboxes whose lease has run out, one after the other. */
  public void expireLeases() {
    expireLeases(Runnable::run);
  }

  /**
   * Deletes the sandboxes whose lease has run out; to be called now and then.
   *
   * @param ends runs the end of one sandbox, which may take long; a task that it drops is given to
   *     it again by the next call
   */
  public void expireLeases(Executor ends) {
    for (Sandbox sandbox : factory.leases().expired()) {
      ends.execute(() -> expire(sandbox));
    }
  }

  private Sandbox counted(SandboxSpec settings) {
    quota.acquire();
    Sandbox made = null;
    try {
      made = factory.boot(settings);
      return made;
    } finally {
      if (made == null) {
        quota.release();
      }
    }
  }

  private Sandbox filled(SandboxSpec settings, Consumer<Host> fill) {
    Sandbox made = counted(settings);
    boolean whole = false;
    try {
      fill.accept(made.host());
      whole = true;
      return made;
    } finally {
      if (!whole) {
        discard(made);
      }
    }
  }

  /** One that nobody could reach. */
  private void discard(Sandbox made) {
    ShutdownReport _ = made.close();
    uncount(made);
  }

  private void uncount(Sandbox sandbox) {
    sandbox.giveBack();
    quota.release();
  }

  private void expire(Sandbox sandbox) {
    if (sandbox.closeIfExpired() != null) {
      forget(sandbox);
      leasesExpired.incrementAndGet();
    }
  }

  private void forget(Sandbox closed) {
    byName.remove(closed.settings().name(), closed);
    factory.leases().unwatch(closed);
    uncount(closed);
  }

  /** What all sandboxes have together. */
  public Totals totals() {
    return factory.totals();
  }

  /** Bytes that are taken: what all sandboxes hold, and what they are guaranteed. */
  public long memoryUsed() {
    return factory.memoryUsed();
  }

  /** The bounds in bytes. */
  public MemoryLimits memoryLimits() {
    return factory.memoryLimits();
  }

  /** Leases that have run out since the start. */
  public long leasesExpired() {
    return leasesExpired.get();
  }

  /** Event streams that are open. */
  public long streams() {
    return factory.streams().open();
  }

  /** Gaps that readers of event streams were told of. */
  public long streamGaps() {
    return factory.streams().gaps();
  }

  /** How many sandboxes there are. */
  public int size() {
    return byName.size();
  }

  /** Whether the instance shuts down. */
  public boolean isDraining() {
    return draining;
  }

  /** The bounds. */
  public Limits limits() {
    return factory.limits();
  }

  /** Injection workers of a sandbox that asks for no number. */
  public int defaultWorkers() {
    return defaultWorkers;
  }

  /** Takes no new sandboxes, and ends every hold and every wait. First step of a shutdown. */
  public void beginDrain() {
    draining = true;
    for (Sandbox sandbox : byName.values()) {
      sandbox.host().beginDrain(shuttingDown());
      sandbox.log().close();
    }
  }

  /**
   * Waits until every accepted signal has its outcome, then closes everything. Second step of a
   * shutdown; calls that are still under way are refused from here on.
   *
   * @param timeout how long to wait at most
   * @return the totals of all sandboxes, and whether nothing was left in flight
   */
  public DrainReport drain(Duration timeout) {
    return new Drain(byName.values(), shuttingDown(), timeout).closeEach();
  }

  /**
   * As {@link #drain(Duration)}, but nothing is closed before all that can be left is.
   *
   * @param leave given those in which nothing is in flight any more, before the first is closed;
   *     its time is its own, and it may not throw
   */
  public DrainReport drain(Duration timeout, Consumer<List<Sandbox>> leave) {
    return new Drain(byName.values(), shuttingDown(), timeout).leaveThenClose(leave);
  }

  private void requireServing() {
    if (draining) {
      throw shuttingDown();
    }
  }

  private static ErrnoException shuttingDown() {
    return new ErrnoException(Errno.ESHUTDOWN, "the instance is shutting down");
  }
}
