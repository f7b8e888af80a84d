package dev.virq.limits;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds on everything, under {@code virq.limits} in application.yaml, where their defaults stand
 * and what a call past one answers. Those named total hold for the instance, the others for one
 * sandbox.
 *
 * <p>GET /v1 lists the components in this order, numbers before lengths of time, and the OpenAPI
 * document describes each with the text here.
 *
 * @param sandboxes sandboxes
 * @param vms VMs that are not released
 * @param eventfds open eventfds
 * @param descriptors open descriptors
 * @param irqfds irqfds that are not freed
 * @param breakpoints breakpoints
 * @param heldThreads threads that breakpoints may stop at once
 * @param waiters calls that wait at once
 * @param waitersTotal calls that wait at once in all sandboxes, besides the first 8 of each
 * @param objectsTotal VMs, eventfds and irqfds of all sandboxes
 * @param signalsKept signals that can be asked for afterwards
 * @param tombstones released VMs, and freed irqfds, that can be asked for
 * @param events events kept
 * @param streams event streams that are open at once
 * @param scriptLines operations of a script, and writes of a call in bulk
 * @param scriptAnswer bytes of a script's answer
 * @param maxWorkers workers of a sandbox
 * @param maxWait longest wait
 * @param maxHold longest hold of a breakpoint
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
    int waitersTotal,
    long objectsTotal,
    int signalsKept,
    int tombstones,
    int events,
    int streams,
    int scriptLines,
    int scriptAnswer,
    int maxWorkers,
    Duration maxWait,
    Duration maxHold,
    Duration maxTtl) {

  /**
   * Heap for each connection, three quarters of which may have a call that waits, in bytes.
   * Measured: decision 17.
   */
  private static final long CONNECTION_BYTES = 106_000;

  /** The part of the heap for all of them. */
  private static final long CONNECTIONS_PART = 4;

  /** So that three quarters of them, and no more, are enough for the first calls of a sandbox. */
  private static final long LEAST_CONNECTIONS = 4 * Waiters.OWN;

  private static final int MOST_CONNECTIONS = 8_192;

  /** Refuses what is too small to run with, naming the setting. */
  public Limits {
    require("sandboxes", sandboxes, 1);
    require("vms", vms, 1);
    require("eventfds", eventfds, 1);
    require("descriptors", descriptors, 1);
    require("irqfds", irqfds, 1);
    require("breakpoints", breakpoints, 1);
    require("held-threads", heldThreads, 1);
    require("waiters", waiters, 1);
    waitersTotal = waitersTotal == 0 ? waitersOf(connectionsThatFit()) : waitersTotal;
    require("waiters-total", waitersTotal, 1);
    require("objects-total", objectsTotal, 1);
    require("signals-kept", signalsKept, 16);
    require("tombstones", tombstones, 1);
    require("events", events, 16);
    require("streams", streams, 1);
    require("script-lines", scriptLines, 1);
    require("script-answer", scriptAnswer, 1);
    require("max-workers", maxWorkers, 1);
    requirePositive("max-wait", maxWait);
    requirePositive("max-hold", maxHold);
    requirePositive("max-ttl", maxTtl);
  }

  /** Connections that the heap has room for, with the calls on them that wait; never too many. */
  public static int connectionsThatFit() {
    return connectionsThatFit(Runtime.getRuntime().maxMemory());
  }

  static int connectionsThatFit(long heapBytes) {
    long fit = heapBytes / CONNECTIONS_PART / CONNECTION_BYTES;
    return Math.toIntExact(Math.clamp(fit, LEAST_CONNECTIONS, (long) MOST_CONNECTIONS));
  }

  /**
   * With the first calls of each sandbox, of which there may be half as many again, three quarters
   * of the connections: a new client has to get in, and end what they wait for.
   */
  static int waitersOf(int connections) {
    return connections / 2;
  }

  private static void require(String setting, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "limits.%s is %d but must be at least %d".formatted(setting, value, least));
    }
  }

  private static void requirePositive(String setting, @Nullable Duration value) {
    if (value == null || !value.isPositive()) {
      throw new IllegalArgumentException(
          "limits.%s is %s but must be positive".formatted(setting, value));
    }
  }
}
