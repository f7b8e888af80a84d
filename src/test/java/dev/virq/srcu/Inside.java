package dev.virq.srcu;

/** What tests of other packages need to see and do inside a domain. */
public final class Inside {
  private Inside() {}

  /** Gives the domain more stripes now, unless it has as many as it may have. */
  public static void grow(SrcuDomain domain) {
    for (int meeting = 0; meeting < Readers.MEETINGS; meeting++) {
      domain.grow();
    }
  }

  /** Sections begun in a rank; exact while no reader comes or goes. */
  public static long begun(SrcuDomain domain, int rank) {
    long sum = domain.begun(rank);
    Stripe[] stripes = domain.stripes;
    if (stripes != null) {
      for (Stripe stripe : stripes) {
        sum += stripe.begun(rank);
      }
    }
    return sum;
  }

  /** Sections ended in a rank; exact while no reader comes or goes. */
  public static long ended(SrcuDomain domain, int rank) {
    long sum = domain.ended(rank);
    Stripe[] stripes = domain.stripes;
    if (stripes != null) {
      for (Stripe stripe : stripes) {
        sum += stripe.ended(rank);
      }
    }
    return sum;
  }

  /** Whether no grace period is under way. */
  public static boolean idle(SrcuDomain domain) {
    GracePeriods periods = domain.updatesOrNull();
    // From idle, the next grace period is the one that a cookie asks for; else the one after it.
    return periods == null || periods.snapshot() == (periods.ended() + 1) << 2;
  }

  /** Whether the grace period of a cookie has ended, without moving it on as poll does. */
  public static boolean done(SrcuDomain domain, long cookie) {
    return domain.updates().done(cookie);
  }

  /** Stripes, the one inside the domain left out. */
  public static int stripes(SrcuDomain domain) {
    Stripe[] stripes = domain.stripes;
    return stripes == null ? 0 : stripes.length;
  }
}
