package dev.virq.conformance;

import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One thing that a restore forgets: what a test of restores has to catch. */
public enum Omission implements Consumer<Map<String, Object>> {
  /** Level interrupts that were accepted and have not ended. */
  REMOTE_IRR(document ->
      ioapics(
          document,
          ioapic ->
              list(ioapic, "entries")
                  .replaceAll(
                      entry -> new BigInteger(String.valueOf(entry)).clearBit(14).toString()))),
  /** Edges that were delivered already. */
  DELIVERED(document -> ioapics(document, ioapic -> ioapic.put("delivered", 0))),
  /** What is owed for the real time clock. */
  RTC(document ->
      ioapics(document, ioapic -> ioapic.put("rtc", Map.of("owed", 0, "notes", List.of())))),
  /** Ends in a row of an interrupt storm. */
  STORM(document ->
      ioapics(document, ioapic -> object(ioapic, "storm").put("ends", Collections.nCopies(24, 0)))),
  /** Ticks of the PIT that were missed. */
  PIT(document -> {
    for (Object vm : list(document, "vms")) {
      if (cast(vm).get("chips") instanceof Map<?, ?> chips && chips.containsKey("pit")) {
        object(object(object(cast(vm), "chips"), "pit"), "ticks").put("pending", 0);
      }
    }
  }),
  /** Timers that run. */
  TIMER(document ->
      vcpus(
          document,
          vcpu -> {
            Map<String, Object> timer = object(object(vcpu, "lapic"), "timer");
            timer.put("armed", false);
            timer.put("leftNanos", 0);
          })),
  /** Which ends of interrupts are reported. */
  FORWARDED(document ->
      vcpus(
          document,
          vcpu -> {
            vcpu.put("forwarded", List.of());
            vcpu.put("stale", false);
          })),
  /** Which ids the map of local APICs was made with. */
  WIDE_MAP(document -> {
    for (Object vm : list(document, "vms")) {
      if (cast(vm).get("chips") instanceof Map<?, ?> chips) {
        boolean agreed = (Integer.parseInt(String.valueOf(cast(vm).get("x2apic"))) & 1) != 0;
        cast(chips).put("wideMap", agreed);
      }
    }
  }),
  /** What was written to eventfds and nobody has read. */
  COUNTER(document -> {
    for (Object one : list(document, "eventfds")) {
      Map<String, Object> eventfd = cast(one);
      eventfd.put(
          "drained",
          new BigInteger(String.valueOf(eventfd.get("drained")))
              .add(new BigInteger(String.valueOf(eventfd.get("counter"))))
              .mod(BigInteger.TWO.pow(64))
              .toString());
      eventfd.put("counter", "0");
    }
  });

  @SuppressWarnings("ImmutableEnumChecker") // a function without state
  private final Consumer<Map<String, Object>> forgets;

  Omission(Consumer<Map<String, Object>> forgets) {
    this.forgets = forgets;
  }

  @Override
  public void accept(Map<String, Object> document) {
    forgets.accept(document);
  }

  private static void ioapics(Map<String, Object> document, Consumer<Map<String, Object>> change) {
    for (Object vm : list(document, "vms")) {
      if (cast(vm).get("chips") instanceof Map<?, ?> chips
          && chips.get("ioapic") instanceof Map<?, ?> ioapic) {
        change.accept(cast(ioapic));
      }
    }
  }

  private static void vcpus(Map<String, Object> document, Consumer<Map<String, Object>> change) {
    for (Object vm : list(document, "vms")) {
      if (cast(vm).get("chips") instanceof Map<?, ?> chips) {
        list(cast(chips), "vcpus").forEach(vcpu -> change.accept(cast(vcpu)));
      }
    }
  }

  @SuppressWarnings("unchecked") // an array
  private static List<Object> list(Map<String, Object> object, String member) {
    return (List<Object>) object.get(member);
  }

  @SuppressWarnings("unchecked") // an object
  private static Map<String, Object> cast(Object value) {
    return (Map<String, Object>) value;
  }

  private static Map<String, Object> object(Map<String, Object> object, String member) {
    return cast(object.get(member));
  }
}
