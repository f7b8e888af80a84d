package dev.virq.live;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * System calls by way of the C library. A call answers what the kernel answered, or the negative
 * error number.
 *
 * <p>Any thread, one at a time for one object: the error number of the last call is kept in it.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class Libc {
  static final int O_RDWR = 2;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int EFD_SEMAPHORE = 1;
  static final int PROT_READ_WRITE = 3;
  static final int SIG_BLOCK = 0;
  static final int MAP_SHARED = 1;
  static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERROR_NUMBER =
      STATE.varHandle(StructLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      variadic("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle IOCTL =
      variadic("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      variadic("fcntl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle READ =
      call("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle EVENTFD =
      call("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle PIPE2 =
      call("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle POLL =
      call("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MMAP =
      call(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      call("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle AFFINITY =
      call("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
  private static final MethodHandle GET_AFFINITY =
      call("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private static final MethodHandle SIGMASK =
      call("pthread_sigmask", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle RAISE =
      call("raise", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SIGTIMEDWAIT =
      call("sigtimedwait", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  private static final int F_DUPFD_CLOEXEC = 1030;

  /** POLLIN, POLLOUT and POLLERR. */
  private static final int ALL_EVENTS = 1 | 4 | 8;

  private final MemorySegment state;
  private final MemorySegment scratch;

  /** With buffers in that arena. */
  Libc(Arena arena) {
    this.state = arena.allocate(STATE);
    this.scratch = arena.allocate(128, 8);
  }

  /** Opens a file; a descriptor. */
  int open(String path, int flags) {
    try (Arena name = Arena.ofConfined()) {
      return answer((int) OPEN.invokeExact(state, name.allocateFrom(path), flags));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The call with a number. */
  int ioctl(int fd, long request, long argument) {
    try {
      return answer((int) IOCTL.invokeExact(state, fd, request, argument));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The call with a structure. */
  int ioctl(int fd, long request, MemorySegment argument) {
    return ioctl(fd, request, argument.address());
  }

  /** Closes a descriptor. */
  int close(int fd) {
    try {
      return answer((int) CLOSE.invokeExact(state, fd));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** A second descriptor of the same object. */
  int dup(int fd) {
    try {
      return answer((int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** A non-blocking eventfd; a descriptor. */
  int eventfd(int initial, boolean semaphore) {
    int flags = O_NONBLOCK | O_CLOEXEC | (semaphore ? EFD_SEMAPHORE : 0);
    try {
      return answer((int) EVENTFD.invokeExact(state, initial, flags));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Adds to an eventfd's counter; 0. */
  int write(int fd, long count) {
    scratch.set(JAVA_LONG, 0, count);
    try {
      int done = answer((long) WRITE.invokeExact(state, fd, scratch, 8L));
      return Math.min(done, 0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Reads an eventfd; 0, and then {@link #count} is what was read. */
  int read(int fd) {
    try {
      int done = answer((long) READ.invokeExact(state, fd, scratch, 8L));
      return Math.min(done, 0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** What the last {@link #read} took; unsigned. */
  long count() {
    return scratch.get(JAVA_LONG, 0);
  }

  /** A pipe; its descriptors, or the error number alone. */
  int[] pipe() {
    try {
      int error = answer((int) PIPE2.invokeExact(state, scratch, O_NONBLOCK | O_CLOEXEC));
      return error < 0
          ? new int[] {error}
          : new int[] {scratch.get(JAVA_INT, 0), scratch.get(JAVA_INT, 4)};
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The events (POLLIN, POLLOUT, POLLERR) that a descriptor has now. */
  int poll(int fd) {
    scratch.set(JAVA_INT, 0, fd);
    scratch.set(JAVA_INT, 4, ALL_EVENTS);
    try {
      int done = answer((int) POLL.invokeExact(state, scratch, 1L, 0));
      return done < 0 ? done : scratch.get(JAVA_INT, 4) >>> 16;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Memory of this process, readable and writable; of a descriptor unless that is negative. */
  MemorySegment map(long bytes, int fd) {
    int flags = fd < 0 ? MAP_PRIVATE_ANONYMOUS : MAP_SHARED;
    try {
      long at = (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, flags, fd, 0L);
      if (at == -1) {
        throw new AssertionError("mmap: error " + -answer(-1));
      }
      return MemorySegment.ofAddress(at).reinterpret(bytes);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Ends a mapping. */
  void unmap(MemorySegment memory) {
    try {
      int done = answer((int) MUNMAP.invokeExact(state, memory.address(), memory.byteSize()));
      assert done == 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Keeps the calling thread on the first processor that it may run on. */
  void pin() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(128, 8);
      int _ = (int) GET_AFFINITY.invokeExact(state, 0, mask.byteSize(), mask);
      for (long word = 0; word < mask.byteSize(); word += 8) {
        long first = Long.lowestOneBit(mask.get(JAVA_LONG, word));
        if (first != 0) {
          mask.fill((byte) 0);
          mask.set(JAVA_LONG, word, first);
          break;
        }
      }
      int error = answer((int) AFFINITY.invokeExact(state, 0, mask.byteSize(), mask));
      if (error < 0) {
        throw new AssertionError("sched_setaffinity: error " + -error);
      }
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Keeps the signals of a set from the calling thread; whoever waits for them still gets them. */
  void block(MemorySegment signals) {
    try {
      int error = (int) SIGMASK.invokeExact(state, SIG_BLOCK, signals, MemorySegment.NULL);
      assert error == 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a signal to the calling thread. */
  void raise(int signal) {
    try {
      int error = answer((int) RAISE.invokeExact(state, signal));
      assert error == 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Takes a signal of a set that is pending for the calling thread. */
  void take(MemorySegment signals) {
    scratch.set(JAVA_LONG, 0, 0);
    scratch.set(JAVA_LONG, 8, 0);
    try {
      int signal =
          answer((int) SIGTIMEDWAIT.invokeExact(state, signals, MemorySegment.NULL, scratch));
      assert signal > 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private int answer(long result) {
    return result == -1 ? -(int) ERROR_NUMBER.get(state, 0L) : (int) result;
  }

  private static MethodHandle call(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type, ERRNO);
  }

  private static MethodHandle variadic(String name, int fixed, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().find(name).orElseThrow(),
        type,
        ERRNO,
        Linker.Option.firstVariadicArg(fixed));
  }
}
