package dev.virq.host;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqchip.PitPort;
import java.util.function.Function;

/**
 * The calls on a VM's PIT: KVM_CREATE_PIT2, KVM_GET/SET_PIT2, KVM_REINJECT_CONTROL.
 *
 * <p>Any thread, no lock held. Every call answers EBADF when the VM is closed.
 */
public final class PitCalls {
  private final VmCalls vms;

  PitCalls(VmCalls vms) {
    this.vms = vms;
  }

  /**
   * Gives a VM a PIT.
   *
   * @param speaker whether it has the speaker's port
   * @throws ErrnoException EEXIST when it has one, ENOENT without a full controller
   */
  public PitPort.View create(long vm, boolean speaker) {
    return with(vm, Errno.ENOENT, port -> port.create(speaker));
  }

  /**
   * Reads or changes the PIT.
   *
   * @throws ErrnoException ENXIO when there is none
   */
  public PitPort.View call(long vm, Function<PitPort, PitPort.View> call) {
    return with(vm, Errno.ENXIO, call);
  }

  private PitPort.View with(long vm, Errno without, Function<PitPort, PitPort.View> call) {
    return vms.with(
        vm,
        file -> {
          IrqChip chip = file.vm().irqchip();
          if (chip == null) {
            throw new ErrnoException(without, "vm-" + vm + " has no interrupt controller");
          }
          return call.apply(chip.pit());
        });
  }
}
