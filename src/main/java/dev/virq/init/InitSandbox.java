package dev.virq.init;

import dev.virq.sandbox.SandboxSpec;
import dev.virq.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * One sandbox of a document.
 *
 * @param line of the document where it stands
 * @param settings what it is created with
 * @param from what it begins with, or null
 * @param script what is run in it, or null
 * @param scriptLine the line of the document where the script's first line stands; 0 when the
 *     document writes the script otherwise than line by line
 */
record InitSandbox(
    int line,
    SandboxSpec settings,
    @Nullable Snapshot from,
    @Nullable String script,
    int scriptLine) {
  /** The line of the document where a line of the script stands, from 1. */
  int lineOf(int inScript) {
    return scriptLine == 0 ? line : scriptLine + inScript - 1;
  }
}
