package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;
import java.util.List;

/** Operations on the identity of local APICs: base, mode, and the registers of x2APIC mode. */
final class ModeWriter {
  private static final long LAPIC = 0xfee00000L;
  private static final int ENABLED = 0x800;
  private static final int X2APIC = 0xc00;
  private static final int BOOT = 0x100;

  /** Where a page may be; none is the guest's memory. */
  private static final List<Long> PAGES =
      List.of(LAPIC, LAPIC, LAPIC, LAPIC, 0xfee01000L, 0xfed00000L, 0xe0000000L);

  private final ScriptState world;
  private final SeededRandom dice;

  ModeWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** Before the guest of a new vCPU runs: its CPUID table, and its mode. */
  void begin(Machine vm, String vcpu) {
    if (dice.chance(85)) {
      world.add("vcpu_cpuid", vm.name, vcpu, "x2apic");
    } else if (dice.chance(50)) {
      world.add("vcpu_cpuid", vm.name, vcpu);
    }
    if (dice.chance(65)) {
      world.add("apic_base_set", vm.name, vcpu, text(LAPIC | X2APIC));
    }
  }

  /** Something that has to do with modes. */
  void deed(Machine vm) {
    String vcpu = world.vcpu(vm);
    if (dice.chance(3)) {
      agree(vm);
    }
    switch (dice.below(16)) {
      case 0 -> world.add("apic_base_set", vm.name, vcpu, text(base()));
      case 1 -> world.add("apic_base_set", vm.name, vcpu, text(LAPIC | X2APIC));
      case 2 -> world.add("get_apic_base", vm.name, vcpu);
      case 3, 4 -> world.add("guest_wrmsr", vm.name, vcpu, "0x1b", text(base()));
      case 5 -> world.add("guest_rdmsr", vm.name, vcpu, hex(dice.of(0x1b, 0x6e0)));
      case 6, 7 -> world.add("guest_rdmsr", vm.name, vcpu, hex(register()));
      case 8 -> world.add("guest_wrmsr", vm.name, vcpu, hex(register()), any());
      case 9 -> world.add("guest_wrmsr", vm.name, vcpu, "0x83f", self());
      case 10 -> world.add("guest_wrmsr", vm.name, vcpu, "0x80b", dice.of("0", "0", "1"));
      case 11 ->
          world.add("guest_wrmsr", vm.name, vcpu, "0x80f", dice.of("0x1ff", "0x1ff", "0xff"));
      case 12 -> page(vm, vcpu);
      default -> command(vm, vcpu);
    }
  }

  /** Agrees to more of x2APIC. */
  void agree(Machine vm) {
    world.add(
        "x2apic_api",
        vm.name,
        dice.chance(90) ? dice.of(0, 1, 1, 2, 3) : dice.of(12, 15, 16, 0x100));
    world.wideMessages = true;
  }

  /** An APIC base, mostly one that is possible. */
  private long base() {
    int mode = dice.of(ENABLED, ENABLED, X2APIC, X2APIC, 0, BOOT | ENABLED, BOOT | X2APIC, 0x400);
    long odd = dice.chance(90) ? 0 : 1L << dice.of(0, 7, 9, 36, 36, 63);
    return (dice.chance(70) ? LAPIC : dice.of(PAGES)) | mode | odd;
  }

  /** A register of x2APIC mode whose value does not depend on time, and that starts no timer. */
  private int register() {
    int any = 0x800 + (dice.chance(80) ? dice.below(0x40) : dice.below(0x100));
    return switch (any) {
      case 0x830, 0x838, 0x839, 0x83e, 0x832 -> 0x808;
      default -> any;
    };
  }

  private String any() {
    return dice.chance(60)
        ? hex(dice.of(0, 0, 0x10, 0x30, 0x1ff, 0x700, 0x400, 0x10700))
        : dice.chance(70) ? dice.any32() : text((long) dice.below(1 << 30) << 30);
  }

  private String self() {
    return dice.chance(85) ? hex(world.vector()) : hex(world.vector() | 0x100 << dice.below(20));
  }

  private void page(Machine vm, String vcpu) {
    long page = dice.of(PAGES);
    int offset = dice.of(0x20, 0x30, 0x80, 0xb0, 0xd0, 0xf0, 0xff8, 0x1000);
    if (dice.chance(60)) {
      world.add("guest_memory_read", vm.name, vcpu, "0xfec00000", 8);
      world.add("guest_memory_read", vm.name, vcpu, text(page + offset), dice.of(1, 2, 4, 4, 8));
    } else if (offset != 0x20) {
      world.add(
          "guest_memory_write",
          vm.name,
          vcpu,
          text(page + offset),
          dice.of(1, 2, 4, 4, 8),
          dice.of("0", "0x10", "0x1ff", "0xffffffff"));
    }
  }

  /** A message by the command register; never INIT for the sender itself. */
  private void command(Machine vm, String vcpu) {
    int destination =
        vm.vcpus.isEmpty() || dice.chance(45)
            ? dice.of(0, 1, 2, 3, 0xff, 0x100, 0x1ff, 0x10001, 0x10003, 0x20002, 0xffff, -1)
            : dice.of(List.copyOf(vm.vcpus.values()));
    int mode = dice.chance(75) ? 0 : dice.of(1, 1, 1, 2, 3, 4, 6, 7);
    int flags = dice.of(0, 0, 0x800, 0x800, 0x4000, 0x4800, 0x8000, 0xc000, 0x1000);
    int shorthand = dice.of(0, 0, 0, 0, 0x40000, 0x80000, 0xc0000);
    if (dice.chance(6)) {
      mode = 5;
      shorthand = 0xc0000;
    }
    int low = world.vector() | mode << 8 | flags | shorthand;
    if (dice.chance(5)) {
      low |= 1 << dice.of(13, 16, 17, 20, 31);
    }
    world.add(
        "guest_wrmsr",
        vm.name,
        vcpu,
        "0x830",
        text((long) destination << 32 | (low & 0xffffffffL)));
    if (dice.chance(20)) {
      world.add("guest_rdmsr", vm.name, vcpu, "0x830");
    }
  }

  private static String text(long number) {
    return "0x" + Long.toHexString(number);
  }
}
