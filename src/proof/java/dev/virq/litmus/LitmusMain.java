package dev.virq.litmus;

import java.util.Locale;

/**
 * Runs every row for a while, on the product and on the broken domain, and prints what was seen:
 * the table of {@code src/docs/proof.md}. Argument: rounds of 1,000 states for each row.
 */
final class LitmusMain {
  private LitmusMain() {}

  public static void main(String[] args) throws InterruptedException {
    long rounds = Long.parseLong(args[0]);
    System.out.println("| row | verdict | states | seen | states, no grace periods | seen |");
    System.out.println("|---|---|---|---|---|---|");
    for (Litmus litmus : LitmusRows.all()) {
      LitmusRun.Result product = new LitmusRun(litmus, Domain::product, 1).run(rounds, false);
      LitmusRun.Result busted = new LitmusRun(litmus, Domain::busted, 1).run(rounds, false);
      System.out.printf(
          "| %s | %s | %,d | %,d | %,d | %,d |%n",
          litmus.name(),
          litmus.verdict().name().toLowerCase(Locale.ROOT),
          product.states(),
          product.hits(),
          busted.states(),
          busted.hits());
    }
  }
}
