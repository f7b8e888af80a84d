/** What is written for people, held against what it is about. */
@NullMarked
package dev.virq.docs;

import org.jspecify.annotations.NullMarked;
