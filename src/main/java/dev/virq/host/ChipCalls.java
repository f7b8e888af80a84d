package dev.virq.host;

import dev.virq.chip.IrqLine;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.HostPort;
import dev.virq.irqchip.IrqChip;
import dev.virq.irqchip.PitPort;
import dev.virq.routing.RoutingEntry;
import dev.virq.routing.RoutingTable;
import dev.virq.stats.LineCounters;
import dev.virq.trace.Detail;
import dev.virq.trace.LineStatus;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import dev.virq.vm.Vm;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls on a VM's interrupt controllers and their lines: KVM_CREATE_IRQCHIP,
 * KVM_IRQ_LINE_STATUS, KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI, KVM_GET/SET_IRQCHIP.
 *
 * <p>Any thread, no lock held. Every call but looking at lines answers EBADF when the VM is closed.
 */
public final class ChipCalls {
  /** KVM_MSI_VALID_DEVID, the only flag of a message. */
  private static final long VALID_DEVID = 1;

  private record LineSubject(long vmId, long gsi) implements Subject {}

  private final CallContext context;
  private final VmCalls vms;

  ChipCalls(CallContext context, VmCalls vms) {
    this.context = context;
    this.vms = vms;
  }

  /** Gives a VM its controller; as {@link Vm#createIrqchip}. */
  public void create(long vm, IrqChip.Kind kind, long reservedPins) {
    vms.with(
        vm,
        file -> {
          file.vm().createIrqchip(kind, reservedPins);
          return file;
        });
  }

  /** The controller of an open VM, or null before there is one. */
  public @Nullable IrqChip find(long vm) {
    return vms.with(vm, file -> Optional.ofNullable(file.vm().irqchip())).orElse(null);
  }

  // ---- lines

  /**
   * Drives a line: KVM_IRQ_LINE_STATUS.
   *
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException ENXIO without a controller; EMFILE, ENFILE when there is no memory for
   *     the counters of a line that is raised for the first time
   */
  public int setLine(long vm, long gsi, boolean high) {
    return setLine(vm, gsi, high, true);
  }

  /**
   * Drives a line.
   *
   * @param tracked whether as KVM_IRQ_LINE_STATUS rather than KVM_IRQ_LINE
   * @return more than 0 delivered, 0 coalesced, -1 ignored
   * @throws ErrnoException as {@link #setLine(long, long, boolean)}
   */
  public int setLine(long vm, long gsi, boolean high, boolean tracked) {
    return vms.with(
        vm,
        file -> {
          // First: what cannot be counted is not done.
          LineCounters counters = high ? file.lines().raising(gsi) : null;
          int status = file.vm().setLine(gsi, high, tracked);
          LineStatus answer = high ? LineStatus.of(status) : null;
          if (counters != null && answer != null) {
            counters.answered(answer);
          }
          Detail detail = answer == null ? Detail.NONE : answer;
          context.probe().hit(Tracepoint.LINE_SET, new LineSubject(vm, gsi), high ? 1 : 0, detail);
          return status;
        });
  }

  /** The line's level and edges now; of a released VM too. */
  public IrqLine line(long vm, long gsi) {
    return vms.find(vm).vm().line(gsi);
  }

  /** Signals to the line, by outcome; of a released VM too. */
  public LineCounters.Snapshot lineCounters(long vm, long gsi) {
    return vms.find(vm).lines().snapshot(gsi);
  }

  /** Numbers of the lines that are routed or bound, after a number, in order. */
  public List<Long> lines(long vm, long after, int limit) {
    return vms.find(vm).lines().lines(after, limit);
  }

  // ---- routing and messages

  /** Replaces the routing table; as {@link Vm#setRouting}. */
  public void setRouting(long vm, List<RoutingEntry> entries, long flags) {
    vms.with(
        vm,
        file -> {
          file.vm().setRouting(entries, flags);
          return file;
        });
  }

  /**
   * Sends a message: KVM_SIGNAL_MSI.
   *
   * @return how many local APICs accepted it
   * @param address 64 bits; those above 32 matter where ids have 32 bits
   * @throws ErrnoException EINVAL without a controller, for unknown flags, and as {@link
   *     IrqChip#sendMsi}; EPERM when no vCPU is addressed
   */
  public int signalMsi(long vm, long address, long data, long flags) {
    return with(
        vm,
        Errno.EINVAL,
        chip -> {
          if ((flags & ~VALID_DEVID) != 0) {
            throw new ErrnoException(Errno.EINVAL, "message flags " + flags + " are not supported");
          }
          int accepted = chip.sendMsi(address, data);
          if (accepted < 0) {
            throw new ErrnoException(
                Errno.EPERM, "the message's destination matches no vCPU of vm-" + vm);
          }
          return accepted;
        });
  }

  /**
   * The routing table.
   *
   * @throws ErrnoException EINVAL without a controller
   */
  public RoutingTable routing(long vm) {
    return with(vm, Errno.EINVAL, IrqChip::routing);
  }

  /**
   * Reads or restores the 8259 pair or the I/O APIC.
   *
   * @throws ErrnoException ENXIO without a full controller
   */
  public <R> R chips(long vm, Function<HostPort, R> call) {
    return with(vm, Errno.ENXIO, chip -> call.apply(chip.host()));
  }

  private <R> R with(long vm, Errno without, Function<IrqChip, R> call) {
    return vms.with(
        vm,
        entry -> {
          IrqChip chip = entry.vm().irqchip();
          if (chip == null) {
            throw new ErrnoException(without, "vm-" + vm + " has no interrupt controller");
          }
          return call.apply(chip);
        });
  }

  // ---- the PIT

  /**
   * Gives a VM a PIT: KVM_CREATE_PIT2.
   *
   * @param speaker whether it has the speaker's port
   * @throws ErrnoException EEXIST when it has one, ENOENT without a full controller
   */
  public PitPort.View createPit(long vm, boolean speaker) {
    return pit(vm, Errno.ENOENT, port -> port.create(speaker));
  }

  /**
   * Reads or changes the PIT: KVM_GET_PIT2, KVM_SET_PIT2, KVM_REINJECT_CONTROL.
   *
   * @throws ErrnoException ENXIO when there is none
   */
  public PitPort.View pit(long vm, Function<PitPort, PitPort.View> call) {
    return pit(vm, Errno.ENXIO, call);
  }

  private PitPort.View pit(long vm, Errno without, Function<PitPort, PitPort.View> call) {
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
