package dev.virq.api.load;

import java.time.Duration;

/**
 * How much, and for how long, one request may keep.
 *
 * @param bytes heap for all requests together, in bytes: bodies, what is made of them, answers
 * @param bodyDeadline how long a body may take to arrive
 * @param answerDeadline how long an answer may take to be fetched
 */
public record RequestCosts(long bytes, Duration bodyDeadline, Duration answerDeadline) {}
