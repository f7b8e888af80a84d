package dev.virq.torture;

/**
 * What the protected pointer leads to. It is as old as the grace periods since it was taken out,
 * plus one; a reader that holds it has proved a grace period too short when it sees more than 1.
 */
final class Element {
  /** At this age it leaves the pipe; rcutorture's length. */
  static final int PIPE = 10;

  private static final long ALIVE = 0x5afe;
  private static final long DEAD = 0xdead;

  /** Written by whoever took it out, or by the callback it went through: one at a time. */
  private volatile int age;

  /** Plain, as what a real reader uses would be; spoilt as soon as one grace period has passed. */
  private long payload = ALIVE;

  /** It was taken out. */
  void removed() {
    age = 1;
  }

  /**
   * A grace period has passed since it was taken out, or since the last call.
   *
   * @return whether it stays in the pipe
   */
  boolean grown() {
    int now = age + 1;
    payload = DEAD;
    age = now;
    return now < PIPE;
  }

  int age() {
    return age;
  }

  /** What a reader finds wrong with it, or an empty string. */
  String fault() {
    long found = payload;
    int now = age;
    if (now > 1) {
      return "a reader holds an element of age " + now;
    }
    return found == ALIVE ? "" : "a reader holds an element that was spoilt";
  }
}
