package dev.virq.client;

/**
 * Something under way.
 *
 * @param kind signal or close
 * @param id of the signal, or of what is being closed
 * @param stage how far it is
 */
public record Pending(String kind, String id, String stage) {}
