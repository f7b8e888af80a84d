package dev.virq.api.load;

import java.time.Duration;

/**
 * How much, and for how long, one request may keep.
 *
 * @param bytes heap for all requests together, in bytes: bodies, what is made of them, answers
 * @param connections at once
 * @param deadline how long a head may take to arrive, and then a body
 * @param answerDeadline how long an answer may take to be fetched
 */
public record RequestCosts(
    long bytes, int connections, Duration deadline, Duration answerDeadline) {}
