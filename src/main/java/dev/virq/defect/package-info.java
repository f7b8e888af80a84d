/**
 * Protocols of bindings with a precaution taken away, as a version of the kernel had them, to be
 * searched for.
 */
@NullMarked
package dev.virq.defect;

import org.jspecify.annotations.NullMarked;
