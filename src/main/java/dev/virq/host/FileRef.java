package dev.virq.host;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A counted reference to an open object: {@code struct file}. Every descriptor holds one reference
 * and every call under way another; whoever drops the last one releases the object, once.
 */
final class FileRef {
  private final AtomicInteger references = new AtomicInteger(1);
  private final Runnable release;

  /**
   * One descriptor's worth of reference.
   *
   * @param release ends the object; runs once, on whoever drops the last reference, no lock held
   */
  FileRef(Runnable release) {
    this.release = release;
  }

  /** Takes a reference for a call: {@code fdget}. False when the object is gone already. */
  boolean tryGet() {
    while (true) {
      int count = references.get();
      if (count == 0) {
        return false;
      }
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  /** Drops a reference: {@code fput}. */
  void put() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("file put more often than got");
    }
    if (left == 0) {
      release.run();
    }
  }
}
