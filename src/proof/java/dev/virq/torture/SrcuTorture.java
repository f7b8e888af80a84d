package dev.virq.torture;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * The torture: one {@link Epoch} after the other, each with a domain of its own, so that domains
 * grow again and again. The choices of every thread follow from the seed; their timing does not.
 *
 * <p>{@code -Pproof} runs it for as long as {@code -Dtorture.seconds=} says.
 */
final class SrcuTorture {
  private static final Duration EPOCH = Duration.ofMillis(100);

  private final Duration patience;

  /**
   * A torture.
   *
   * @param patience how long a thread may take to end, beyond which it hangs
   */
  SrcuTorture(Duration patience) {
    this.patience = patience;
  }

  /**
   * Runs for a while.
   *
   * @return what was done
   * @throws AssertionError when something was wrong; it names the seed
   */
  Tally run(long seed, Duration length) {
    SplittableRandom seeds = new SplittableRandom(seed);
    Tally tally = new Tally();
    long start = System.nanoTime();
    while (System.nanoTime() - start < length.toNanos()) {
      new Epoch(seeds.nextLong()).run(EPOCH, patience, tally);
    }
    return tally;
  }

  /** Arguments: seconds, and optionally the seed. */
  public static void main(String[] args) {
    Duration length = Duration.ofSeconds(Long.parseLong(args[0]));
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    System.out.println("seed " + seed);
    System.out.print(new SrcuTorture(Duration.ofSeconds(60)).run(seed, length));
  }
}
