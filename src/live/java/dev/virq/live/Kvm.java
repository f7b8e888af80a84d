package dev.virq.live;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The KVM of this machine, and an exact way to wait for its deferred work.
 *
 * <p>Deferred injections run on a work queue of the processor that queued them, one after another
 * in their order, since none of them sleeps. So the thread stays on one processor, and an injection
 * that it queues last has run when all before it have. That last one belongs to a VM of its own:
 * its irqfd is bound, fired and unbound, and unbinding waits for the irqfd's own injection as well
 * as for the clean-up queue that all VMs share, on which irqfds of closed eventfds are torn down.
 *
 * <p>Belongs to the thread that opened it.
 */
final class Kvm implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final Libc libc = new Libc(arena);
  private final Buffers buffers = new Buffers(arena);
  private final int fd;
  private final long runBytes;
  private final MemorySegment guestMemory;
  private final LiveVm last;
  private final int lastTrigger;

  /** Opens it; the thread stays on its processor from now on. */
  Kvm() {
    libc.pin();
    fd = required(libc.open("/dev/kvm", Libc.O_RDWR | Libc.O_CLOEXEC), "opening /dev/kvm");
    runBytes = required(libc.ioctl(fd, Uapi.GET_VCPU_MMAP_SIZE, 0), "the size of a run");
    guestMemory = libc.map(GuestCode.BYTES, -1);
    GuestCode.fill(guestMemory);
    last = required(createVm(), "a VM");
    int _ = required(last.createIrqchip(), "a controller");
    lastTrigger = required(libc.eventfd(0, false), "an eventfd");
  }

  /**
   * What the kernel says of a capability, 0 if it has it not; a negative error number when there is
   * no KVM to ask.
   *
   * @throws LinkageError when there is no C library to call
   */
  static int capability(int capability) {
    try (Arena arena = Arena.ofConfined()) {
      Libc libc = new Libc(arena);
      int fd = libc.open("/dev/kvm", Libc.O_RDWR | Libc.O_CLOEXEC);
      if (fd < 0) {
        return fd;
      }
      int has = libc.ioctl(fd, Uapi.CHECK_EXTENSION, capability);
      int _ = libc.close(fd);
      return has;
    }
  }

  Libc libc() {
    return libc;
  }

  Buffers buffers() {
    return buffers;
  }

  long runBytes() {
    return runBytes;
  }

  MemorySegment guestMemory() {
    return guestMemory;
  }

  /** A VM, or null when the kernel gives none. */
  LiveVm createVm() {
    int vm = libc.ioctl(fd, Uapi.CREATE_VM, 0);
    return vm < 0 ? null : new LiveVm(libc, buffers, this, vm);
  }

  /** Waits until everything that this thread's calls deferred is over. */
  void settle() {
    int _ = required(last.irqfd(lastTrigger, 5, 0, 0), "binding");
    int _ = required(libc.write(lastTrigger, 1), "firing");
    int _ = required(last.irqfd(lastTrigger, 5, Uapi.IRQFD_DEASSIGN, 0), "unbinding");
  }

  @Override
  public void close() {
    int _ = libc.close(lastTrigger);
    last.close();
    libc.unmap(guestMemory);
    int _ = libc.close(fd);
    arena.close();
  }

  private static int required(int result, String what) {
    if (result < 0) {
      throw new AssertionError(what + " failed: error " + -result);
    }
    return result;
  }

  private static <T> T required(T result, String what) {
    if (result == null) {
      throw new AssertionError(what + " failed");
    }
    return result;
  }
}
