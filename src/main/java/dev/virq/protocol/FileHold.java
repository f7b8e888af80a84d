package dev.virq.protocol;

import dev.virq.sync.RefCount;

/** What keeps a VM from being closed for good while a binding to it is made. Any thread. */
public interface FileHold {
  /** The call has a reference to the VM's file: {@code fget} and {@code fput}. */
  FileHold COUNTED =
      new FileHold() {
        @Override
        public boolean take(RefCount file) {
          return file.tryGet();
        }

        @Override
        public void drop(RefCount file) {
          boolean _ = file.put();
        }
      };

  /**
   * The call begins.
   *
   * @param file the references to the VM's file
   * @return false when the file is closed
   */
  boolean take(RefCount file);

  /** The call ends; no lock held. Only after {@link #take} has returned true. */
  void drop(RefCount file);
}
