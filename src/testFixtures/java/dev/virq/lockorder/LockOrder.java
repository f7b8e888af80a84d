package dev.virq.lockorder;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.function.Executable;

/**
 * Learns in which order locks are taken, and throws on the first order that could end in a
 * deadlock, whether or not this run would have met it: what lockdep does in the kernel.
 *
 * <p>Called by what {@link Recording} puts into the product's classes. A lock's <em>class</em> is
 * who made it, or the type of the object for a monitor. An edge from one class to another says that
 * somebody held the first when he waited for the second; a cycle of edges is a potential deadlock.
 *
 * <ul>
 *   <li>A read section blocks nobody who begins one, so nothing leads <em>to</em> it but waiting
 *       for a grace period. What is taken inside it, it leads to.
 *   <li>A work item that runs is held; {@code flush} waits for it.
 *   <li>Who sleeps for anything else must hold no lock, but the one that the sleep lets go, and few
 *       named ones that no work item may take.
 * </ul>
 */
@SuppressWarnings("ReferenceEquality") // a lock is that one lock, whatever it calls its equal
public final class LockOrder {
  private enum Kind {
    MUTEX,
    SECTION,
    WORK
  }

  private record Held(Object lock, Kind kind) {
    String name() {
      return nameOf(lock);
    }
  }

  /** Who made a lock; forgotten together with the lock. */
  private static final class Made extends WeakReference<Object> {
    private final int hash;

    Made(Object lock, ReferenceQueue<Object> collected) {
      super(lock, collected);
      hash = System.identityHashCode(lock);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return this == other || (other instanceof Made made && get() != null && get() == made.get());
    }
  }

  private static final ThreadLocal<Deque<Held>> HELD = ThreadLocal.withInitial(ArrayDeque::new);

  private static final ThreadLocal<long[]> ACQUIRED = ThreadLocal.withInitial(() -> new long[1]);

  private static final ReferenceQueue<Object> COLLECTED = new ReferenceQueue<>();
  private static final Map<Made, String> NAMES = new ConcurrentHashMap<>();

  /** Edges seen, each with the thread and the stack that was the first; guarded by itself. */
  private static final Map<String, Map<String, String>> EDGES = new LinkedHashMap<>();

  /** The same edges, to be looked up without lock. */
  private static final Map<List<String>, Boolean> KNOWN = new ConcurrentHashMap<>();

  /** Types whose objects are told apart by who made them. */
  private static final Set<String> ANONYMOUS =
      Set.of(
          "dev.virq.srcu.SrcuDomain",
          "dev.virq.workqueue.Work",
          "java.util.concurrent.locks.ReentrantLock");

  /** Locks that may be held over a sleep: so long as no work that ends the sleep takes them. */
  private static final Set<String> HELD_ASLEEP =
      // A reset or a deletion waits, for a bounded time, for what is in flight.
      Set.of("Sandbox.ReentrantLock");

  /** Likewise, but over no wait for a grace period or for the runs of a work item. */
  private static final Set<String> PARKED =
      Set.of(
          "Sandbox.ReentrantLock",
          // The threads of a bulk call share one turn. The one that waits for it holds this lock,
          // and only the others of that call want it.
          "BulkWrites.ReentrantLock");

  /** Stands for any work item, in the edges of who sleeps until some work is done. */
  private static final String SOME_WORK = "some work";

  /** Whether a test runs that means what is wrong. Volatile: set by the test, read by all. */
  private static volatile boolean overlooking;

  private static final Queue<String> VIOLATIONS = new ConcurrentLinkedQueue<>();

  private LockOrder() {}

  // ---- called by the recorded classes

  /** A lock, domain or work item was made by that class. */
  public static void made(Object lock, String by) {
    for (Object gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
      NAMES.remove((Made) gone);
    }
    NAMES.put(new Made(lock, COLLECTED), by + "." + lock.getClass().getSimpleName());
  }

  /** A lock or monitor is about to be taken. */
  public static void acquire(Object lock) {
    Deque<Held> held = HELD.get();
    // Mostly nothing is: then there is nothing to learn, and tests at full speed stay fast.
    if (!held.isEmpty() && held.stream().noneMatch(one -> one.lock == lock)) {
      waitsFor(held, nameOf(lock));
    }
    held.push(new Held(lock, Kind.MUTEX));
    ACQUIRED.get()[0]++;
  }

  /** How many locks the calling thread has taken so far, those that it tried left out. */
  public static long acquired() {
    return ACQUIRED.get()[0];
  }

  /**
   * A lock was tried. One that was got counts as waited for: who tries and fails may well wait.
   *
   * @param got whether the thread has it now
   */
  public static void tried(Object lock, boolean got) {
    if (got) {
      acquire(lock);
    }
  }

  /** A lock or monitor is about to be let go. */
  public static void release(Object lock) {
    drop(lock, Kind.MUTEX);
  }

  /** A read section of a domain is about to begin. */
  public static void enter(Object domain) {
    HELD.get().push(new Held(domain, Kind.SECTION));
  }

  /** A read section of a domain is about to end. */
  public static void leave(Object domain) {
    drop(domain, Kind.SECTION);
  }

  /** A grace period of a domain, or its callbacks, are about to be waited for. */
  public static void synchronize(Object domain) {
    sleepsHolding(0, "a grace period of " + nameOf(domain), HELD_ASLEEP);
    waitsFor(HELD.get(), nameOf(domain));
  }

  /** A work item is about to run. */
  public static void run(Object work) {
    HELD.get().push(new Held(work, Kind.WORK));
  }

  /** A work item has run. */
  public static void ran(Object work) {
    drop(work, Kind.WORK);
  }

  /** The runs of a work item are about to be waited for. */
  public static void flush(Object work) {
    sleepsHolding(0, "the runs of " + nameOf(work), HELD_ASLEEP);
    waitsFor(HELD.get(), nameOf(work));
  }

  /** The thread is about to sleep until somebody wakes it. */
  public static void sleep() {
    sleepsHolding(0, "somebody to wake it", PARKED);
  }

  /** The thread is about to sleep on a condition, which lets go one lock. */
  public static void sleepOnCondition() {
    sleepsHolding(1, "a condition", HELD_ASLEEP);
  }

  /** The thread is about to sleep on a monitor, which lets go that one. */
  public static void sleepOnMonitor(Object monitor) {
    if (overlooking) {
      return;
    }
    List<String> others =
        HELD.get().stream()
            .filter(one -> one.kind == Kind.MUTEX && one.lock != monitor)
            .map(Held::name)
            .toList();
    if (!others.isEmpty()) {
      violated("sleeps on monitor " + nameOf(monitor) + " and holds " + others);
    }
  }

  // ---- for tests

  /** What the calling thread holds, it holds in the stead of another that the test has not got. */
  public static void holdsForAnother() {
    HELD.get().clear();
  }

  /**
   * Runs a test of the product with a defect that is a wrong order of locks. Meanwhile nothing is
   * learned, on any thread, and nothing is wrong.
   */
  public static void overlook(Executable test) throws Throwable {
    overlooking = true;
    try {
      test.execute();
    } finally {
      overlooking = false;
    }
  }

  /** What was wrong since this was asked last. */
  static List<String> violations() {
    List<String> all = new ArrayList<>();
    for (String one = VIOLATIONS.poll(); one != null; one = VIOLATIONS.poll()) {
      all.add(one);
    }
    return all;
  }

  /** Every order seen so far: who was held, and what was waited for. */
  static Map<String, List<String>> edges() {
    synchronized (EDGES) {
      Map<String, List<String>> all = new HashMap<>();
      EDGES.forEach((from, to) -> all.put(from, List.copyOf(to.keySet())));
      return all;
    }
  }

  // ---- the graph

  private static void waitsFor(Deque<Held> held, String name) {
    if (overlooking) {
      return;
    }
    for (Held one : held) {
      String from = one.name();
      if (!KNOWN.containsKey(List.of(from, name))) {
        learn(from, name);
      }
      if (one.kind == Kind.WORK && !KNOWN.containsKey(List.of(SOME_WORK, name))) {
        learn(SOME_WORK, name);
      }
    }
  }

  private static void learn(String from, String to) {
    String stack = Thread.currentThread() + " " + where();
    synchronized (EDGES) {
      List<String> back = path(to, from, new ArrayList<>());
      if (back != null) {
        StringBuilder cycle =
            new StringBuilder("waits for " + to + " and holds " + from + ", the other way round:");
        for (int i = 0; i + 1 < back.size(); i++) {
          cycle.append("\n  holding %s, for %s: ".formatted(back.get(i), back.get(i + 1)));
          cycle.append(EDGES.get(back.get(i)).get(back.get(i + 1)));
        }
        violated(cycle.toString());
      }
      EDGES.computeIfAbsent(from, f -> new LinkedHashMap<>()).putIfAbsent(to, stack);
      KNOWN.put(List.of(from, to), true);
    }
  }

  /** The way from one class to another along the edges, both included; null if there is none. */
  private static List<String> path(String from, String to, List<String> before) {
    if (before.contains(from)) {
      return null;
    }
    List<String> so = new ArrayList<>(before);
    so.add(from);
    if (from.equals(to)) {
      return so;
    }
    for (String next : EDGES.getOrDefault(from, Map.of()).keySet()) {
      List<String> found = path(next, to, so);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static void sleepsHolding(int most, String forWhat, Set<String> held) {
    if (overlooking) {
      return;
    }
    List<String> mutexes = new ArrayList<>();
    for (Held one : HELD.get()) {
      if (one.kind != Kind.MUTEX) {
        continue;
      }
      String name = one.name();
      if (held.contains(name)) {
        if (!KNOWN.containsKey(List.of(name, SOME_WORK))) {
          learn(name, SOME_WORK);
        }
      } else {
        mutexes.add(name);
      }
    }
    if (mutexes.size() > most) {
      violated("sleeps for " + forWhat + " and holds " + mutexes);
    }
  }

  private static void drop(Object lock, Kind kind) {
    for (Iterator<Held> all = HELD.get().iterator(); all.hasNext(); ) {
      Held one = all.next();
      if (one.lock == lock && one.kind == kind) {
        all.remove();
        return;
      }
    }
  }

  private static String nameOf(Object lock) {
    String name = NAMES.get(new Made(lock, null));
    if (name != null) {
      return name;
    }
    // What a test made has no class in common with what another made.
    String type = lock.getClass().getName();
    return ANONYMOUS.contains(type) ? type + "@" + System.identityHashCode(lock) : type;
  }

  private static void violated(String how) {
    String violation = Thread.currentThread() + " " + how + "\n  at " + where();
    VIOLATIONS.add(violation);
    throw new AssertionError("lock order: " + violation);
  }

  private static String where() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> !frame.getClassName().startsWith(LockOrder.class.getName()))
                .limit(8)
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .toList()
                .toString());
  }
}
