package dev.virq.vm;

import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;

/** Makes in a new VM what another one had. */
public final class VmRestore {
  private VmRestore() {}

  /**
   * Gives a new VM all that there is, each thing by the call that makes it: controller, vCPUs,
   * routes. {@link Vm#become} follows.
   *
   * @throws ErrnoException as those calls
   */
  public static void build(Vm vm, VmState state) {
    IrqChip.Kind kind = state.irqchip();
    if (kind != null) {
      vm.createIrqchip(kind, state.reservedPins());
    }
    vm.vcpus().setBoot(state.bootVcpu());
    state.vcpus().forEach(vcpu -> vm.vcpus().create(vcpu.number()));
    HostPort.Whole chips = state.chips();
    if (chips != null) {
      chips.numbers().forEach(number -> vm.vcpus().create(number));
    }
    IrqChip chip = vm.irqchip();
    if (chip != null && !chip.routing().entries().equals(state.routing())) {
      vm.setRouting(state.routing(), 0);
    }
    // Routes may be older than it, and would be refused.
    vm.agreeToX2Apic(state.x2apic());
  }
}
