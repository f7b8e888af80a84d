/**
 * What tests of whole systems stand on: booting, exact interleavings, and the laws that hold
 * afterwards.
 */
package dev.virq.testing;
