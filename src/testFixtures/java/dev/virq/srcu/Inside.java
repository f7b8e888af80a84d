package dev.virq.srcu;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What tests of other packages need to see and do inside a domain. */
public final class Inside {
  private Inside() {}

  /** Gives the domain more stripes now, unless it has as many as it may have. */
  public static void grow(SrcuDomain domain) {
    for (int meeting = 0; meeting < ReadSide.MEETINGS; meeting++) {
      domain.grow();
    }
  }

  /**
   * Has a section of another reader pass in the midst of every scan that finds one open: whatever
   * the scheduler does, a scan in the wrong order is shown what it overlooks. For a new domain.
   */
  public static void passInScans(SrcuDomain domain) {
    AtomicBoolean passing = new AtomicBoolean();
    HookedStripe hooked =
        HookedStripe.afterRead(rank -> {
          if (passing.compareAndSet(false, true)) {
            if (domain.open(rank) > 0) {
              domain.enter(rank, false);
              domain.leave(rank, false);
            }
            passing.set(false);
          }
        });
    domain.stripes = Stripe.array(hooked);
  }

  /**
   * Begins a section as {@link SrcuDomain#readLock} does, with a stall where a reader may lose its
   * processor: after it has fetched its rank, before it counts.
   */
  public static int readLock(SrcuDomain domain, Runnable stall) {
    int rank = domain.rank();
    stall.run();
    domain.enter(rank, false);
    return rank;
  }

  /** Sections begun in a rank; exact while no reader comes or goes. */
  public static long begun(SrcuDomain domain, int rank) {
    return domain.begun(rank)
        + present(domain).stream().mapToLong(stripe -> stripe.begun(rank)).sum();
  }

  /** Sections ended in a rank; exact while no reader comes or goes. */
  public static long ended(SrcuDomain domain, int rank) {
    return domain.ended(rank)
        + present(domain).stream().mapToLong(stripe -> stripe.ended(rank)).sum();
  }

  /** Whether no grace period is under way. */
  public static boolean idle(SrcuDomain domain) {
    UpdateSide periods = domain.updatesOrNull();
    // From idle, the next grace period is the one that a cookie asks for; else the one after it.
    return periods == null || periods.snapshot() == (periods.ended() + 1) << 2;
  }

  /** Whether the grace period of a cookie has ended, without moving it on as poll does. */
  public static boolean done(SrcuDomain domain, long cookie) {
    return domain.updates().done(cookie);
  }

  /** Stripes, the one inside the domain left out. */
  public static int stripes(SrcuDomain domain) {
    return present(domain).size();
  }

  /** Those stripes. */
  static List<Stripe> present(SrcuDomain domain) {
    @Nullable Stripe[] stripes = domain.stripes;
    return stripes == null
        ? List.of()
        : IntStream.range(0, Stripe.count(stripes)).mapToObj(i -> Stripe.at(stripes, i)).toList();
  }
}
