package dev.virq.api.http;

import java.time.Duration;

/**
 * What the HTTP layer knows of the instance that it serves.
 *
 * @param version of virq
 * @param node name of the host or pod, told in every response
 * @param epoch the instance's life, told as the node is: random, another one after each start
 * @param maxBodyBytes longest request body, in bytes
 * @param defaultTtl lease of a sandbox that asks for none
 * @param breakpointsEnabled whether threads may be stopped
 */
public record Instance(
    String version,
    String node,
    String epoch,
    long maxBodyBytes,
    Duration defaultTtl,
    boolean breakpointsEnabled) {}
