/** Programs that are explored under many schedules, and schedules that are played again. */
@NullMarked
package dev.virq.api.explorations;

import org.jspecify.annotations.NullMarked;
