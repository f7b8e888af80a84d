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
  /** One stopped thread; it is stopped for as long as it is in the lot. */
  record Stay(Breakpoint.Parked parked, Condition gone) {}

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
    while (isStopped(stay)) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        leave(stay);
        publish();
        return false;
      }
      waits.once(() -> {
        long _ = stay.gone.awaitNanos(Math.min(left, TimeUnit.MINUTES.toNanos(1)));
      });
    }
    return true;
  }

  /**
   * Frees threads of a breakpoint, longest stopped first. They have left the lot before they wake.
   *
   * @param most how many at most
   * @return those freed
   */
  @GuardedBy("lock")
  List<Breakpoint.Parked> free(long breakpoint, int most) {
    List<Stay> present = stays.getOrDefault(breakpoint, List.of());
    List<Stay> freed = List.copyOf(present.subList(0, Math.clamp(most, 0, present.size())));
    for (Stay stay : freed) {
      leave(stay);
      stay.gone.signal();
    }
    publish();
    return freed.stream().map(Stay::parked).toList();
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
