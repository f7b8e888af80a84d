package dev.virq.torture;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was done, added up; by one thread, or after the others have ended. */
final class Tally {
  final Map<Flavour, Long> updates = new EnumMap<>(Flavour.class);

  /** Sections by the age of the element when they ended; zero beyond 1. */
  final long[] ages = new long[Element.PIPE + 1];

  long reads;
  long nested;
  long overlapping;
  long handedOff;
  long parked;
  long gracePeriods;
  long callbacks;
  long growths;
  long epochs;

  void updated(Flavour flavour) {
    Long _ = updates.merge(flavour, 1L, Long::sum);
  }

  void add(Tally other) {
    other.updates.forEach((flavour, count) -> updates.merge(flavour, count, Long::sum));
    Arrays.setAll(ages, age -> ages[age] + other.ages[age]);
    reads += other.reads;
    nested += other.nested;
    overlapping += other.overlapping;
    handedOff += other.handedOff;
    parked += other.parked;
    gracePeriods += other.gracePeriods;
    callbacks += other.callbacks;
    growths += other.growths;
    epochs += other.epochs;
  }

  @Override
  public String toString() {
    String flavours =
        updates.entrySet().stream()
            .map(e -> "%s %,d".formatted(e.getKey().name().toLowerCase(Locale.ROOT), e.getValue()))
            .collect(Collectors.joining(", "));
    return """
    reads %,d: nested %,d, overlapping %,d, handed off %,d, parked %,d
    grace periods %,d; updates: %s; callbacks %,d
    domains %,d, grown %,d times; sections by age of their element at the end: %s
    """
        .formatted(
            reads,
            nested,
            overlapping,
            handedOff,
            parked,
            gracePeriods,
            flavours,
            callbacks,
            epochs,
            growths,
            Arrays.toString(ages));
  }
}
