package dev.virq.mutants;

import java.util.List;

/**
 * One way to break the product, and the test that notices.
 *
 * @param id its code in guarantees.md
 * @param sentence what is wrong with it
 * @param edits how the product's source is changed
 * @param test class below {@code dev.virq} and method, such as {@code irqfd.FooTest#bar}
 */
record Mutant(String id, String sentence, List<Edit> edits, String test) {

  Mutant(String id, String sentence, String test, Edit... edits) {
    this(id, sentence, List.of(edits), test);
  }

  @Override
  public String toString() {
    return id + " " + sentence + ": caught by " + test.substring(test.indexOf('.') + 1);
  }
}
