package dev.virq.snapshot;

import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.routing.RoutingEntry;
import dev.virq.stats.LineCounters;
import dev.virq.vm.VmState;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A VM in a snapshot.
 *
 * @param number its number
 * @param name the caller's label, or null
 * @param references its descriptor's, and one for each irqfd
 * @param irqchip which controller it has, or null
 * @param reservedPins pins reserved for user space; 0 without a split controller
 * @param bootVcpu number of the boot processor
 * @param x2apic flags of KVM_CAP_X2APIC_API
 * @param vcpus those of a VM without controller, in creation order
 * @param routing the routing table, in its order; empty without a controller
 * @param chips the controller; null without one
 * @param lines what is counted, by line, in order
 */
public record VmEntry(
    long number,
    @Nullable String name,
    int references,
    IrqChip.@Nullable Kind irqchip,
    int reservedPins,
    int bootVcpu,
    int x2apic,
    List<VmState.PlainVcpu> vcpus,
    List<Route> routing,
    HostPort.@Nullable Whole chips,
    List<Line> lines) {
  /**
   * A route: to a pin, with {@code chip} and {@code pin}, or to a message, with {@code address},
   * {@code data} and {@code addressHigh}.
   *
   * @param gsi the line
   * @param flags flag bits
   * @param chip 0 master 8259, 1 slave 8259, 2 I/O APIC
   * @param pin the chip's pin
   * @param address lower 32 bits
   * @param data 32 bits
   * @param addressHigh upper 32 bits
   */
  public record Route(
      long gsi,
      long flags,
      @Nullable Long chip,
      @Nullable Long pin,
      @Nullable Long address,
      @Nullable Long data,
      @Nullable Long addressHigh) {
    static Route of(RoutingEntry entry) {
      return switch (entry) {
        case RoutingEntry.Pin to ->
            new Route(to.gsi(), to.flags(), to.chip(), to.pin(), null, null, null);
        case RoutingEntry.Message to ->
            new Route(to.gsi(), to.flags(), null, null, to.address(), to.data(), to.addressHigh());
        case RoutingEntry.Other to -> throw new IllegalStateException(to + " was not refused");
      };
    }

    /** The entry; null when it is neither of both. */
    @Nullable RoutingEntry entry() {
      if (chip != null && pin != null && address == null && data == null && addressHigh == null) {
        return new RoutingEntry.Pin(gsi, chip, pin, flags);
      }
      if (chip == null && pin == null && address != null && data != null && addressHigh != null) {
        return new RoutingEntry.Message(gsi, address, data, addressHigh, flags);
      }
      return null;
    }
  }

  /**
   * The counters of a line.
   *
   * @param gsi its number
   * @param signalled signals accepted
   * @param injected signals that reached the VM
   * @param coalesced signals merged with a queued injection
   * @param ignored signals to a line that leads nowhere
   * @param dropped signals that found the relation severed
   * @param lineDelivered raises that were accepted or latched
   * @param lineCoalesced raises merged with a request
   * @param lineIgnored raises that were masked, had to wait, or led nowhere
   */
  public record Line(
      long gsi,
      long signalled,
      long injected,
      long coalesced,
      long ignored,
      long dropped,
      long lineDelivered,
      long lineCoalesced,
      long lineIgnored) {
    static Line of(Map.Entry<Long, LineCounters.Snapshot> line) {
      LineCounters.Snapshot counted = line.getValue();
      return new Line(
          line.getKey(),
          counted.signalled(),
          counted.injected(),
          counted.coalesced(),
          counted.ignored(),
          counted.dropped(),
          counted.lineDelivered(),
          counted.lineCoalesced(),
          counted.lineIgnored());
    }

    /** Its events are in no log of the new host. */
    LineCounters.Snapshot counters() {
      return new LineCounters.Snapshot(
          signalled,
          injected,
          coalesced,
          ignored,
          dropped,
          lineDelivered,
          lineCoalesced,
          lineIgnored,
          0);
    }
  }

  /** Copies the lists. */
  public VmEntry {
    vcpus = List.copyOf(vcpus);
    routing = List.copyOf(routing);
    lines = List.copyOf(lines);
  }

  static VmEntry of(
      long number,
      @Nullable String name,
      int references,
      VmState state,
      SortedMap<Long, LineCounters.Snapshot> lines) {
    return new VmEntry(
        number,
        name,
        references,
        state.irqchip(),
        state.reservedPins(),
        state.bootVcpu(),
        state.x2apic(),
        state.vcpus(),
        state.routing().stream().map(Route::of).toList(),
        state.chips(),
        lines.entrySet().stream().map(Line::of).toList());
  }

  /** What the VM itself has; every route is one. */
  VmState state() {
    List<RoutingEntry> entries = routing.stream().map(VmEntry::entry).toList();
    return new VmState(irqchip, reservedPins, bootVcpu, x2apic, vcpus, entries, chips);
  }

  private static RoutingEntry entry(Route route) {
    RoutingEntry entry = route.entry();
    if (entry == null) {
      throw new IllegalStateException(route + " was not refused");
    }
    return entry;
  }
}
