package dev.virq.planted.knot;

/** Knows the next in the circle. */
final class Fourth {
  First next;
}
