package dev.virq.limits;

import org.jspecify.annotations.Nullable;

/**
 * What each kind of object takes of the heap, at most: the one place where bytes are declared.
 *
 * <p>A cost covers the object and everything that it alone keeps alive, at its fullest: with its
 * irqfd torn down and waiting, with its line raised, its slot in tables included. The bytes were
 * measured on a 64-bit JVM with compressed references, and {@code CostIT} measures them again: a
 * kind may take no more than its cost, and no less than two fifths of it. A new kind that a client
 * can make more of gets a constant here and a row in that test; decision 16 lists them all.
 */
public enum Cost {
  /** A sandbox without objects: host, queues, the first 16 events and signals. */
  SANDBOX("a sandbox", 9_000),
  /** A label of a sandbox, without its characters. */
  LABEL("a label", 130),
  /**
   * One of the workers that a sandbox may run at once, of either queue: started, and waiting for a
   * processor. The stacks of those that run are as many as processors, and no sandbox's.
   */
  WORKER("a worker", 700),
  /** A VM without a controller. */
  VM("a VM", 1_100),
  /** Both 8259s, the I/O APIC, the map of local APICs, and the PIT that it may be given. */
  FULL_IRQCHIP("an interrupt controller", 4_900),
  /** The map of local APICs. */
  SPLIT_IRQCHIP("a split interrupt controller", 2_000),
  /** A vCPU without a local APIC: its number. */
  VCPU("a vCPU", 120),
  /** A vCPU's local APIC and what its VM notes of it. */
  LOCAL_APIC("a local APIC", 800),
  /** A routing table without entries. */
  ROUTING_TABLE("a routing table", 400),
  /** An entry of a routing table. */
  ROUTE("a routing table", 150),
  /** A line number up to the highest that a routing table names. */
  ROUTED_LINE("a routing table", 8),
  /** The counters of a line that was raised or is bound. */
  LINE("the counters of a line", 200),
  /** An eventfd, or a pipe, without its descriptors. */
  EVENTFD("an eventfd", 240),
  /** A descriptor number. */
  DESCRIPTOR("a descriptor", 150),
  /** An irqfd, its injections and signals in flight, and its end. */
  IRQFD("an irqfd", 1_200),
  /** What a resample irqfd has besides. */
  RESAMPLER("a resample irqfd", 500),
  /** A close or a de-assign that waits for an end that another one began. */
  CLOSE("a close under way", 300),
  /** A breakpoint. */
  BREAKPOINT("a breakpoint", 300),
  /** A thread that a breakpoint may stop, and a close on either side that waits for it. */
  HELD_THREAD("a held thread", 20_000),
  /** A name given by the caller, without its characters. */
  NAME("a name", 60),
  /** A character of a name or a label. */
  CHARACTER("a name", 2),
  /** A signal that can still be looked up. */
  KEPT_SIGNAL("kept signals", 300),
  /** An event that is kept. */
  KEPT_EVENT("kept events", 80),
  /** The key of a call and its answer, without the characters of both. */
  KEPT_ANSWER("a kept answer", 850),
  /** The duration of a grace period that is kept. */
  KEPT_GRACE_PERIOD("kept grace periods", 8),
  /** A released VM that can still be looked up, without its lines. */
  VM_TOMBSTONE("a released VM", 900),
  /** A routed line of a released VM. */
  TOMBSTONE_LINE("a released VM", 40),
  /** A freed irqfd that can still be looked up. */
  IRQFD_TOMBSTONE("a freed irqfd", 260);

  private final String what;
  private final long bytes;

  Cost(String what, long bytes) {
    this.what = what;
    this.bytes = bytes;
  }

  /** What it is, as a refusal names it. */
  public String what() {
    return what;
  }

  /** Bytes of one. */
  public long bytes() {
    return bytes;
  }

  /** Bytes of so many. */
  public long of(long count) {
    return Math.multiplyExact(bytes, count);
  }

  /** Bytes of a name, 0 for none. */
  public static long ofName(@Nullable String name) {
    return name == null ? 0 : NAME.bytes + CHARACTER.of(name.length());
  }
}
