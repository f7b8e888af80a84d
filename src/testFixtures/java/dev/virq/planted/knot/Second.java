package dev.virq.planted.knot;

/** Knows the next in the circle. */
final class Second {
  Third next;
}
