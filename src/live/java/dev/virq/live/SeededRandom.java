package dev.virq.live;

import java.util.List;
import java.util.SplittableRandom;

/** Choices from a seed: the same seed gives the same choices on every machine. */
final class SeededRandom {
  private final SplittableRandom random;

  SeededRandom(long seed) {
    // Seeds that lie an odd constant apart would share one sequence, a step apart: so they are
    // mixed.
    this.random = new SplittableRandom(new SplittableRandom(seed).nextLong());
  }

  /** From 0 to below the bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Both ends included. */
  int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** True so many times in a hundred. */
  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** One of them. */
  int of(int... values) {
    return values[random.nextInt(values.length)];
  }

  /** One of them. */
  String of(String... values) {
    return values[random.nextInt(values.length)];
  }

  /** One of the list, which is not empty. */
  <T> T of(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** A place in the weights, each as likely as its weight. */
  int weighted(int[] weights) {
    int sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    int left = random.nextInt(sum);
    int place = 0;
    while (left >= weights[place]) {
      left -= weights[place];
      place++;
    }
    return place;
  }

  /** A number of so many bits, a quarter of them set on average. */
  int fewBits(int bits) {
    int some = random.nextInt(1 << bits);
    some &= random.nextInt(1 << bits);
    return some;
  }

  /** Any number of 32 bits, as a word. */
  String any32() {
    return hex(random.nextInt());
  }

  /** The number as an unsigned hexadecimal word. */
  static String hex(int number) {
    return "0x" + Integer.toHexString(number);
  }
}
