package dev.virq.attacks;

import java.time.Duration;

/**
 * One attack.
 *
 * @param name in the words of the catalogue, with dashes
 * @param origin who thought of it
 * @param tries what it does, and what it hopes to break
 * @param longest when it is called off, at full size
 * @param whole whether it is nothing unless it is carried through, at any size
 * @param plan the attack itself
 */
record Attack(
    String name, Origin origin, String tries, Duration longest, boolean whole, Plan plan) {
  /** What happens; it ends by itself or when the ground is over. */
  interface Plan {
    void run(Ground ground) throws Exception;
  }

  /** Who thought of it. */
  enum Origin {
    /** It was seen to work against an earlier version. */
    SEEN,
    /** It was thought of beforehand. */
    THOUGHT_OF
  }

  /** One that was seen to work. */
  static Attack seen(String name, String tries, int seconds, Plan plan) {
    return new Attack(name, Origin.SEEN, tries, Duration.ofSeconds(seconds), false, plan);
  }

  /** One that was thought of. */
  static Attack imagined(String name, String tries, int seconds, Plan plan) {
    return new Attack(name, Origin.THOUGHT_OF, tries, Duration.ofSeconds(seconds), false, plan);
  }

  /** The same, which is given its time at any size. */
  Attack carriedThrough() {
    return new Attack(name, origin, tries, longest, true, plan);
  }

  @Override
  public String toString() {
    return name;
  }
}
