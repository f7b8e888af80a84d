package dev.virq.live;

import static dev.virq.live.SeededRandom.hex;

import dev.virq.live.ScriptState.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Operations on the PIT of which the answers do not depend on how fast time goes.
 *
 * <p>A count is looked at only when it is latched already, or one that stands still; an output only
 * long after it changes, or long before. Counter 0 never ticks but in a {@linkplain #ticks burst},
 * which ends when a load of the count has stopped the timer: the kernel waits for its ticks then.
 */
final class PitWriter {
  private static final int CONTROL = 0x43;
  private static final int SPEAKER = 0x61;
  private static final int CHANNELS = 3;

  /** A status and a count that are latched: how many loads each of them answers. */
  private static final int BOTH_BYTES = 3;

  private static final int READ_BACK = 0xc0;
  private static final int NO_COUNT = 0x20;
  private static final int NO_STATUS = 0x10;
  private static final int HPET = 1;

  /** Half an hour, at least: it does not pass while a script runs. */
  private static final long NEVER = 0x80000000L;

  private final ScriptState world;
  private final SeededRandom dice;
  private final Map<Machine, Registers> pits = new HashMap<>();

  PitWriter(ScriptState world) {
    this.world = world;
    this.dice = world.dice;
  }

  /** What is known of a PIT. */
  private static final class Registers {
    final List<Counter> counters = List.of(new Counter(), new Counter(), new Counter());
    int flags;
    final boolean speaker;

    Registers(boolean speaker) {
      this.speaker = speaker;
    }
  }

  /** What is known of a counter; as after a reset. */
  private static final class Counter {
    int mode = 0xff;

    /** -1 when it is not known. */
    long count = 0x10000;

    int rwMode;
    int countLatched;
    boolean statusLatched;

    /** Whether what is left of the count is the same at any time. */
    boolean still() {
      return mode == 3 ? count == 1 || count == 2 : !sinks() && count == 1;
    }

    private boolean sinks() {
      return mode == 0 || mode == 1 || mode == 4 || mode == 5;
    }

    /** Whether the output is the same a millisecond after a load and for the next hour. */
    boolean steady() {
      boolean over = count >= 1 && count <= 50;
      boolean ahead = count >= NEVER;
      return switch (mode) {
        case 2 -> count == 1 || ahead;
        case 3 -> count == 1 || ahead;
        default -> over || ahead;
      };
    }
  }

  /** Gives the VM a PIT. */
  void create(Machine vm) {
    boolean speaker = dice.chance(60);
    if (speaker) {
      world.add("pit_create", vm.name, "speaker");
    } else {
      world.add("pit_create", vm.name);
    }
    if (vm.controller && !vm.split && !vm.pit) {
      pits.put(vm, new Registers(speaker));
    }
    vm.pit = true;
  }

  /** Does something to the PIT, or to a VM that has none. */
  void step(Machine vm) {
    Registers pit = pits.get(vm);
    if (pit == null) {
      without(vm);
      return;
    }
    switch (dice.weighted(new int[] {14, 18, 14, 12, 10, 8, 8, 8, 4, 2})) {
      case 0 -> set(vm, pit);
      case 1 -> read(vm, pit);
      case 2 -> control(vm, pit);
      case 3 -> latch(vm, pit);
      case 4 -> load(vm, pit);
      case 5 -> speaker(vm, pit);
      case 6 -> ticks(vm, pit);
      case 7 -> world.add("get_pit", vm.name);
      case 8 -> world.add("pit_reinject", vm.name, dice.of(0, 0, 1, 1, 7));
      default -> create(vm);
    }
  }

  private void without(Machine vm) {
    // Where a PIT may have been made after all, its counts are not looked at.
    switch (dice.below(vm.pit ? 4 : 5)) {
      case 0 -> create(vm);
      case 1 -> world.add("get_pit", vm.name);
      case 2 -> world.add("pit_set", vm.name, "flags=0");
      case 3 -> world.add("pit_reinject", vm.name, dice.below(2));
      default ->
          world.add(
              "guest_in", vm.name, world.vcpu(vm), hex(dice.of(0x40, 0x41, CONTROL, SPEAKER)));
    }
  }

  // ---- the host

  /** Restores registers, always those that say whether counter 0 ticks. */
  private void set(Machine vm, Registers pit) {
    List<Object> words = new ArrayList<>(List.of("pit_set", vm.name));
    pit.flags = dice.chance(80) ? dice.below(4) : dice.below(1 << 30);
    words.add("flags=" + hex(pit.flags));
    boolean hpet = (pit.flags & HPET) != 0;
    for (int number = 0; number < CHANNELS; number++) {
      if (number == 0 || dice.chance(60)) {
        fields(words, "c" + number + "_", pit.counters.get(number), number > 0 || hpet);
      }
    }
    world.add(words.toArray());
  }

  /** Fields of a counter; one that would tick has to be far from it. */
  private void fields(List<Object> words, String prefix, Counter counter, boolean any) {
    int mode = dice.chance(75) ? dice.below(6) : dice.of(6, 7, 9, 200, 255);
    if (!any && (mode == 2 || mode == 3)) {
      mode = dice.of(5, 255);
    }
    boolean ticks = !any && (mode == 0 || mode == 1 || mode == 4);
    counter.mode = mode;
    counter.count =
        ticks || dice.chance(20)
            ? dice.of(0x80000000, 0xf0000000, 0xffffffff, 0xfffffffe) & 0xffffffffL
            : dice.of(0, 1, 1, 1, 1, 2, 2, 9, 50, 0x1234, 0x10000);
    words.add(prefix + "mode=" + mode);
    words.add(prefix + "count=" + counter.count);
    if (counter.count == 0) {
      counter.count = 0x10000;
    }
    if (dice.chance(70)) {
      counter.countLatched = dice.of(0, 1, 2, 3, 3, 4, 255);
      counter.statusLatched = dice.chance(40);
      words.add(prefix + "count_latched=" + counter.countLatched);
      words.add(prefix + "latched_count=" + hex(dice.below(0x10000)));
      words.add(prefix + "status_latched=" + (counter.statusLatched ? dice.of(1, 1, 2, 255) : 0));
      words.add(prefix + "status=" + dice.below(256));
    }
    if (dice.chance(50)) {
      counter.rwMode = dice.of(0, 1, 2, 3, 3, 7);
      words.add(prefix + "rw_mode=" + counter.rwMode);
      words.add(prefix + "read_state=" + dice.of(0, 1, 2, 3, 4, 9));
      words.add(prefix + "write_state=" + dice.of(0, 1, 2, 3, 4, 9));
      words.add(prefix + "write_latch=" + dice.below(256));
    }
    if (dice.chance(25)) {
      words.add(prefix + "gate=" + dice.of(0, 1, 1, 7));
      words.add(prefix + "bcd=" + dice.of(0, 1, 9));
    }
  }

  // ---- the guest

  private void read(Machine vm, Registers pit) {
    int number = dice.below(CHANNELS);
    Counter counter = pit.counters.get(number);
    if (counter.statusLatched) {
      counter.statusLatched = false;
    } else if (counter.countLatched != 0) {
      counter.countLatched = counter.countLatched == BOTH_BYTES ? 2 : 0;
    } else if (!counter.still()) {
      world.add("guest_in", vm.name, runner(vm), hex(dice.of(0x44, 0x3f)));
      return;
    }
    if (dice.chance(80)) {
      world.add("guest_in", vm.name, runner(vm), port(number));
    } else {
      // Across the end of the ports nothing is read.
      int bytes = number == 0 ? dice.of(1, 2, 4) : dice.of(1, 2);
      world.add("guest_port_read", vm.name, runner(vm), port(number), bytes);
    }
  }

  /** A control word that latches nothing. */
  private void control(Machine vm, Registers pit) {
    int number = dice.below(CHANNELS);
    Counter counter = pit.counters.get(number);
    int access = dice.between(1, 3);
    int mode = dice.below(8);
    counter.mode = mode > 5 ? mode - 4 : mode;
    counter.rwMode = access;
    out(vm, CONTROL, number << 6 | access << 4 | mode << 1 | dice.below(2));
  }

  /** Latches counts and status, where they do not change. */
  private void latch(Machine vm, Registers pit) {
    if (dice.chance(40)) {
      int number = dice.below(CHANNELS);
      Counter counter = pit.counters.get(number);
      if (counter.still() || counter.countLatched != 0) {
        latchCount(counter);
        out(vm, CONTROL, number << 6 | dice.below(16));
      }
      return;
    }
    int word = READ_BACK | dice.of(0, NO_COUNT, NO_COUNT, NO_STATUS, NO_COUNT | NO_STATUS);
    for (int number = 0; number < CHANNELS; number++) {
      Counter counter = pit.counters.get(number);
      boolean count = (word & NO_COUNT) == 0;
      boolean status = (word & NO_STATUS) == 0;
      boolean known =
          (!count || counter.still() || counter.countLatched != 0)
              && (!status || counter.statusLatched || (number > 0 && counter.steady()));
      if (known && dice.chance(60)) {
        word |= 2 << number;
        if (count) {
          latchCount(counter);
        }
        counter.statusLatched |= status;
      }
    }
    out(vm, CONTROL, word | dice.below(2));
  }

  private static void latchCount(Counter counter) {
    if (counter.countLatched == 0) {
      counter.countLatched = counter.rwMode;
    }
  }

  /** Stores a byte of a count; to counter 0 only while it is the HPET that ticks. */
  private void load(Machine vm, Registers pit) {
    int number = dice.below(CHANNELS);
    if (number == 0 && (pit.flags & HPET) == 0) {
      number = 2;
    }
    pit.counters.get(number).count = -1;
    if (dice.chance(80)) {
      out(vm, 0x40 + number, dice.of(0, 1, 1, 2, dice.below(256)));
    } else {
      String port = port(number);
      world.add("guest_port_write", vm.name, runner(vm), port, dice.of(1, 2, 4), dice.any32());
    }
  }

  /** The port of the speaker; a load of it shows a clock. */
  private void speaker(Machine vm, Registers pit) {
    if (!pit.speaker && dice.chance(30)) {
      world.add("guest_in", vm.name, runner(vm), hex(SPEAKER));
    } else if (dice.chance(80)) {
      out(vm, SPEAKER, dice.of(0, 1, 2, 3, 0xff, 0xfc));
    } else {
      String port = hex(dice.of(SPEAKER, SPEAKER, 0x60, 0x62));
      world.add("guest_port_write", vm.name, runner(vm), port, dice.of(1, 2, 4), dice.any32());
    }
    world.add("get_pit", vm.name);
  }

  private void out(Machine vm, int port, int value) {
    world.add("guest_out", vm.name, runner(vm), hex(port), hex(value));
  }

  /** A vCPU that runs, or what is known of the registers would be wrong. */
  private String runner(Machine vm) {
    String vcpu = vm.vcpus.isEmpty() ? "c9" : dice.of(List.copyOf(vm.vcpus.keySet()));
    world.add("mp_state_set", vm.name, vcpu, 0);
    return vcpu;
  }

  private static String port(int number) {
    return hex(0x40 + number);
  }

  // ---- ticks

  /** Counter 0 ticks once or often, is stopped, and some of it is served. */
  private void ticks(Machine vm, Registers pit) {
    pit.flags = dice.of(0, 2);
    boolean again = dice.chance(50);
    int mode = again ? dice.of(2, 3) : dice.of(0, 1, 4);
    stop(vm, pit);
    String vcpu = runner(vm);
    boolean lapic = dice.chance(60);
    if (dice.chance(70)) {
      receive(vm, vcpu, lapic);
    }
    if (!again && dice.chance(40)) {
      // 55 ms, so that the tick does not come while the vCPU that stores runs.
      out(vm, CONTROL, 1 << 4 | mode << 1);
      out(vm, 0x40, 0);
      world.add("advance", vm.name, 70_000_000);
    } else {
      String count = "c0_count=" + dice.between(1, 50);
      world.add("pit_set", vm.name, "flags=" + pit.flags, "c0_mode=" + mode, count);
      world.add("advance", vm.name, 3_000_000);
    }
    stop(vm, pit);
    // It made up more ticks than are served here, and forgets the rest.
    int rounds = dice.below(4);
    for (int i = 0; i < rounds; i++) {
      serve(vm, vcpu, lapic);
      stop(vm, pit);
      look(vm, vcpu, lapic);
    }
    Counter counter = pit.counters.getFirst();
    counter.mode = dice.of(0, 1, 4);
    counter.count = NEVER | dice.below(1 << 30);
    loadFirst(vm, pit);
    if (dice.chance(70)) {
      world.add("get_ioapic", vm.name);
      look(vm, vcpu, true);
      look(vm, vcpu, false);
    }
  }

  /** Loads counter 0 as it is noted. */
  private void loadFirst(Machine vm, Registers pit) {
    Counter counter = pit.counters.getFirst();
    world.add(
        "pit_set",
        vm.name,
        "flags=" + pit.flags,
        "c0_mode=" + counter.mode,
        "c0_count=" + counter.count);
  }

  /** Stops the ticks of counter 0, after those that are due; what it missed it makes up for. */
  private void stop(Machine vm, Registers pit) {
    Counter counter = pit.counters.getFirst();
    counter.mode = dice.of(5, 255);
    counter.count = dice.between(1, 0x10000);
    loadFirst(vm, pit);
  }

  /** Has the vCPU get interrupts of line 0 as a rule, by its local APIC or by the 8259 pair. */
  private void receive(Machine vm, String vcpu, boolean lapic) {
    if (lapic) {
      int id = vm.vcpus.getOrDefault(vcpu, 0);
      world.add("lapic_set", vm.name, vcpu, "svr=0x1ff", "tpr=0", "id=" + hex(id << 24));
      int trigger = dice.chance(85) ? 0 : 1;
      int vector = dice.chance(70) ? 0xfe : world.vector();
      world.add("ioapic_set_redir", vm.name, 0, vector, 0, 0, id & 0xff, 0, trigger, 0);
    } else {
      world.add("lapic_set", vm.name, vcpu, "lvt0=0x700");
      world.add("pic_set", vm.name, "master", "irr=0", "isr=0", "imr=" + dice.of("0", "0xfe"));
    }
  }

  private void serve(Machine vm, String vcpu, boolean lapic) {
    if (dice.chance(85)) {
      world.add(lapic ? "lapic_ack" : "pic_ack", vm.name, vcpu);
    }
    if (dice.chance(15)) {
      return;
    }
    if (lapic) {
      world.add("guest_eoi", vm.name, vcpu);
    } else {
      world.add("guest_out", vm.name, vcpu, "0x20", dice.of("0x20", "0x60", "0x60"));
    }
  }

  private void look(Machine vm, String vcpu, boolean lapic) {
    if (lapic) {
      world.add("get_lapic", vm.name, vcpu);
    } else {
      world.add("get_pic", vm.name);
    }
  }
}
