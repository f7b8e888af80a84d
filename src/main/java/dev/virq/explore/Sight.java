package dev.virq.explore;

/** What can be looked at when a run has ended. A name or number of nothing is {@code NONE}. */
interface Sight {
  /**
   * What became of an operation: the outcome of the signal of a write, the value of a question, the
   * errno of a refusal; otherwise {@code OK}.
   *
   * @param actor its name, or {@code finally}
   * @param number of the operation, from 1
   */
  String outcome(String actor, int number);

  /** What ended the irqfd of that number, from 1. */
  String cause(long irqfd);

  /** How many injections of the irqfd of that number, from 1, have reached the VM. */
  String injections(long irqfd);

  /** Where the VM stands that was made under that name. */
  String vmState(String name);

  /** The counter of the eventfd that was made under that name. */
  String counter(String name);
}
