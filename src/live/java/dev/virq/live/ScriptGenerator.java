package dev.virq.live;

import dev.virq.live.ScriptState.Machine;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes scripts from a seed. Script number n of a seed is always the same.
 *
 * <p>Each script has a theme that says how often it does what, begins with what the theme needs,
 * and ends with a look at everything that can be read.
 */
final class ScriptGenerator {
  private static final int SHORTEST = 100;
  private static final int LONGEST = 260;

  /** What a script may do, in the order of the weights of themes. */
  private enum Deed {
    OBJECTS,
    DESCRIPTORS,
    BINDINGS,
    LINES,
    ROUTES,
    MESSAGES,
    PINS,
    PIC_STATE,
    LAPIC_STATE,
    LOOKS,
    SERVICE,
    PORTS,
    PIN_REGISTERS,
    LAPIC_REGISTERS,
    TIMERS,
    RUN_STATES,
    MODES,
    PIT
  }

  /** Fewest and most vCPUs at the beginning, and how often each deed is done. */
  private enum Theme {
    LIVES(0, 0, 18, 35, 35, 6, 2, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0),
    LINES(0, 0, 1, 18, 14, 26, 7, 2, 15, 9, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0),
    MESSAGES(1, 4, 1, 6, 5, 6, 8, 30, 8, 1, 12, 10, 13, 0, 0, 2, 0, 2, 0, 0),
    PIC(1, 2, 0, 6, 5, 22, 3, 1, 3, 5, 2, 6, 3, 44, 1, 1, 0, 1, 0, 0),
    PINS(1, 3, 0, 7, 6, 22, 4, 3, 18, 1, 4, 8, 16, 1, 12, 2, 0, 1, 0, 0),
    RESAMPLE(1, 3, 0, 14, 14, 14, 5, 2, 12, 2, 3, 8, 14, 8, 8, 1, 0, 1, 0, 0),
    REGISTERS(1, 4, 0, 3, 2, 8, 3, 12, 6, 0, 8, 12, 12, 1, 6, 26, 0, 2, 0, 0),
    RTC(1, 3, 0, 4, 3, 28, 3, 3, 18, 0, 8, 8, 18, 1, 6, 3, 0, 0, 0, 0),
    SPLIT(1, 3, 0, 8, 8, 8, 12, 18, 2, 0, 8, 6, 18, 2, 1, 8, 0, 2, 0, 0),
    MIXED(0, 4, 3, 9, 9, 9, 7, 9, 8, 6, 7, 8, 9, 9, 6, 6, 0, 2, 0, 0),
    TIMERS(1, 3, 0, 3, 3, 6, 2, 6, 4, 0, 0, 10, 14, 0, 2, 0, 34, 1, 0, 0),
    HALTS(0, 3, 2, 2, 3, 8, 3, 10, 3, 2, 6, 4, 8, 2, 3, 6, 0, 46, 0, 0),
    X2APIC(2, 5, 1, 4, 3, 6, 4, 18, 5, 0, 10, 12, 12, 2, 4, 8, 0, 1, 45, 0),
    PIT(1, 3, 2, 3, 3, 8, 4, 3, 10, 3, 6, 8, 14, 14, 8, 6, 0, 2, 0, 40),
    STORM(0, 0);

    private final int fewestVcpus;
    private final int mostVcpus;

    @SuppressWarnings("ImmutableEnumChecker") // never written
    private final int[] weights;

    Theme(int fewestVcpus, int mostVcpus, int... weights) {
      this.fewestVcpus = fewestVcpus;
      this.mostVcpus = mostVcpus;
      this.weights = weights;
    }
  }

  /** One script in so many has a PIT: each of its operations takes milliseconds. */
  private static final int PITS = 80;

  /** One in so many has a storm: it takes seconds. */
  private static final int STORMS = 600;

  private static final List<Theme> USUAL =
      Stream.of(Theme.values())
          .filter(theme -> theme != Theme.PIT && theme != Theme.STORM)
          .toList();

  private static final List<Deed> DEEDS = List.of(Deed.values());

  private final SeededRandom dice;
  private final ScriptState world;
  private final Theme theme;
  private final ObjectWriter objects;
  private final ChipWriter chips;
  private final GuestWriter guest;
  private final RunStateWriter runStates;
  private final ModeWriter modes;
  private final PitWriter pits;
  private final StormWriter storms;

  private ScriptGenerator(long seed, @Nullable Theme only) {
    dice = new SeededRandom(seed);
    world = new ScriptState(dice);
    theme = only == null ? theme(dice) : only;
    objects = new ObjectWriter(world);
    chips = new ChipWriter(world, theme == Theme.RTC ? 60 : 5);
    guest = new GuestWriter(world);
    runStates = new RunStateWriter(world);
    modes = new ModeWriter(world);
    pits = new PitWriter(world);
    storms = new StormWriter(world);
    world.wideIds = theme == Theme.X2APIC && dice.chance(50);
  }

  private static Theme theme(SeededRandom dice) {
    if (dice.below(STORMS) == 0) {
      return Theme.STORM;
    }
    return dice.below(PITS) == 0 ? Theme.PIT : dice.of(USUAL);
  }

  /** The text of script number n of the seed. */
  static String script(long seed, long number) {
    return script(seed, number, null);
  }

  /**
   * As the other.
   *
   * @param theme name of the only theme; null for each as often as it comes
   */
  static String script(long seed, long number, @Nullable String theme) {
    return new ScriptGenerator(
            seed * 0x9e3779b97f4a7c15L + number, theme == null ? null : Theme.valueOf(theme))
        .write();
  }

  private String write() {
    if (theme == Theme.STORM) {
      Machine vm = objects.createVm();
      objects.createFull(vm);
      storms.write(vm);
    } else {
      mix();
    }
    world.machines.forEach(chips::lookAtAll);
    return world.text();
  }

  private void mix() {
    begin();
    int length = dice.between(SHORTEST, LONGEST);
    while (world.operations() < length) {
      if (world.machines.isEmpty()) {
        objects.createVm();
      }
      step(DEEDS.get(dice.weighted(theme.weights)));
    }
  }

  private void begin() {
    objects.createResampleTargets();
    Machine vm = objects.createVm();
    if (theme == Theme.LIVES && dice.chance(50)) {
      return;
    }
    if (theme == Theme.HALTS && dice.chance(10)) {
      // Without a local APIC a vCPU has NMIs all the same.
      objects.createVcpu(vm);
      objects.createVcpu(vm);
      return;
    }
    if (theme == Theme.SPLIT || (theme == Theme.X2APIC && dice.chance(25))) {
      objects.createSplit(vm);
    } else {
      objects.createFull(vm);
    }
    if (theme == Theme.PIT && dice.chance(95)) {
      pits.create(vm);
    }
    if (dice.chance(25)) {
      objects.chooseBoot(vm);
    }
    if (theme == Theme.X2APIC && dice.chance(40)) {
      modes.agree(vm);
    }
    int vcpus = dice.between(theme.fewestVcpus, theme.mostVcpus);
    for (int i = 0; i < vcpus; i++) {
      objects.createVcpu(vm);
    }
    for (String vcpu : vm.vcpus.keySet()) {
      if (theme == Theme.X2APIC) {
        modes.begin(vm, vcpu);
      }
      if (theme == Theme.TIMERS && dice.chance(70)) {
        // Before the guest runs.
        if (dice.chance(30)) {
          world.add("vcpu_cpuid", vm.name, vcpu);
        } else {
          world.add("vcpu_cpuid", vm.name, vcpu, "tsc-deadline");
        }
      }
      if (theme == Theme.TIMERS || dice.chance(90)) {
        chips.enable(vm, vcpu);
      }
    }
    if (theme == Theme.PIC || dice.chance(15)) {
      guest.initialisePics(vm);
    }
    if (vcpus > 0) {
      int pins = vm.split ? 0 : dice.between(0, 4);
      for (int i = 0; i < pins; i++) {
        chips.redirect(vm);
      }
    }
    if (vm.split || dice.chance(30)) {
      chips.route(vm);
    }
    int eventfds = dice.between(1, 3);
    for (int i = 0; i < eventfds; i++) {
      objects.createEventfd();
      if (dice.chance(60)) {
        objects.bind(vm);
      }
    }
  }

  private void step(Deed deed) {
    Machine vm = world.machine();
    switch (deed) {
      case OBJECTS -> objects.create(vm);
      case DESCRIPTORS -> objects.descriptor();
      case BINDINGS -> objects.binding(vm);
      case LINES -> chips.line(vm);
      case ROUTES -> chips.route(vm);
      case MESSAGES -> chips.message(vm);
      case PINS -> chips.pins(vm);
      case PIC_STATE -> chips.picState(vm);
      case LAPIC_STATE -> chips.lapicState(vm);
      case LOOKS -> chips.look(vm);
      case SERVICE -> guest.serve(vm);
      case PORTS -> guest.port(vm);
      case PIN_REGISTERS -> guest.pinRegister(vm);
      case LAPIC_REGISTERS -> guest.lapicRegister(vm);
      case TIMERS -> guest.timer(vm);
      case RUN_STATES -> runStates.step(vm);
      case MODES -> modes.deed(vm);
      case PIT -> pits.step(vm);
    }
  }
}
