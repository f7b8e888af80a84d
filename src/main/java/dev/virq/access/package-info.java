/**
 * Who may call: the names that virq answers to, the pages whose browsers it listens to, and tokens.
 *
 * <p>Stands for the permission checks in front of the calls. Everything here is decided before a
 * request reaches a controller; what is refused is answered as any other error. Of a client's
 * machines it knows the names. Uses errno only.
 */
@NullMarked
package dev.virq.access;

import org.jspecify.annotations.NullMarked;
