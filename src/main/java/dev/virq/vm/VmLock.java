package dev.virq.vm;

import dev.virq.sync.BrokenLifetime;
import dev.virq.sync.ControlledWait;
import dev.virq.sync.RefCount;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a VM: {@code kvm->lock}.
 *
 * <p>Any thread. What may be done with it held is said at {@link Vm}.
 */
final class VmLock {
  private final long vm;
  private final RefCount references;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * A free lock.
   *
   * @param vm number of the VM
   * @param references to the VM
   */
  VmLock(long vm, RefCount references) {
    this.vm = vm;
    this.references = references;
  }

  /**
   * Takes the lock of a VM that is used.
   *
   * @throws IllegalStateException when the VM is destroyed: a reader used it after its grace period
   */
  void lock() {
    acquire();
    if (references.get() == 0) {
      lock.unlock();
      throw new BrokenLifetime(
          BrokenLifetime.Kind.USE_AFTER_FREE, "vm-" + vm, "used after its destruction");
    }
  }

  /** Takes the lock, of a destroyed VM too. */
  void acquire() {
    // Who has it may have given its turn away.
    if (lock.isLocked() && !lock.isHeldByCurrentThread()) {
      ControlledWait.before(() -> !lock.isLocked());
    }
    lock.lock();
  }

  /** Releases it. */
  void unlock() {
    lock.unlock();
  }

  /** Whether the calling thread holds it. */
  boolean isLockedByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }
}
