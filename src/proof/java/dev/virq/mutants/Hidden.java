package dev.virq.mutants;

/**
 * The classes of the product that broken copies change and that are not visible here. All others
 * are named by their literal, so that the compiler notices when one is renamed or moved; these are
 * looked up by name, so that every broken copy does.
 */
final class Hidden {
  static final Class<?> DRAIN = named("sandbox.Drain");
  static final Class<?> PLACES = named("workqueue.Places");

  static final Class<?> FREED_CALLBACKS = named("irqfd.FreedCallbacks");
  static final Class<?> ENDS = named("irqfd.Ends");
  static final Class<?> INJECTION = named("irqfd.Injection");
  static final Class<?> INJECTION_COUNTS = named("irqfd.InjectionCounts");
  static final Class<?> RESAMPLER = named("irqfd.Resampler");

  static final Class<?> READ_SIDE = named("srcu.ReadSide");
  static final Class<?> COUNTERS = named("srcu.Counters");
  static final Class<?> UPDATE_SIDE = named("srcu.UpdateSide");
  static final Class<?> QUIET_WAIT = named("srcu.QuietWait");
  static final Class<?> CALL = named("srcu.Call");
  static final Class<?> CALLBACKS = named("srcu.Callbacks");

  static final Class<?> VM_IRQFD_EVENTS = named("host.VmIrqfdEvents");
  static final Class<?> VM_TABLE = named("host.VmTable");

  static final Class<?> PIC = named("chip.Pic");
  static final Class<?> IO_APIC = named("chip.IoApic");
  static final Class<?> GUEST_MEMORY = named("irqchip.GuestMemory");
  static final Class<?> PIT_CHANNEL = named("pit.PitChannel");
  static final Class<?> PIT_TICKS = named("pit.PitTicks");
  static final Class<?> PIT_WIRE = named("irqchip.PitWire");
  static final Class<?> STORM_THROTTLE = named("chip.StormThrottle");
  static final Class<?> RTC_TRACKER = named("chip.RtcTracker");

  static final Class<?> LAPIC_TIMER = named("lapic.LapicTimer");
  static final Class<?> NMIS = named("lapic.Nmis");
  static final Class<?> LOCAL_VECTORS = named("lapic.LocalVectors");
  static final Class<?> PENDING_VECTORS = named("lapic.PendingVectors");
  static final Class<?> APIC_MAP = named("lapic.ApicMap");

  static final Class<?> VCPUS = named("vm.Vcpus");

  static final Class<?> BULK_WRITES = named("api.bulk.BulkWrites");

  private Hidden() {}

  private static Class<?> named(String name) {
    try {
      return Class.forName("dev.virq." + name, false, Hidden.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(
          "broken copies change dev.virq.%s, which no longer exists: give its new name in Hidden"
              .formatted(name),
          e);
    }
  }
}
