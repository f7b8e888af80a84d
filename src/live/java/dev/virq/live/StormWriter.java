package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Scripts of interrupt storms: level lines that stay high, and thousands of ends in a row.
 *
 * <p>What is put off comes after 10 ms of real time, which no test can wait for exactly. So the
 * ends are counted here, an operation serves no more than up to the one that puts a delivery off,
 * and then time goes on until it has come.
 */
final class StormWriter {
  /** Ends in a row after which a delivery is put off. */
  private static final int MOST_ENDS = 10_000;

  /** Ends of a script, at most: the kernel needs 100 microseconds for each. */
  private static final int ENDS = 12_000;

  private static final long LONG_AFTER = 80_000_000;
  private static final int FIRST_PIN = 16;
  private static final int PINS = 8;
  private static final int LEVEL = 0x8000;
  private static final int MASKED = 0x10000;
  private static final int LOGICAL = 0x800;

  private final ScriptState world;
  private final SeededRandom dice;
  private final List<Group> groups = new ArrayList<>();
  private int ended;

  StormWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** A pin, its line and how many of its ends in a row found that high. */
  private static final class Pin {
    final int number;
    boolean high;
    boolean masked;
    boolean remote;
    int ends;

    Pin(int number) {
      this.number = number;
    }

    boolean waits() {
      return high && !masked;
    }
  }

  /** Pins of one vector, and the vCPUs that get it, which get no other. */
  private static final class Group {
    final List<Pin> pins = new ArrayList<>();
    final List<Integer> vcpus = new ArrayList<>();

    /** Those of them where the vector is pending. */
    final List<Integer> pending = new ArrayList<>();

    int entry;

    void deliver(Pin pin) {
      if (pin.waits() && !pin.remote) {
        pin.remote = true;
        pending.clear();
        pending.addAll(vcpus);
      }
    }

    /** The vCPU takes the vector and ends it; whether that puts a delivery off. */
    boolean end(int vcpu) {
      boolean off = false;
      pending.remove(/* element */ (Integer) vcpu);
      for (Pin pin : pins) {
        pin.remote = false;
        pin.ends = pin.waits() ? pin.ends + 1 : 0;
        if (pin.ends == MOST_ENDS) {
          pin.ends = 0;
          off = true;
        } else {
          deliver(pin);
        }
      }
      return off;
    }

    /** How many ends at that vCPU come next, up to one that would put a delivery off. */
    int ahead(int vcpu) {
      if (!pending.contains(vcpu)) {
        return 0;
      }
      return pins.stream().filter(Pin::waits).mapToInt(pin -> MOST_ENDS - pin.ends).min().orElse(1);
    }
  }

  /** Writes all of the script but the last looks. */
  void write(Machine vm) {
    int vcpus = dice.between(1, 3);
    for (int i = 0; i < vcpus; i++) {
      world.add("vcpu_create", vm.name, name(i), i);
      vm.vcpus.put(name(i), i);
      world.add("lapic_set", vm.name, name(i), "svr=0x1ff", "ldr=" + hex(1 << (24 + i)));
    }
    makeGroups(vm, vcpus);
    for (Group group : groups) {
      group.pins.forEach(pin -> line(vm, group, pin, true));
    }
    int steps = dice.between(8, 30);
    for (int i = 0; i < steps; i++) {
      step(vm);
    }
  }

  private void makeGroups(Machine vm, int vcpus) {
    List<Integer> pins = new ArrayList<>();
    for (int i = 0; i < PINS; i++) {
      pins.add(FIRST_PIN + i);
    }
    int first = dice.between(1, vcpus);
    group(vm, 0, first, pins);
    if (first < vcpus) {
      group(vm, first, vcpus, pins);
    }
  }

  private void group(Machine vm, int from, int to, List<Integer> free) {
    Group group = new Group();
    int destination = 0;
    for (int vcpu = from; vcpu < to; vcpu++) {
      group.vcpus.add(vcpu);
      destination |= 1 << vcpu;
    }
    boolean one = group.vcpus.size() == 1;
    boolean logical = !one || dice.chance(50);
    int mode = one && dice.chance(30) ? 1 : 0;
    int vector = dice.of(0x30, 0x41, 0x50, 0xa0, 0xef) + from;
    group.entry = vector | mode << 8 | (logical ? LOGICAL : 0) | LEVEL;
    int pins = dice.between(1, 2);
    for (int i = 0; i < pins; i++) {
      group.pins.add(new Pin(free.remove(/* index */ dice.below(free.size()))));
    }
    // In this order an end goes through them.
    group.pins.sort(Comparator.comparingInt(pin -> pin.number));
    for (Pin pin : group.pins) {
      world.add(
          "ioapic_set_redir",
          vm.name,
          pin.number,
          vector,
          mode,
          logical ? 1 : 0,
          logical ? destination : from,
          0,
          1,
          0);
    }
    groups.add(group);
  }

  private void step(Machine vm) {
    Group group = dice.of(groups);
    Pin pin = dice.of(group.pins);
    switch (dice.weighted(new int[] {40, 12, 12, 8, 8, 8, 6, 6})) {
      case 0 -> serve(vm, group);
      case 1 -> line(vm, group, pin, true);
      case 2 -> line(vm, group, pin, dice.chance(50));
      case 3 -> mask(vm, group, pin, dice.chance(50));
      case 4 -> mask(vm, group, pin, false);
      case 5 -> world.add("get_ioapic", vm.name);
      case 6 -> world.add("get_lapic", vm.name, name(dice.of(group.vcpus)));
      default -> world.add("ioapic_set", vm.name, "id=" + dice.below(16));
    }
  }

  private void line(Machine vm, Group group, Pin pin, boolean high) {
    world.add("irq_line", vm.name, pin.number, high ? 1 : 0);
    pin.high = high;
    group.deliver(pin);
  }

  /** By the guest. */
  private void mask(Machine vm, Group group, Pin pin, boolean masked) {
    String value = hex(group.entry | (masked ? MASKED : 0));
    String vcpu = name(dice.of(group.vcpus));
    world.add("guest_ioapic_write", vm.name, vcpu, hex(0x10 + 2 * pin.number), value);
    pin.masked = masked;
    group.deliver(pin);
  }

  private void serve(Machine vm, Group group) {
    int vcpu = dice.of(group.vcpus);
    int ahead = group.ahead(vcpu);
    int times =
        ahead <= 1 || ended + ahead > ENDS
            ? dice.between(1, Math.max(1, Math.min(ahead, 20)))
            : switch (dice.below(8)) {
              case 0 -> ahead - 1;
              case 1, 2 -> dice.between(1, Math.min(ahead, 40));
              default -> ahead;
            };
    if (ahead == 1 && group.pins.stream().noneMatch(Pin::waits)) {
      // It stops by itself.
      times = dice.of(1, 2, 20_000);
    }
    world.add("guest_serve", vm.name, name(vcpu), times);
    boolean off = false;
    for (int i = 0; i < times && group.pending.contains(vcpu); i++) {
      off |= group.end(vcpu);
      ended++;
    }
    if (off) {
      world.add("advance", vm.name, LONG_AFTER);
      groups.forEach(each -> each.pins.forEach(each::deliver));
    }
  }

  private static String name(int vcpu) {
    return "c" + vcpu;
  }
}
