package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Has KVM_RUN look whether a vCPU wakes, and come back without running it.
 *
 * <p>A signal that is pending from the start, and let in by the vCPU's signal mask only, ends the
 * call before the guest is entered, but not before KVM has looked. So a halted vCPU neither blocks
 * nor takes what wakes it.
 */
final class Kick {
  /** A signal of real time, which nobody else sends. */
  private static final int SIGNAL = 50;

  private static final int EINTR = 4;

  /** Bytes of the kernel's signal sets. */
  private static final int SET_BYTES = 8;

  private final Libc libc;
  private final Buffers buffers;

  Kick(Libc libc, Buffers buffers) {
    this.libc = libc;
    this.buffers = buffers;
  }

  /** Lets the vCPU of that descriptor look. Only this thread sends or takes the signal. */
  void look(int vcpu) {
    MemorySegment set = buffers.signals;
    set.fill((byte) 0);
    set.set(JAVA_LONG, 0, 1L << (SIGNAL - 1));
    libc.block(set);
    MemorySegment mask = buffers.small;
    mask.set(JAVA_INT, 0, SET_BYTES);
    // Not aligned: all signals but this one are kept out meanwhile.
    mask.set(JAVA_INT, 4, -1);
    mask.set(JAVA_INT, 8, (int) (~(1L << (SIGNAL - 1)) >>> 32));
    int error = libc.ioctl(vcpu, Uapi.SET_SIGNAL_MASK, mask);
    if (error < 0) {
      throw new AssertionError("KVM_SET_SIGNAL_MASK: error " + -error);
    }
    libc.raise(SIGNAL);
    int done = libc.ioctl(vcpu, Uapi.RUN, 0);
    libc.take(set);
    if (done != -EINTR) {
      throw new AssertionError("KVM_RUN with a signal pending: " + done);
    }
  }
}
