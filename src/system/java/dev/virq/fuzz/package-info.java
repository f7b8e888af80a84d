/**
 * A fuzzer that reads the OpenAPI document: requests that are valid, at a boundary, mutated or no
 * HTTP at all, and an oracle that holds every answer to the document.
 *
 * <p>Seeded: {@code -Dvirq.fuzz.seed} and {@code -Dvirq.fuzz.requests} say which requests and how
 * many.
 */
package dev.virq.fuzz;
