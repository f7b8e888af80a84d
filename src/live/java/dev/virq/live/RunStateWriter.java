package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;

/** Operations on whether a vCPU runs, and on its NMIs. */
final class RunStateWriter {
  private static final int HALTED = 3;

  private final ScriptState world;
  private final SeededRandom dice;

  RunStateWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** Changes or tries one of them; what has stopped is mostly set going again. */
  void step(Machine vm) {
    String vcpu = world.vcpu(vm);
    switch (dice.below(12)) {
      case 0, 1, 2 -> halt(vm, vcpu);
      case 3, 4 -> events(vm, vcpu);
      case 5 -> world.add("nmi", vm.name, vcpu);
      case 6 -> {
        int state = dice.of(1, 2, 2, 4, 4, 9, 9, dice.below(12), -1);
        world.add("mp_state_set", vm.name, vcpu, Integer.toUnsignedString(state));
        look(vm, vcpu);
      }
      case 7, 8 -> world.add("vcpu_wake", vm.name, vcpu);
      case 9 -> startUp(vm, vcpu);
      case 10 -> world.add("mp_state_set", vm.name, vcpu, 0);
      default -> look(vm, vcpu);
    }
  }

  /** Halts a vCPU, has something come, and sees what becomes of it. */
  private void halt(Machine vm, String vcpu) {
    world.add("mp_state_set", vm.name, vcpu, dice.chance(85) ? HALTED : 9);
    if (dice.chance(40)) {
      world.add("signal_msi", vm.name, address(vm, vcpu), hex(world.vector()));
    }
    if (dice.chance(25)) {
      events(vm, vcpu);
    }
    if (dice.chance(25)) {
      world.add("nmi", vm.name, vcpu);
    }
    if (dice.chance(15)) {
      world.add("irq_line", vm.name, dice.below(16), 1);
    }
    if (dice.chance(60)) {
      world.add("vcpu_wake", vm.name, vcpu);
    }
    if (dice.chance(40)) {
      world.add("guest_lapic_read", vm.name, vcpu, "0x80");
    }
    look(vm, vcpu);
    if (dice.chance(70)) {
      world.add("mp_state_set", vm.name, vcpu, 0);
    }
  }

  private void events(Machine vm, String vcpu) {
    String pending = "nmi_pending=" + dice.of(0, 1, 1, 2, 2, 3, 255, 256, 257);
    String masked = "nmi_masked=" + dice.of(0, 0, 0, 1, 1, 1, 2, 256);
    switch (dice.below(8)) {
      case 0, 1 -> world.add("vcpu_events_set", vm.name, vcpu, pending);
      case 2, 3, 4 -> world.add("vcpu_events_set", vm.name, vcpu, masked);
      case 5 -> world.add("vcpu_events_set", vm.name, vcpu);
      case 6 -> world.add("vcpu_events_set", vm.name, vcpu, masked, pending);
      default -> world.add("vcpu_events_set", vm.name, vcpu, "nmi_injected=1");
    }
    look(vm, vcpu);
  }

  /** INIT, a start-up message, or both. */
  private void startUp(Machine vm, String vcpu) {
    String address = address(vm, vcpu);
    if (dice.chance(60)) {
      world.add("signal_msi", vm.name, address, hex(0x500));
    }
    if (dice.chance(80)) {
      world.add("signal_msi", vm.name, address, hex(0x600 | dice.below(8)));
    }
    look(vm, vcpu);
  }

  private void look(Machine vm, String vcpu) {
    world.add("get_vcpu_events", vm.name, vcpu);
  }

  private static String address(Machine vm, String vcpu) {
    return hex(0xfee00000 | (vm.vcpus.getOrDefault(vcpu, 0) & 0xff) << 12);
  }
}
