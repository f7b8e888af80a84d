package dev.virq.live;

import dev.virq.live.ScriptState.Binding;
import dev.virq.live.ScriptState.Machine;

/** Operations on VMs, descriptors and irqfds. */
final class ObjectWriter {
  private static final int VMS = 3;
  private static final int EVENTFDS = 6;
  private static final int VCPUS = 5;

  private final ScriptState world;
  private final SeededRandom dice;

  ObjectWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** A VM; the last one when there are enough. */
  Machine createVm() {
    String name = world.free('v', VMS);
    if (name == null) {
      return world.machines.getLast();
    }
    world.add("vm_create", name);
    Machine vm = new Machine(name);
    world.machines.add(vm);
    return vm;
  }

  /** A full controller. */
  void createFull(Machine vm) {
    world.add("irqchip_create", vm.name);
    vm.controller = true;
  }

  /** Local APICs only. */
  void createSplit(Machine vm) {
    int pins = dice.chance(80) ? 24 : dice.of(0, 1, 8, 255, 256, 280, 4096, 4097);
    world.add("split_irqchip_create", vm.name, pins);
    vm.split = !vm.controller;
    vm.controller = true;
  }

  /** The choice of a boot processor; one in time is mostly among the next vCPUs. */
  void chooseBoot(Machine vm) {
    int id =
        vm.vcpus.isEmpty() || dice.chance(70)
            ? dice.below(3)
            : dice.of(4, 255, 4095, 4096, 4097, -1);
    world.add("boot_vcpu", vm.name, text(id));
  }

  /** A vCPU, mostly with the next number. */
  void createVcpu(Machine vm) {
    int next = vm.vcpus.size();
    if (next == VCPUS) {
      return;
    }
    int id = dice.chance(90) ? next : dice.of(0, 1, 2, 3, 4, 5, 6, 7, 15, 254, 255, 4096);
    if (world.wideIds && dice.chance(30)) {
      id = dice.of(15, 16, 17, 255, 256, 257, 300, 511, 4095);
    }
    if (vm.vcpus.containsValue(id) || id > 4095) {
      world.add("vcpu_create", vm.name, "c9", id);
      return;
    }
    String name = "c" + next;
    world.add("vcpu_create", vm.name, name, id);
    vm.vcpus.put(name, id);
  }

  /** An object that lives with a VM, or a VM itself; now and then the end of one. */
  void create(Machine vm) {
    switch (dice.weighted(new int[] {30, 25, 10, 25, 8, 12})) {
      case 0 -> {
        Machine created = createVm();
        if (!created.controller && dice.chance(70)) {
          createFull(created);
        }
      }
      case 1 -> createFull(vm);
      case 2 -> createSplit(vm);
      case 3 -> createVcpu(vm);
      case 4 -> chooseBoot(vm);
      default -> {
        world.add("vm_close", vm.name);
        world.machines.remove(vm);
        world.bindings.removeIf(binding -> binding.vm().equals(vm.name));
        if (dice.chance(20)) {
          world.add("irqfd_deassign", vm.name, world.descriptor(), 5);
        }
      }
    }
  }

  /** An eventfd, if there are not enough. */
  void createEventfd() {
    String name = world.free('e', EVENTFDS);
    if (name != null) {
      String initial = dice.of("0", "0", "0", "1", "5", "0xffffffff");
      if (dice.chance(25)) {
        world.add("eventfd_create", name, initial, "semaphore");
      } else {
        world.add("eventfd_create", name, initial);
      }
      world.eventfds.add(name);
    }
  }

  /** What resample irqfds signal, if this script keeps it apart. */
  void createResampleTargets() {
    for (int i = 0; i < 2 && !world.chains; i++) {
      String name = "r" + i;
      world.add("eventfd_create", name, 0);
      world.resampleTargets.add(name);
    }
  }

  /** Something with a descriptor; writes to bound eventfds most of all. */
  void descriptor() {
    switch (dice.weighted(new int[] {14, 8, 7, 48, 14, 7, 2})) {
      case 0 -> createEventfd();
      case 1 -> duplicate();
      case 2 -> close();
      case 3 -> write();
      case 4 -> world.add("eventfd_read", readable());
      case 5 -> world.add("eventfd_poll", world.descriptor());
      default -> {
        String name = world.free('p', 2);
        if (name != null) {
          world.add("pipe_create", name);
          world.pipes.add(name);
        }
      }
    }
  }

  private String readable() {
    boolean target = !world.resampleTargets.isEmpty() && dice.chance(50);
    return target ? dice.of(world.resampleTargets) : world.descriptor();
  }

  private void duplicate() {
    String name = world.free('e', EVENTFDS);
    if (name != null && !world.eventfds.isEmpty()) {
      world.add("eventfd_dup", dice.of(world.eventfds), name);
      world.eventfds.add(name);
    }
  }

  private void close() {
    String name = world.descriptor();
    world.add("eventfd_close", name);
    world.eventfds.remove(name);
    world.pipes.remove(name);
  }

  private void write() {
    boolean target = !world.resampleTargets.isEmpty() && dice.chance(15);
    String name =
        target
            ? dice.of(world.resampleTargets)
            : !world.bindings.isEmpty() && dice.chance(75)
                ? dice.of(world.bindings).eventfd()
                : world.descriptor();
    // A resample target is filled, so that the end of an interrupt overflows it.
    String count =
        dice.chance(target ? 30 : 75)
            ? "1"
            : dice.of(
                "0",
                "2",
                "100",
                "0x7fffffffffffffff",
                "0xfffffffffffffffd",
                "0xfffffffffffffffe",
                "0xffffffffffffffff");
    world.add("eventfd_write", name, count);
  }

  /** Binds an eventfd to a line of the VM. */
  void bind(Machine vm) {
    String trigger = world.descriptor();
    int gsi = world.gsi(vm);
    String written = Integer.toUnsignedString(gsi);
    if (dice.chance(40)) {
      world.add("irqfd_assign_resample", vm.name, trigger, written, world.resampleTarget());
    } else {
      world.add("irqfd_assign", vm.name, trigger, written);
    }
    world.bindings.add(new Binding(vm.name, trigger, gsi));
  }

  /** Binds or unbinds. */
  void binding(Machine vm) {
    switch (dice.weighted(new int[] {55, 37, 8})) {
      case 0 -> bind(vm);
      case 1 -> {
        if (world.bindings.isEmpty() || dice.chance(12)) {
          world.add("irqfd_deassign", vm.name, world.descriptor(), text(world.gsi(vm)));
        } else {
          Binding binding = dice.of(world.bindings);
          world.bindings.remove(binding);
          world.add("irqfd_deassign", binding.vm(), binding.eventfd(), text(binding.gsi()));
        }
      }
      default -> {
        String flags = dice.of("0", "1", "2", "2", "3", "4", "7", "0x10", "0x80000000");
        String gsi = text(world.gsi(vm));
        if (dice.chance(70)) {
          world.add("irqfd_flags", vm.name, world.descriptor(), gsi, flags, world.resampleTarget());
        } else {
          world.add("irqfd_flags", vm.name, world.descriptor(), gsi, flags);
        }
      }
    }
  }

  private static String text(int gsi) {
    return Integer.toUnsignedString(gsi);
  }
}
