package dev.virq.vm;

import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.routing.RoutingEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VM, whole, without its irqfds.
 *
 * @param irqchip which controller it has, or null
 * @param reservedPins pins reserved for user space; 0 without a split controller
 * @param bootVcpu number of the boot processor
 * @param x2apic flags of KVM_CAP_X2APIC_API
 * @param vcpus those of a VM without controller, in creation order; empty with one, whose chips
 *     have them
 * @param routing the routing table, in its order; empty without a controller
 * @param chips the controller; null without one
 */
public record VmState(
    IrqChip.@Nullable Kind irqchip,
    int reservedPins,
    int bootVcpu,
    int x2apic,
    List<PlainVcpu> vcpus,
    List<RoutingEntry> routing,
    HostPort.@Nullable Whole chips) {
  /**
   * A vCPU without a local APIC.
   *
   * @param number its number
   * @param nmis NMIs not taken yet
   * @param nmiMasked whether it takes none
   * @param base the APIC base
   * @param x2apic whether its CPUID table has x2APIC
   */
  public record PlainVcpu(int number, int nmis, boolean nmiMasked, long base, boolean x2apic) {}

  /** Copies the lists. */
  public VmState {
    vcpus = List.copyOf(vcpus);
    routing = List.copyOf(routing);
  }
}
