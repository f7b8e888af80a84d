package dev.virq.api.load;

/** An answer of which a copy is kept: what is sent past it would be missing in the copy. */
public interface CopyKept {}
