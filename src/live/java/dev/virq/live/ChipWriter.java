package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;
import java.util.ArrayList;
import java.util.List;

/** Operations on lines, messages, routes and the state of chips. */
final class ChipWriter {
  private static final List<String> PIC_FIELDS =
      List.of("irr", "irr", "last_irr", "isr", "isr", "imr", "elcr", "irq_base", "priority_add");
  private static final List<String> PIC_MODES =
      List.of(
          "auto_eoi",
          "rotate_on_auto_eoi",
          "special_fully_nested_mode",
          "read_reg_select",
          "poll",
          "special_mask",
          "init4");

  /** Delivery modes. */
  private static final int NMI = 4;

  private static final int INIT = 5;

  private final ScriptState world;
  private final SeededRandom dice;

  /** How often a pin is pin 8, in a hundred. */
  private final int clock;

  ChipWriter(ScriptState world, int clock) {
    this.world = world;
    this.dice = world.dice;
    this.clock = clock;
  }

  /** Sets a line, often lowering what it raised. */
  void line(Machine vm) {
    String gsi = Integer.toUnsignedString(dice.chance(clock) ? 8 : world.gsi(vm));
    String verb = dice.chance(85) ? "irq_line" : "irq_line_nostatus";
    if (dice.chance(35)) {
      world.add(verb, vm.name, gsi, 1);
      world.add(verb, vm.name, gsi, 0);
    } else {
      world.add(verb, vm.name, gsi, dice.chance(3) ? dice.any32() : dice.below(2));
    }
  }

  /** A message's address. */
  private String address(Machine vm) {
    int destination = destination(vm);
    int low = dice.of(0, 0, 0, 4, 4, 4, 8, 0xc);
    int odd = dice.chance(5) ? dice.below(0x1000) & ~0xc : 0;
    int top = dice.chance(97) ? 0xfee00000 : dice.below(0x1000) << 20;
    return hex(top | destination << 12 | low | odd);
  }

  /** A destination, mostly one that some vCPU has. */
  private int destination(Machine vm) {
    if (dice.chance(10)) {
      return dice.of(0xff, 0xff, dice.below(256));
    }
    return dice.chance(50) ? id(vm) : dice.of(1, 2, 3, 4, 7, 8, 0x11, 0x12, 0x13, 0x21, 0xf1);
  }

  private int id(Machine vm) {
    return vm.vcpus.isEmpty() ? 0 : dice.of(List.copyOf(vm.vcpus.values())) & 0xff;
  }

  /** Delivery modes, fixed and lowest priority most of all. */
  private int mode() {
    return dice.chance(60) ? 0 : dice.of(1, 1, 1, 2, 3, 4, 4, 5, 6, 7);
  }

  /** The same for what irqfds may lead to. */
  private int deferredMode() {
    int mode = mode();
    boolean race = world.chains && (mode == NMI || mode == INIT);
    return race ? 0 : mode;
  }

  /** A message's data. */
  private String data(int mode) {
    int trigger = dice.of(0, 0, 0xc000, 0x8000, 0x4000);
    int odd = dice.chance(3) ? dice.below(0x10000) << 16 | dice.below(4) << 11 : 0;
    return hex(world.vector() | mode << 8 | trigger | odd);
  }

  /** Delivers a message. */
  void message(Machine vm) {
    if (world.wideMessages && dice.chance(50)) {
      int high = dice.of(0x100, 0x100, 0x200, 0xf00, 0xffffff00, 0x10000, 0x101, 1);
      world.add("signal_msi", vm.name, address(vm), data(mode()), hex(high));
    } else if (dice.chance(92)) {
      world.add("signal_msi", vm.name, address(vm), data(mode()));
    } else if (dice.chance(50)) {
      world.add("signal_msi", vm.name, address(vm), data(mode()), dice.of(0, 1, 0xff));
    } else {
      world.add("signal_msi", vm.name, address(vm), data(mode()), 0, dice.of(0, 1, 2, 3));
    }
  }

  /** Replaces the routing table. */
  void route(Machine vm) {
    if (dice.chance(3)) {
      world.add("routing_set", vm.name, "fill=" + dice.of(1, 30, 4096, 4097));
      return;
    }
    int entries = dice.of(0, 1, 1, 2, 3, 4, 6, 9);
    List<Object> words = new ArrayList<>(List.of("routing_set", vm.name));
    vm.gsis.clear();
    boolean wrong = dice.chance(12);
    for (int i = 0; i < entries; i++) {
      int gsi = dice.chance(80) ? dice.below(24) : dice.of(24, 30, 40, 100, 1000, 4095);
      boolean flawed = wrong && dice.chance(30);
      boolean chip = !vm.split && dice.chance(55);
      words.add(flawed ? flawed(vm, gsi) : chip ? toChip(gsi) : toMessage(vm, gsi));
      vm.gsis.add(gsi);
      if (chip && !flawed && dice.chance(25)) {
        words.add(gsi + ":irqchip:ioapic:" + dice.below(24));
      }
    }
    if (wrong && dice.chance(15)) {
      words.add("flags=" + dice.of(0, 1));
    }
    world.add(words.toArray());
  }

  private String toChip(int gsi) {
    return dice.chance(65)
        ? gsi + ":irqchip:ioapic:" + (dice.chance(clock) ? 8 : dice.below(24))
        : gsi + ":irqchip:" + dice.of("master", "slave") + ":" + dice.below(8);
  }

  private String toMessage(Machine vm, int gsi) {
    String high =
        world.wideMessages && dice.chance(50)
            ? ":" + dice.of("0x100", "0x100", "0x200", "0xf00", "0xffffff00", "0x101")
            : dice.chance(6) ? ":" + dice.of(0, 1, 0xff) : "";
    return gsi + ":msi:" + address(vm) + ":" + data(deferredMode()) + high;
  }

  private String flawed(Machine vm, int gsi) {
    return switch (dice.below(6)) {
      case 0 -> gsi + ":type" + dice.of(0, 3, 4, 5, 99);
      case 1 ->
          gsi + ":irqchip:" + dice.of("master", "slave", "ioapic") + ":" + dice.of(8, 24, -1 >>> 1);
      case 2 -> gsi + ":irqchip:" + dice.of(3, 4) + ":0";
      case 3 -> dice.of(4096, 5000) + ":msi:" + address(vm) + ":" + data(deferredMode());
      case 4 -> toMessage(vm, gsi) + ":flags=" + dice.of(1, 2);
      default -> gsi + ":irqchip:ioapic:" + dice.below(24) + ":flags=1";
    };
  }

  /** Restores one entry of the I/O APIC. */
  void redirect(Machine vm) {
    int pin = dice.chance(clock) ? 8 : pin(vm);
    world.add(
        "ioapic_set_redir",
        vm.name,
        pin,
        world.vector(),
        deferredMode(),
        dice.below(2),
        destination(vm),
        dice.chance(20) ? 1 : 0,
        dice.below(2),
        dice.chance(8) ? 1 : 0);
    vm.gsis.add(pin);
  }

  private int pin(Machine vm) {
    List<Integer> pins = vm.gsis.stream().filter(gsi -> gsi < 24).toList();
    return !pins.isEmpty() && dice.chance(55) ? dice.of(pins) : dice.below(24);
  }

  /** Restores the I/O APIC. */
  void pins(Machine vm) {
    if (dice.chance(75)) {
      redirect(vm);
    } else {
      world.add(
          "ioapic_set",
          vm.name,
          switch (dice.below(6)) {
            case 0 -> "id=" + dice.below(16);
            case 1 -> "ioregsel=" + dice.below(0x42);
            case 2 -> "irr=0";
            case 3 -> "irr=" + hex(1 << pin(vm));
            default -> "irr=" + hex(dice.fewBits(24));
          });
    }
  }

  /** Restores an 8259. */
  void picState(Machine vm) {
    List<Object> words = new ArrayList<>(List.of("pic_set", vm.name, dice.of("master", "slave")));
    int fields = dice.between(1, 3);
    for (int i = 0; i < fields; i++) {
      if (dice.chance(80)) {
        String field = dice.of(PIC_FIELDS);
        words.add(field + "=" + picValue(field));
      } else {
        words.add(dice.of(PIC_MODES) + "=" + dice.below(2));
      }
    }
    world.add(words.toArray());
  }

  private String picValue(String field) {
    return switch (field) {
      case "priority_add" -> Integer.toString(dice.below(8));
      case "irq_base" -> hex(dice.of(0x20, 0x28, 0x30, 0x70, 0x08, 0xf8));
      case "imr" -> hex(dice.of(0, 0, 0xff, 0xfb, dice.below(256)));
      default -> hex(dice.of(0, 1 << dice.below(8), dice.below(256)));
    };
  }

  /** Enables a local APIC by a restore. */
  void enable(Machine vm, String vcpu) {
    int id = vm.vcpus.get(vcpu);
    int logical = dice.chance(85) ? 1 << (id & 7) : dice.of(0, 1, 3, 0x11, 0x12, 0x21);
    world.add("lapic_set", vm.name, vcpu, "svr=0x1ff", "ldr=" + hex(logical << 24));
  }

  /** Restores a local APIC. */
  void lapicState(Machine vm) {
    String vcpu = world.vcpu(vm);
    if (dice.chance(12)) {
      world.add("lapic_enable", vm.name, vcpu);
      return;
    }
    if (dice.chance(8)) {
      world.add("nmi", vm.name, vcpu);
      return;
    }
    List<Object> words = new ArrayList<>(List.of("lapic_set", vm.name, vcpu));
    int fields = dice.between(1, 3);
    for (int i = 0; i < fields; i++) {
      words.add(
          switch (dice.below(11)) {
            case 10 ->
                dice.of("svr=", "dfr=", "ldr=", "esr=", "lvtt=", "lvt0=", "lvt1=") + dice.any32();
            case 0 -> "tpr=" + hex(dice.of(0, 0, 0x10, 0x2f, 0x40, 0x80, 0xff, dice.below(256)));
            case 1, 2 -> "svr=" + dice.of("0x1ff", "0x1ff", "0x1ff", "0xff", "0x1ef", "0xf");
            case 3 -> "dfr=" + dice.of("0xffffffff", "0x0fffffff", "0x0fffffff", "0x5fffffff");
            case 4 -> "lvt0=" + dice.of("0x700", "0x700", "0x10700", "0x400", "0x10000");
            case 5 -> "lvt1=" + dice.of("0x400", "0x10000", "0x10400");
            case 6 -> "id=" + hex(dice.of(0, 1, 2, 3, 5, 0x80, 0xfe, 0xff) << 24);
            default ->
                "ldr=" + hex(dice.of(0, 1, 1, 2, 4, 8, 0x80, 3, 0x11, 0x12, 0x21, 0xff) << 24);
          });
    }
    world.add(words.toArray());
  }

  /** Reads some state. */
  void look(Machine vm) {
    switch (dice.below(vm.vcpus.isEmpty() ? 2 : 6)) {
      case 0 -> world.add("get_pic", vm.name);
      case 1 -> world.add("get_ioapic", vm.name);
      case 2 -> world.add("get_vcpu_events", vm.name, world.vcpu(vm));
      default -> world.add("get_lapic", vm.name, world.vcpu(vm));
    }
  }

  /** Reads all state of a VM. */
  void lookAtAll(Machine vm) {
    world.add("get_pic", vm.name);
    world.add("get_ioapic", vm.name);
    if (vm.pit) {
      world.add("get_pit", vm.name);
    }
    for (String vcpu : vm.vcpus.keySet()) {
      world.add("get_lapic", vm.name, vcpu);
      world.add("get_vcpu_events", vm.name, vcpu);
    }
  }
}
