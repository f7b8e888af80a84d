package dev.virq.live;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a script has made so far, as far as its writer needs to know, and its text.
 *
 * <p>A guess, not a model: that a creation was refused, say, is not noticed.
 */
final class ScriptState {
  /** A VM: its vCPUs and the GSIs and vectors that its tables name. */
  static final class Machine {
    final String name;
    final Map<String, Integer> vcpus = new LinkedHashMap<>();
    final Set<Integer> gsis = new LinkedHashSet<>();
    boolean split;
    boolean controller;

    /** Whether it may have a PIT. */
    boolean pit;

    Machine(String name) {
      this.name = name;
    }
  }

  /**
   * A binding that was asked for.
   *
   * @param vm the VM's name
   * @param eventfd the descriptor's name
   * @param gsi as written
   */
  record Binding(String vm, String eventfd, int gsi) {}

  final SeededRandom dice;

  /** Vectors that pins and messages of this script use, few so that they meet. */
  final List<Integer> vectors = new ArrayList<>();

  final List<Machine> machines = new ArrayList<>();
  final List<String> eventfds = new ArrayList<>();
  final List<String> pipes = new ArrayList<>();

  /** Eventfds that are resample targets and never triggers, unless this script has chains. */
  final List<String> resampleTargets = new ArrayList<>();

  /**
   * Whether resample targets may be bound themselves, so that an end of interrupt fires the next
   * irqfd. Then no irqfd may raise an NMI or INIT: whether a deferred one still meets the guest
   * operation that caused it is a race, on any kernel.
   */
  final boolean chains;

  /** Whether vCPUs may have numbers that are no id of 8 bits. */
  boolean wideIds;

  /** Whether messages may have destinations of 32 bits. */
  boolean wideMessages;

  final List<Binding> bindings = new ArrayList<>();

  private final StringBuilder text = new StringBuilder();
  private int operations;

  ScriptState(SeededRandom dice) {
    this.dice = dice;
    this.chains = dice.chance(40);
    int count = dice.between(3, 6);
    for (int i = 0; i < count; i++) {
      vectors.add(
          dice.chance(75)
              ? dice.of(0x20, 0x21, 0x30, 0x31, 0x41, 0x45, 0x50, 0x51, 0x80, 0xa0, 0xef, 0xfe)
              : dice.below(256));
    }
  }

  /** Adds an operation. */
  void add(Object... words) {
    for (int i = 0; i < words.length; i++) {
      text.append(i == 0 ? "" : " ").append(words[i]);
    }
    text.append('\n');
    operations++;
  }

  /** How many operations there are. */
  int operations() {
    return operations;
  }

  /** The script. */
  String text() {
    return text.toString();
  }

  /** A VM that is open. */
  Machine machine() {
    return dice.of(machines);
  }

  /** A vCPU of the VM, now and then one that does not exist. */
  String vcpu(Machine vm) {
    return vm.vcpus.isEmpty() || dice.chance(1) ? "c9" : dice.of(List.copyOf(vm.vcpus.keySet()));
  }

  /** A name of that letter that nothing open has; null when there are enough. */
  String free(char letter, int most) {
    for (int i = 0; i < most; i++) {
      String name = letter + Integer.toString(i);
      if (!eventfds.contains(name)
          && !pipes.contains(name)
          && !resampleTargets.contains(name)
          && machines.stream().noneMatch(vm -> vm.name.equals(name))) {
        return name;
      }
    }
    return null;
  }

  /** A descriptor, mostly of an eventfd. */
  String descriptor() {
    if (eventfds.isEmpty() || dice.chance(2)) {
      return pipes.isEmpty() || dice.chance(50) ? "e9" : dice.of(pipes);
    }
    return dice.of(eventfds);
  }

  /** A descriptor to be a resample target. */
  String resampleTarget() {
    if (chains) {
      return descriptor();
    }
    return dice.chance(3) ? "e9" : dice.of(resampleTargets);
  }

  /** A GSI, mostly one with a route. */
  int gsi(Machine vm) {
    if (dice.chance(4)) {
      return dice.of(24, 63, 1023, 4095, 4096, 65536, -1);
    }
    if (!vm.gsis.isEmpty() && dice.chance(70)) {
      return dice.of(List.copyOf(vm.gsis));
    }
    return dice.below(24);
  }

  /** A vector, mostly one of this script's few. */
  int vector() {
    return dice.chance(92) ? dice.of(vectors) : dice.below(256);
  }
}
