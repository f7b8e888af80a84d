package dev.virq.limits;

/**
 * Bounds on memory, in bytes: derived from the heap, as {@code virq.memory} in application.yaml
 * says.
 *
 * <p>GET /v1 lists the components after the numbers of {@link Limits}.
 *
 * @param memoryBytesTotal bytes that the objects of all sandboxes may take
 * @param memoryBytes bytes that the objects and the history of one sandbox may take
 * @param memoryGuaranteedBytes bytes that each sandbox has for itself, whatever others take; a
 *     quarter of them is for its history
 */
public record MemoryLimits(long memoryBytesTotal, long memoryBytes, long memoryGuaranteedBytes) {
  /** The quarter of the guaranteed bytes that is for history. */
  private static final int HISTORY = 4;

  /** Refuses what no sandbox could run with, naming the setting. */
  public MemoryLimits {
    if (guaranteedObjects(memoryGuaranteedBytes) < Cost.SANDBOX.bytes()) {
      throw new IllegalArgumentException(
          "memory.guaranteed is %d bytes but a sandbox alone takes %d, so it must be at least %d"
              .formatted(
                  memoryGuaranteedBytes,
                  Cost.SANDBOX.bytes(),
                  Cost.SANDBOX.bytes() * HISTORY / (HISTORY - 1) + HISTORY));
    }
    if (memoryBytes < memoryGuaranteedBytes) {
      throw new IllegalArgumentException(
          "memory.sandbox-share comes to %d bytes, fewer than the %d of memory.guaranteed"
              .formatted(memoryBytes, memoryGuaranteedBytes));
    }
    if (memoryBytesTotal < memoryBytes) {
      throw new IllegalArgumentException(
          "memory.instance-share comes to %d bytes, fewer than the %d of memory.sandbox-share"
              .formatted(memoryBytesTotal, memoryBytes));
    }
  }

  /** No bounds worth the name: for a host that is embedded in a program, such as a test. */
  public static MemoryLimits unbounded() {
    return new MemoryLimits(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2, 1 << 16);
  }

  /**
   * Shares of a heap.
   *
   * @param heapBytes the largest that it becomes
   * @param instancePercent of the heap, for the objects of all sandboxes
   * @param sandboxPercent of that, for one sandbox
   * @param guaranteedBytes for each sandbox in any case
   */
  public static MemoryLimits shares(
      long heapBytes, int instancePercent, int sandboxPercent, long guaranteedBytes) {
    long instance = heapBytes / 100 * instancePercent;
    return new MemoryLimits(instance, instance / 100 * sandboxPercent, guaranteedBytes);
  }

  /** The part of the guaranteed bytes that is for objects. */
  long guaranteedObjects() {
    return guaranteedObjects(memoryGuaranteedBytes);
  }

  /** The part of the guaranteed bytes that is for history. */
  long guaranteedHistory() {
    return memoryGuaranteedBytes / HISTORY;
  }

  private static long guaranteedObjects(long guaranteed) {
    return guaranteed - guaranteed / HISTORY;
  }
}
