package dev.virq.irqchip;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.lapic.ApicBase;
import dev.virq.lapic.ApicBus;
import dev.virq.lapic.Vcpu;
import dev.virq.lapic.X2Apic;
import org.jspecify.annotations.Nullable;

/**
 * The model-specific registers that a guest has: the APIC base, the deadline of the timer, and in
 * x2APIC mode those of the local APIC. Chip lock held. Where the guest would fault the answer is
 * EINVAL.
 */
public final class GuestMsrs {
  /** IA32_TSC_DEADLINE. */
  private static final long TSC_DEADLINE = 0x6e0;

  private final ApicBus bus;

  GuestMsrs(ApicBus bus) {
    this.bus = bus;
  }

  /**
   * Demands a register that is simulated; needs no lock.
   *
   * @throws ErrnoException EINVAL
   */
  static void require(long register) {
    if (register != TSC_DEADLINE && register != ApicBase.REGISTER && !X2Apic.has(register)) {
      throw new ErrnoException(
          Errno.EINVAL,
          "model-specific register %d is not simulated; %d, %d and %d to %d are"
              .formatted(register, ApicBase.REGISTER, TSC_DEADLINE, X2Apic.FIRST, X2Apic.LAST));
    }
  }

  /**
   * What a vCPU without a local APIC does with a register.
   *
   * @param base its APIC base
   * @param value what to store; null for a load
   * @throws ErrnoException EINVAL where the guest would fault, and for another register
   */
  public static Access plain(long vcpu, ApicBase base, long register, @Nullable Long value) {
    require(register);
    if (register == ApicBase.REGISTER) {
      if (value == null) {
        return Access.read(true, base.value());
      }
      refuse(vcpu, register, value, base.refusal(value, true));
      base.set(value);
      return Access.DONE;
    }
    if (register != TSC_DEADLINE) {
      throw new ErrnoException(
          Errno.EINVAL,
          "model-specific register %d: vCPU %d has no local APIC".formatted(register, vcpu));
    }
    return value == null ? Access.read(0) : Access.DONE;
  }

  /**
   * The end of interrupt by a vCPU without a local APIC: its base may say x2APIC mode all the same,
   * which has a register for it.
   *
   * @throws ErrnoException EINVAL in x2APIC mode
   */
  public static Access plainEnd(long vcpu, ApicBase base) {
    return base.extended() ? plain(vcpu, base, X2Apic.END, 0L) : Access.UNHANDLED;
  }

  /** A load. */
  Access read(Vcpu vcpu, long register) {
    if (register == TSC_DEADLINE) {
      return Access.read(true, bus.timers().deadline(vcpu));
    }
    if (register == ApicBase.REGISTER) {
      return Access.read(true, vcpu.apic().base().value());
    }
    Long value = bus.readX2Apic(vcpu, register);
    if (value == null) {
      throw new ErrnoException(
          Errno.EINVAL,
          "model-specific register %d of vCPU %d cannot be read%s"
              .formatted(
                  register,
                  vcpu.number(),
                  vcpu.apic().inX2Apic() ? "" : ": it is there in x2APIC mode only"));
    }
    return Access.read(true, value);
  }

  /**
   * A store.
   *
   * @param end ends the highest interrupt in service
   */
  Access write(Vcpu vcpu, long register, long value, GuestMemory.End end) {
    if (register == TSC_DEADLINE) {
      bus.timers().deadline(vcpu, value);
      return Access.DONE;
    }
    String refusal =
        register == ApicBase.REGISTER
            ? bus.rebase(vcpu, value, true)
            : bus.writeX2Apic(vcpu, register, value);
    refuse(vcpu.number(), register, value, refusal);
    return register != ApicBase.REGISTER && X2Apic.isEnd(register) ? end.of(vcpu) : Access.DONE;
  }

  /** Throws EINVAL when a store of that value is refused. */
  public static void refuse(long vcpu, long register, long value, @Nullable String refusal) {
    if (refusal != null) {
      throw new ErrnoException(
          Errno.EINVAL,
          "value 0x%x for model-specific register %d of vCPU %d: it %s"
              .formatted(value, register, vcpu, refusal));
    }
  }
}
