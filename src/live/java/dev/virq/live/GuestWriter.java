package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;
import java.util.List;

/** Operations that a vCPU carries out, and the service of interrupts. */
final class GuestWriter {
  /** Registers of the local APIC that a guest may read: all that hold no time. */
  private static final List<Integer> READABLE =
      List.of(
          0x20, 0x30, 0x80, 0x90, 0xa0, 0xd0, 0xe0, 0xf0, 0x280, 0x300, 0x310, 0x320, 0x330, 0x340,
          0x350, 0x360, 0x370, 0x3e0);

  /** Unaligned, reserved, beyond the last register. */
  private static final List<Integer> UNUSUAL =
      List.of(
          0x00, 0x10, 0x21, 0x22, 0x40, 0x70, 0x82, 0x84, 0x8c, 0xb0, 0xc0, 0xd4, 0x104, 0x1f8,
          0x281, 0x2f0, 0x304, 0x3f0, 0x400, 0x410, 0x800, 0xff0, 0xffc, 0xffd, 0xffe, 0xfff,
          0x1000);

  /** Where a store has no effect on interrupts, or none at all: read-only, reserved, unaligned. */
  private static final List<Integer> INDIFFERENT =
      List.of(
          0x30, 0x84, 0x90, 0xa0, 0xb4, 0xc0, 0x100, 0x220, 0x280, 0x302, 0x330, 0x340, 0x370,
          0x3f0, 0x400, 0xffd, 0xfff, 0x1000);

  private static final long LAPIC = 0xfee00000L;
  private static final long IOAPIC = 0xfec00000L;

  private final ScriptState world;
  private final SeededRandom dice;

  GuestWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** Takes interrupts and ends them. */
  void serve(Machine vm) {
    String vcpu = world.vcpu(vm);
    switch (dice.below(5)) {
      case 0, 1 -> {
        world.add("lapic_ack", vm.name, vcpu);
        if (dice.chance(65)) {
          world.add("guest_eoi", vm.name, vcpu);
        }
      }
      case 2, 3 -> world.add("guest_eoi", vm.name, vcpu);
      default -> world.add("pic_ack", vm.name, vcpu);
    }
  }

  /** The usual initialisation of the 8259 pair. */
  void initialisePics(Machine vm) {
    String vcpu = world.vcpu(vm);
    int mode = dice.of(1, 1, 1, 3, 0x11, 0x13);
    initialise(vm, vcpu, 0x20, 0x20, 4, mode);
    initialise(vm, vcpu, 0xa0, 0x28, 2, dice.chance(70) ? 1 : mode);
  }

  private void initialise(Machine vm, String vcpu, int port, int base, int cascade, int mode) {
    out(vm, vcpu, port, 0x11);
    out(vm, vcpu, port + 1, base);
    out(vm, vcpu, port + 1, cascade);
    out(vm, vcpu, port + 1, mode);
  }

  private void out(Machine vm, String vcpu, int port, int value) {
    world.add("guest_out", vm.name, vcpu, hex(port), hex(value));
  }

  /** A port access, mostly to the 8259 pair. */
  void port(Machine vm) {
    String vcpu = world.vcpu(vm);
    int command = dice.of(0x20, 0x20, 0xa0);
    int line = dice.below(8);
    if (dice.chance(6)) {
      widePort(vm, vcpu);
      return;
    }
    switch (dice.weighted(new int[] {22, 8, 10, 12, 6, 3, 18, 3, 12, 2})) {
      case 0 -> out(vm, vcpu, command, dice.of(0x20, 0x20, 0x20, 0xa0));
      case 1 -> out(vm, vcpu, command, dice.of(0x60, 0x60, 0xe0) | line);
      case 2 -> out(vm, vcpu, command, dice.of(0xc0 | line, 0x80, 0x00, 0x40 | line));
      case 3 -> out(vm, vcpu, command + 1, dice.of(0, 0, 0xff, 1 << line, dice.below(256)));
      case 4 -> out(vm, vcpu, command, dice.of(0x0a, 0x0b, 0x0c, 0x0c, 0x68, 0x48, 0x0e, 0x08));
      case 5 -> out(vm, vcpu, dice.of(0x4d0, 0x4d1), dice.of(0, 0xff, 1 << line));
      case 6 -> world.add("pic_ack", vm.name, vcpu);
      case 7 -> {
        int words = dice.between(1, 4);
        int first = dice.of(0x11, 0x11, 0x10, 0x13, 0x19, 0x1b);
        out(vm, vcpu, command, first);
        for (int i = 1; i < words; i++) {
          out(vm, vcpu, command + 1, dice.of(0x20, 0x28, 0x70, 4, 2, 1, 3, 0x11, 0x13, 0x0b));
        }
      }
      case 8 ->
          world.add("guest_in", vm.name, vcpu, hex(dice.of(0x20, 0xa0, 0x21, 0xa1, 0x4d0, 0x4d1)));
      default -> {
        int port =
            vm.pit ? dice.of(0x22, 0x80, 0x4d2) : dice.of(0x22, 0x43, 0x61, 0x80, 0x4d2, 0xcf8);
        if (dice.chance(50)) {
          out(vm, vcpu, port, dice.below(256));
        } else {
          world.add("guest_in", vm.name, vcpu, hex(port));
        }
      }
    }
  }

  private void widePort(Machine vm, String vcpu) {
    String port =
        hex(dice.of(0x1f, 0x20, 0x20, 0x21, 0x22, 0x9f, 0xa0, 0xa0, 0xa1, 0x4cf, 0x4d0, 0x4d1));
    int bytes = dice.of(1, 2, 2, 4, 4);
    if (dice.chance(50)) {
      world.add("guest_port_read", vm.name, vcpu, port, bytes);
    } else {
      String value = bytes == 1 ? hex(dice.of(0, 0x20, 0xff)) : dice.any32();
      world.add("guest_port_write", vm.name, vcpu, port, bytes, value);
    }
  }

  /** An access of any size at any place, to one of the APICs or across an end of its registers. */
  private void memory(Machine vm, String vcpu) {
    boolean lapic = dice.chance(50);
    long base = lapic ? LAPIC : IOAPIC;
    long ends = lapic ? 0x1000 : 0x100;
    int register =
        lapic
            ? dice.chance(70) ? dice.of(READABLE) : dice.of(0x100, 0x2f0, 0x3f0, 0x400)
            : dice.of(0, 0, 0x10, 0x10, 0x20, 0x40);
    int bytes = dice.of(1, 2, 4, 4, 8, 8);
    long address =
        switch (dice.below(6)) {
          case 0 -> base - dice.below(9);
          case 1 -> base + ends - dice.below(9);
          case 2, 3 -> base + register + dice.below(16);
          default -> base + register;
        };
    if (dice.chance(55)) {
      // What is not answered shows the load before, and an NMI is served by loads of its own.
      world.add("guest_memory_read", vm.name, vcpu, word(IOAPIC), 8);
      world.add("guest_memory_read", vm.name, vcpu, word(address), bytes);
      return;
    }
    if (lapic && bytes == 4 && (address & 0xf) == 0) {
      // What such a store does is tried by other deeds, which never stop the vCPU for good.
      address++;
    }
    long low = Integer.toUnsignedLong(lowHalf());
    long high = dice.chance(50) ? 0 : (long) dice.below(1 << 30) << 34;
    world.add("guest_memory_write", vm.name, vcpu, word(address), bytes, word(high | low));
  }

  private static String word(long number) {
    return "0x" + Long.toHexString(number);
  }

  /** An access to a register of the I/O APIC. */
  void pinRegister(Machine vm) {
    String vcpu = world.vcpu(vm);
    if (dice.chance(15)) {
      memory(vm, vcpu);
      return;
    }
    List<Integer> pins = vm.gsis.stream().filter(gsi -> gsi < 24).toList();
    int pin = !pins.isEmpty() && dice.chance(75) ? dice.of(pins) : dice.below(24);
    switch (dice.below(8)) {
      case 0 ->
          world.add(
              "guest_ioapic_read",
              vm.name,
              vcpu,
              hex(dice.of(0, 1, 2, 0x10 + 2 * pin, 0x11 + 2 * pin, dice.below(256))));
      case 1, 2 ->
          world.add(
              "guest_ioapic_write",
              vm.name,
              vcpu,
              hex(0x11 + 2 * pin),
              hex(
                  dice.of(0, 1, 2, 3, 4, 0xff, dice.below(256)) << 24
                      | (dice.chance(15) ? dice.below(1 << 24) : 0)));
      case 3 ->
          world.add(
              "guest_ioapic_write",
              vm.name,
              vcpu,
              hex(dice.of(0, 1, 2, 3, 0x40, 0x40 + dice.below(0xc0))),
              dice.any32());
      default ->
          world.add("guest_ioapic_write", vm.name, vcpu, hex(0x10 + 2 * pin), hex(lowHalf()));
    }
  }

  private int lowHalf() {
    int mode = dice.chance(75) ? 0 : world.chains ? dice.of(1, 2, 3, 6, 7) : dice.below(8);
    int flags = dice.of(0, 0x8000, 0x8000, 0x800, 0x8800, 0x2000);
    int mask = dice.chance(30) ? 0x10000 : 0;
    int reserved = dice.chance(10) ? dice.below(1 << 15) << 17 : 0;
    return world.vector() | mode << 8 | flags | mask | reserved;
  }

  /** An access to a register of the local APIC. */
  void lapicRegister(Machine vm) {
    String vcpu = world.vcpu(vm);
    if (dice.chance(10)) {
      memory(vm, vcpu);
      return;
    }
    switch (dice.below(12)) {
      case 0, 1 -> {
        load(vm, vcpu, readable());
        if (dice.chance(15)) {
          // It answers what the load before it got, and an NMI is served by loads of its own.
          load(vm, vcpu, dice.of(UNUSUAL));
        }
      }
      case 2 -> store(vm, vcpu, 0x80, hex(dice.of(0, 0x10, 0x20, 0x4f, 0x80, 0xff)));
      case 3 -> store(vm, vcpu, 0xf0, dice.of("0x1ff", "0x1ff", "0x1ff", "0xff", "0x3ff", "0x10f"));
      case 4 -> store(vm, vcpu, 0xd0, hex(dice.of(0, 1, 2, 4, 8, 3, 0x11, 0x21, 0xff) << 24));
      case 5 -> store(vm, vcpu, 0xe0, dice.of("0xffffffff", "0x0fffffff", "0", "0x50000000"));
      case 6 -> store(vm, vcpu, 0x20, hex(dice.of(0, 1, 2, 3, 7, 0xff) << 24));
      case 7 ->
          store(
              vm,
              vcpu,
              dice.of(0x350, 0x360),
              dice.of("0x700", "0x10700", "0x400", "0x500", "0xffffffff", "0"));
      case 8 ->
          store(
              vm,
              vcpu,
              dice.chance(80) ? dice.of(INDIFFERENT) : dice.of(0x320, 0x3e0),
              dice.any32());
      default -> interprocessor(vm, vcpu);
    }
  }

  /**
   * Sets a timer up or starts it. What it counts is over by the next operation, or never is while
   * the script runs; and before the host looks, the guest has run.
   */
  void timer(Machine vm) {
    String vcpu = world.vcpu(vm);
    switch (dice.below(12)) {
      case 0, 1, 2 -> {
        // What expired while the entry was masked, as it is at first and after INIT, is kept, and
        // when KVM looks for it again is left to chance.
        store(vm, vcpu, 0x380, "0");
        world.add("guest_wrmsr", vm.name, vcpu, "0x6e0", "0");
        timerEntry(vm, vcpu);
        if (dice.chance(60)) {
          store(vm, vcpu, 0x380, count());
          timerEntry(vm, vcpu);
        }
      }
      case 3 -> store(vm, vcpu, 0x3e0, hex(dice.of(3, 8, 9, 0xa)));
      case 4 -> {
        // Not after the guest has run, mostly.
        if (dice.chance(50)) {
          world.add("vcpu_cpuid", vm.name, vcpu);
        } else {
          world.add("vcpu_cpuid", vm.name, vcpu, "tsc-deadline");
        }
      }
      case 5, 6 -> {
        String deadline = dice.of("0", "1", "1", "5", "0x7fffffffffffffff", "0xffffffffffffffff");
        world.add("guest_wrmsr", vm.name, vcpu, "0x6e0", deadline);
      }
      case 7 -> world.add("guest_rdmsr", vm.name, vcpu, "0x6e0");
      case 8 -> load(vm, vcpu, dice.of(0x320, 0x380, 0x3e0));
      default -> store(vm, vcpu, 0x380, count());
    }
    load(vm, vcpu, 0x30);
  }

  private String count() {
    return dice.of("0", "1", "1", "2", "7", "0xffffffff");
  }

  private void timerEntry(Machine vm, String vcpu) {
    store(vm, vcpu, 0x320, hex(world.vector() | dice.of(0, 0, 1, 1, 2, 2, 3) << 17));
  }

  private int readable() {
    return dice.chance(70)
        ? dice.of(READABLE)
        : dice.of(0x100, 0x180, 0x200) + 0x10 * dice.below(8);
  }

  private void load(Machine vm, String vcpu, int register) {
    world.add("guest_lapic_read", vm.name, vcpu, hex(register));
  }

  /** An interrupt for other vCPUs; never INIT for the sender itself, which could not go on. */
  private void interprocessor(Machine vm, String vcpu) {
    if (dice.chance(70)) {
      int destination =
          vm.vcpus.isEmpty() || dice.chance(30)
              ? dice.of(1, 2, 3, 4, 6, 0x11, 0xff)
              : dice.of(List.copyOf(vm.vcpus.values()));
      store(vm, vcpu, 0x310, hex(destination << 24));
    }
    int mode = dice.chance(65) ? 0 : dice.of(1, 1, 2, 3, 4, 4, 6, 7);
    int flags = dice.of(0, 0x800, 0x4000, 0x4800, 0x8000, 0xc000, 0x1000);
    int shorthand = dice.of(0, 0, 0, 0x40000, 0x80000, 0xc0000);
    if (dice.chance(8)) {
      mode = 5;
      shorthand = 0xc0000;
    }
    store(vm, vcpu, 0x300, hex(world.vector() | mode << 8 | flags | shorthand));
  }

  private void store(Machine vm, String vcpu, int register, String value) {
    world.add("guest_lapic_write", vm.name, vcpu, hex(register), value);
    if (register == 0x320) {
      // A period may end during the store, with the old vector or with the new one.
      load(vm, vcpu, 0x30);
    }
  }
}
