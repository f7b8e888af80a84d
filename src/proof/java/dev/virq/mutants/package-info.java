/**
 * Broken copies of the product, made when the tests run, and the tests that catch them: what shows
 * that a test can fail.
 */
package dev.virq.mutants;
