package dev.virq.limits;

import java.time.Duration;

/**
 * Bounds on everything. Those named total hold for the instance, the others for one sandbox.
 *
 * @param sandboxes sandboxes, besides the default one; a further one is ENFILE
 * @param vms VMs that are not released; EMFILE
 * @param eventfds open eventfds; EMFILE
 * @param descriptors open descriptor numbers; EMFILE
 * @param irqfds irqfds that are not freed; EMFILE
 * @param breakpoints breakpoints; EMFILE
 * @param heldThreads threads that all breakpoints together may stop; EMFILE
 * @param waiters calls that wait at once; EMFILE
 * @param objectsTotal VMs, eventfds and irqfds in all sandboxes together; ENFILE
 * @param signalsKept signals that can still be looked up
 * @param tombstones released VMs, and freed irqfds, that stay visible
 * @param events events kept
 * @param scriptLines lines of a script; E2BIG
 * @param maxWorkers injection workers that a sandbox may ask for
 * @param maxWait longest time a call may wait
 * @param maxHold longest time a thread may be held
 * @param maxTtl longest lease
 */
public record Limits(
    int sandboxes,
    int vms,
    int eventfds,
    int descriptors,
    int irqfds,
    int breakpoints,
    int heldThreads,
    int waiters,
    long objectsTotal,
    int signalsKept,
    int tombstones,
    int events,
    int scriptLines,
    int maxWorkers,
    Duration maxWait,
    Duration maxHold,
    Duration maxTtl) {

  /** The defaults. */
  public static Limits defaults() {
    return new Limits(
        20_000,
        10_000,
        200_000,
        400_000,
        200_000,
        100,
        1_000,
        1_000,
        1_000_000,
        1_000,
        1_000,
        1_024,
        10_000,
        64,
        Duration.ofSeconds(60),
        Duration.ofMinutes(5),
        Duration.ofHours(24));
  }
}
