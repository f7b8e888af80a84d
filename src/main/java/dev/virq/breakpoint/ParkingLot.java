package dev.virq.breakpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.sync.Uninterruptibly;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that breakpoints stop now, each with the condition that it waits for.
 *
 * <p>Its lock guards the breakpoints too: whether a thread is stopped and what its breakpoint says
 * about that change together. A leaf lock; released while a thread is stopped.
 */
final class ParkingLot {
  /** One stopped thread. It leaves the lot first, then this is told, and then it goes on. */
  static final class Stay {
    private final Breakpoint.Parked parked;
    private final Condition gone;

    /** It may go on. Guarded by the lot's lock. */
    private boolean over;

    private Stay(Breakpoint.Parked parked, Condition gone) {
      this.parked = parked;
      this.gone = gone;
    }

    Breakpoint.Parked parked() {
      return parked;
    }
  }

  final ReentrantLock lock = new ReentrantLock();

  /** Counts the stopped threads, with those of other lots. */
  private final LongAdder total;

  /** By number of the breakpoint, which is the order of their creation; longest stopped first. */
  @GuardedBy("lock")
  private final NavigableMap<Long, List<Stay>> stays = new TreeMap<>();

  /** Every stopped thread. Replaced under the lock; volatile so that readers need none. */
  private volatile List<Breakpoint.Parked> parked = List.of();

  /** An empty lot. */
  ParkingLot(LongAdder total) {
    this.total = total;
  }

  /** Every stopped thread; takes no lock. */
  List<Breakpoint.Parked> parked() {
    return parked;
  }

  /** The threads that a breakpoint stops, longest first. */
  @GuardedBy("lock")
  List<Breakpoint.Parked> of(long breakpoint) {
    return stays.getOrDefault(breakpoint, List.of()).stream().map(Stay::parked).toList();
  }

  /** Takes the calling thread in, which then calls {@link #await}. */
  @GuardedBy("lock")
  Stay enter(Breakpoint.Parked thread) {
    Stay stay = new Stay(thread, lock.newCondition());
    stays.computeIfAbsent(thread.breakpoint(), _ -> new ArrayList<>()).add(stay);
    publish();
    return stay;
  }

  /**
   * Keeps the calling thread until it is freed or its time is up. Releases the lock meanwhile.
   *
   * @param deadline in terms of {@link System#nanoTime}
   * @return false when its time was up; it has left the lot then
   */
  @GuardedBy("lock")
  boolean await(Stay stay, long deadline, Uninterruptibly waits) {
    while (!stay.over) {
      long left = deadline - System.nanoTime();
      if (left <= 0 && isStopped(stay)) {
        leave(stay);
        publish();
        return false;
      }
      // Whoever frees it is about to wake it, too.
      long most = left <= 0 ? Long.MAX_VALUE : left;
      waits.once(() -> {
        long _ = stay.gone.awaitNanos(Math.min(most, TimeUnit.MINUTES.toNanos(1)));
      });
    }
    return true;
  }

  /**
   * Frees threads of a breakpoint, longest stopped first. They have left the lot, and go on when
   * the caller wakes them.
   *
   * @param most how many at most
   * @return those freed
   */
  @GuardedBy("lock")
  List<Stay> free(long breakpoint, int most) {
    List<Stay> present = stays.getOrDefault(breakpoint, List.of());
    List<Stay> freed = List.copyOf(present.subList(0, Math.clamp(most, 0, present.size())));
    freed.forEach(this::leave);
    publish();
    return freed;
  }

  /** Lets go on whom {@link #free} has freed. */
  @GuardedBy("lock")
  void wake(List<Stay> freed) {
    for (Stay stay : freed) {
      stay.over = true;
      stay.gone.signal();
    }
  }

  @GuardedBy("lock")
  private boolean isStopped(Stay stay) {
    return stays.getOrDefault(stay.parked.breakpoint(), List.of()).contains(stay);
  }

  @GuardedBy("lock")
  private void leave(Stay stay) {
    List<Stay> present = stays.getOrDefault(stay.parked.breakpoint(), List.of());
    boolean _ = present.remove(stay);
    if (present.isEmpty()) {
      List<Stay> _ = stays.remove(stay.parked.breakpoint());
    }
  }

  @GuardedBy("lock")
  private void publish() {
    List<Breakpoint.Parked> threads = new ArrayList<>();
    for (List<Stay> some : stays.values()) {
      for (Stay stay : some) {
        threads.add(stay.parked);
      }
    }
    total.add((long) threads.size() - parked.size());
    parked = List.copyOf(threads);
  }
}
