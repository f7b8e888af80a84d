package dev.virq.host;

import dev.virq.sync.RefCount;

/**
 * A counted reference to an open object: {@code struct file}. Every descriptor holds one reference
 * and every call under way another; the call that drops the last one releases the object, once.
 */
final class FileRef extends RefCount {
  private final Runnable release;

  /**
   * One descriptor's worth of reference.
   *
   * @param release ends the object; runs once, in the call that drops the last reference, no lock
   *     held
   */
  FileRef(Runnable release) {
    super("file");
    this.release = release;
  }

  /** Drops a reference: {@code fput}. */
  @Override
  public boolean put() {
    boolean last = super.put();
    if (last) {
      release.run();
    }
    return last;
  }
}
