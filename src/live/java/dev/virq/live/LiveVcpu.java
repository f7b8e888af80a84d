package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.virq.live.GuestCode.Program;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A vCPU of the real kernel, which runs the programs of {@link GuestCode}. */
final class LiveVcpu {
  private static final int EINTR = 4;

  /** Vector of a general-protection fault. */
  private static final int FAULT = 13;

  private static final int SEGMENTS = 6;
  private static final int SEGMENT_BYTES = 24;

  /** First instruction after a reset. */
  private static final long RESET = 0xfff0;

  /** First instruction after a start-up message, from the beginning of the code segment. */
  private static final long STARTED = 0;

  private static final int DATA_SEGMENT = 1;
  private static final int LIMIT = 8;

  private static final int RAX = 0;
  private static final int RBX = 8;
  private static final int RCX = 16;
  private static final int RDX = 24;
  private static final int RSI = 32;
  private static final int RSP = 48;
  private static final int RIP = 128;
  private static final int RFLAGS = 136;

  /** Bit 1 is always set; bit 9 lets interrupts in. */
  private static final long CLOSED = 2;

  private static final long OPEN = 0x202;

  private final Libc libc;
  private final Buffers buffers;
  private final LiveVm vm;
  private final int fd;

  private MemorySegment run;

  /** What one program did. */
  static final class Outcome {
    /** NMIs taken. */
    int nmis;

    /** Whether a controller took the access. */
    boolean handled = true;

    /** Whether the access faulted; the program ended there. */
    boolean faulted;

    /** AL or EAX at the end. */
    long value;

    /** EDX at the end. */
    long high;

    /** Vector whose end was reported, or -1. */
    int end = -1;

    /** Vector of the interrupt that was taken, or -1; the program ended there. */
    int taken = -1;
  }

  /**
   * What a program finds in the registers.
   *
   * @param rax value of an access
   * @param rbx address
   * @param rcx value of a selection
   * @param rdx port
   * @param rsi address of the second access
   */
  record Registers(long rax, long rbx, long rcx, long rdx, long rsi) {
    static final Registers NONE = new Registers(0, 0, 0, 0, 0);
  }

  LiveVcpu(Libc libc, Buffers buffers, LiveVm vm, int fd) {
    this.libc = libc;
    this.buffers = buffers;
    this.vm = vm;
    this.fd = fd;
  }

  /** Gives it a CPUID table with a local APIC and the features named. */
  int cpuid(List<String> features) {
    MemorySegment table = buffers.xsave;
    table.fill((byte) 0);
    table.set(JAVA_INT, 0, 2);
    // Entries of 40 bytes from 8 on: function, index, flags, EAX, EBX, ECX, EDX.
    table.set(JAVA_INT, 8 + 12, 1);
    table.set(JAVA_INT, 48, 1);
    int more = features.contains("tsc-deadline") ? 1 << 24 : 0;
    table.set(JAVA_INT, 48 + 20, features.contains("x2apic") ? more | 1 << 21 : more);
    table.set(JAVA_INT, 48 + 24, 1 << 9 | 1 << 5);
    return libc.ioctl(fd, Uapi.SET_CPUID2, table);
  }

  /** Its APIC base. */
  long apicBase() {
    msr(Uapi.APIC_BASE, 0);
    require(libc.ioctl(fd, Uapi.GET_MSRS, buffers.small) - 1);
    return buffers.small.get(JAVA_LONG, 16);
  }

  /** Sets it; how many registers were set. */
  int setApicBase(long value) {
    msr(Uapi.APIC_BASE, value);
    return libc.ioctl(fd, Uapi.SET_MSRS, buffers.small);
  }

  private void msr(int register, long value) {
    MemorySegment call = buffers.small;
    call.fill((byte) 0);
    call.set(JAVA_INT, 0, 1);
    call.set(JAVA_INT, 8, register);
    call.set(JAVA_LONG, 16, value);
  }

  /** Raises an NMI in it; 0. */
  int nmi() {
    return libc.ioctl(fd, Uapi.NMI, 0);
  }

  /** Its descriptor. */
  int fd() {
    return fd;
  }

  /** Makes it runnable, as it does not wait for a start-up message. */
  void begin() {
    buffers.small.set(JAVA_INT, 0, Uapi.MP_RUNNABLE);
    require(libc.ioctl(fd, Uapi.SET_MP_STATE, buffers.small));
  }

  /** Lets it take pending INIT and start-up messages; its run state. */
  int settle() {
    require(libc.ioctl(fd, Uapi.GET_MP_STATE, buffers.small));
    int state = buffers.small.get(JAVA_INT, 0);
    require(libc.ioctl(fd, Uapi.GET_REGS, buffers.regs));
    long rip = buffers.regs.get(JAVA_LONG, RIP);
    // A start-up message may have come with INIT, and then it is past its reset.
    if (rip == RESET || (rip == STARTED && !flat())) {
      flatten();
      buffers.regs.set(JAVA_LONG, RIP, Program.IDLE.start());
      require(libc.ioctl(fd, Uapi.SET_REGS, buffers.regs));
    }
    return state;
  }

  /** Whether data segments reach everything. */
  private boolean flat() {
    require(libc.ioctl(fd, Uapi.GET_SREGS, buffers.sregs));
    return buffers.sregs.get(JAVA_INT, DATA_SEGMENT * SEGMENT_BYTES + LIMIT) == -1;
  }

  /**
   * Real mode with the code segment at 0 and data segments that reach everything. Sets the task
   * priority from CR8, so it is done right after a reset only, when that is 0.
   */
  private void flatten() {
    require(libc.ioctl(fd, Uapi.GET_SREGS, buffers.sregs));
    for (int segment = 0; segment < SEGMENTS; segment++) {
      long at = (long) segment * SEGMENT_BYTES;
      buffers.sregs.set(JAVA_LONG, at, 0);
      buffers.sregs.set(JAVA_SHORT, at + 12, (short) 0);
      if (segment > 0) {
        buffers.sregs.set(JAVA_INT, at + LIMIT, -1);
        // The limit counts pages.
        buffers.sregs.set(JAVA_BYTE, at + 20, (byte) 1);
      }
    }
    require(libc.ioctl(fd, Uapi.SET_SREGS, buffers.sregs));
  }

  /** Whether it has a local APIC; then its state is in the buffer. */
  int lapic() {
    return libc.ioctl(fd, Uapi.GET_LAPIC, buffers.lapic);
  }

  /** Restores the local APIC from the buffer. */
  int restoreLapic() {
    return libc.ioctl(fd, Uapi.SET_LAPIC, buffers.lapic);
  }

  /**
   * Restores the local APIC when what is in service has changed: the kernel works out the priority
   * before it counts what is in service, so the first restore alone leaves the priority of before.
   */
  int restoreInService() {
    int error = restoreLapic();
    return error < 0 ? error : restoreLapic();
  }

  /**
   * Runs a program with interrupts off. NMIs that are pending are taken before it, and those that
   * it raises for itself after it; the end of a vector that it reports is waited for.
   */
  Outcome run(Program program, Registers registers) {
    Outcome outcome = new Outcome();
    takeNmis(outcome);
    run(program, registers, false, outcome);
    if (settle() != Uapi.MP_RUNNABLE) {
      return outcome;
    }
    if (program.stores()) {
      // Some backends look at what a store has caused at the next entry only.
      run(Program.IDLE, Registers.NONE, false, outcome);
    }
    takeNmis(outcome);
    return outcome;
  }

  /** Runs a program and nothing else, on a vCPU that runs. */
  Outcome runAlone(Program program, Registers registers) {
    Outcome outcome = new Outcome();
    run(program, registers, false, outcome);
    return outcome;
  }

  /** Lets it take an interrupt of the 8259 pair, with the local APIC blocked; the vector or -1. */
  int interrupt() {
    Outcome outcome = new Outcome();
    run(Program.IDLE, Registers.NONE, true, outcome);
    return outcome.taken;
  }

  /** The register of 64 bits that programs find. */
  void wide(long value) {
    MemorySegment state = buffers.xsave;
    require(libc.ioctl(fd, Uapi.GET_XSAVE, state));
    state.set(JAVA_LONG, Uapi.XSAVE_MM0, value);
    // Else it would be taken for what it is after a reset.
    state.set(JAVA_LONG, Uapi.XSAVE_VALID, state.get(JAVA_LONG, Uapi.XSAVE_VALID) | 1);
    require(libc.ioctl(fd, Uapi.SET_XSAVE, state));
  }

  /** The register of 64 bits that a program left. */
  long wide() {
    require(libc.ioctl(fd, Uapi.GET_XSAVE, buffers.xsave));
    return buffers.xsave.get(JAVA_LONG, Uapi.XSAVE_MM0);
  }

  private void takeNmis(Outcome outcome) {
    while (pendingNmis() > 0 && !nmisMasked()) {
      run(Program.IDLE, Registers.NONE, false, outcome);
    }
  }

  /** Pending NMIs; the rest of its events is in the buffer then. */
  int pendingNmis() {
    require(libc.ioctl(fd, Uapi.GET_VCPU_EVENTS, buffers.small));
    return buffers.small.get(JAVA_BYTE, Uapi.EVENTS_NMI_PENDING) & 0xff;
  }

  /** Whether NMIs are masked, in the buffer. */
  private boolean nmisMasked() {
    return buffers.small.get(JAVA_BYTE, Uapi.EVENTS_NMI_MASKED) != 0;
  }

  /**
   * Sets its NMIs.
   *
   * @param pending null leaves them
   * @param masked null leaves it
   */
  int setNmis(Byte pending, Byte masked) {
    int _ = pendingNmis();
    MemorySegment events = buffers.small;
    events.set(JAVA_INT, Uapi.EVENTS_FLAGS, pending == null ? 0 : Uapi.VALID_NMI_PENDING);
    if (pending != null) {
      events.set(JAVA_BYTE, Uapi.EVENTS_NMI_PENDING, pending);
    }
    if (masked != null) {
      events.set(JAVA_BYTE, Uapi.EVENTS_NMI_MASKED, masked);
    }
    return libc.ioctl(fd, Uapi.SET_VCPU_EVENTS, events);
  }

  /** Sets its run state. */
  int setRunState(int state) {
    buffers.small.set(JAVA_INT, 0, state);
    return libc.ioctl(fd, Uapi.SET_MP_STATE, buffers.small);
  }

  /**
   * Lets it look whether it wakes, if it is halted.
   *
   * @return whether it runs
   */
  boolean wake(boolean interrupts) {
    int state = settle();
    // What the timer left is an interrupt after the first look.
    for (int looks = 0; looks < 2; looks++) {
      if (state != Uapi.MP_HALTED && state != Uapi.MP_AP_RESET_HOLD) {
        return state == Uapi.MP_RUNNABLE;
      }
      start(Program.IDLE, Registers.NONE, interrupts);
      new Kick(libc, buffers).look(fd);
      state = settle();
    }
    return state == Uapi.MP_RUNNABLE;
  }

  private void run(Program program, Registers registers, boolean interrupts, Outcome outcome) {
    start(program, registers, interrupts);
    MemorySegment state = state();
    while (true) {
      int error = libc.ioctl(fd, Uapi.RUN, 0);
      if (error == -EINTR) {
        continue;
      }
      require(error);
      int exit = state.get(JAVA_INT, 8);
      switch (exit) {
        case Uapi.EXIT_IO -> {
          boolean input = state.get(JAVA_BYTE, 32) == 0;
          int size = state.get(JAVA_BYTE, 33);
          int port = state.get(JAVA_SHORT, 34) & 0xffff;
          if (!input && size == 2 && port == GuestCode.DONE) {
            require(libc.ioctl(fd, Uapi.GET_REGS, buffers.regs));
            if (program != Program.IDLE) {
              outcome.value = buffers.regs.get(JAVA_LONG, RAX);
              outcome.high = buffers.regs.get(JAVA_LONG, RDX);
            }
            return;
          }
          if (!input && size == 2 && port == GuestCode.TAKEN) {
            int vector = vector();
            if (interrupts) {
              outcome.taken = vector;
              return;
            }
            if (vector == FAULT && program.mayFault()) {
              outcome.faulted = true;
              return;
            }
            if (vector != 2) {
              throw new AssertionError("vector " + vector + " in " + program);
            }
            outcome.nmis++;
          } else {
            outcome.handled = false;
            if (input) {
              state.asSlice(state.get(JAVA_LONG, 40), size).fill((byte) -1);
            }
          }
        }
        case Uapi.EXIT_MMIO -> {
          outcome.handled = false;
          state.set(JAVA_LONG, 40, -1);
        }
        case Uapi.EXIT_IOAPIC_EOI -> outcome.end = state.get(JAVA_BYTE, 32) & 0xff;
        default ->
            throw new AssertionError(
                "exit " + exit + " of " + program + " at " + Long.toHexString(rip()));
      }
    }
  }

  private void start(Program program, Registers registers, boolean interrupts) {
    vm.mapMemory();
    MemorySegment regs = buffers.regs;
    regs.fill((byte) 0);
    regs.set(JAVA_LONG, RAX, registers.rax());
    regs.set(JAVA_LONG, RBX, registers.rbx());
    regs.set(JAVA_LONG, RCX, registers.rcx());
    regs.set(JAVA_LONG, RDX, registers.rdx());
    regs.set(JAVA_LONG, RSI, registers.rsi());
    regs.set(JAVA_LONG, RSP, GuestCode.STACK);
    regs.set(JAVA_LONG, RIP, program.start());
    regs.set(JAVA_LONG, RFLAGS, interrupts ? OPEN : CLOSED);
    require(libc.ioctl(fd, Uapi.SET_REGS, regs));
  }

  private int vector() {
    return (int) (rip() - GuestCode.VECTORS) >> 2;
  }

  private long rip() {
    require(libc.ioctl(fd, Uapi.GET_REGS, buffers.regs));
    return buffers.regs.get(JAVA_LONG, RIP);
  }

  private MemorySegment state() {
    if (run == null) {
      run = libc.map(vm.runBytes(), fd);
    }
    return run;
  }

  /** Closes its descriptor. */
  void close() {
    if (run != null) {
      libc.unmap(run);
    }
    require(libc.close(fd));
  }

  private static void require(int result) {
    if (result < 0) {
      throw new AssertionError("a call on a vCPU failed: error " + -result);
    }
  }
}
