package dev.virq.host;

import dev.virq.sync.RefCount;

/**
 * A counted reference to an open object: {@code struct file}. Every descriptor holds one reference
 * and every call under way another; the call that drops the last one releases the object, once.
 */
abstract class FileRef extends RefCount {
  /** One descriptor's worth of reference. */
  FileRef() {
    super("file");
  }

  /** Ends the object; runs once, in the call that drops the last reference, no lock held. */
  abstract void release();

  /** Drops a reference: {@code fput}. */
  @Override
  public boolean put() {
    boolean last = super.put();
    if (last) {
      release();
    }
    return last;
  }
}
