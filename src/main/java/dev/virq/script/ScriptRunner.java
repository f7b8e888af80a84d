package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.IrqChip;
import dev.virq.sandbox.Kernel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts against a kernel as one process would: names are its own, and what it leaves open is
 * closed at its end.
 *
 * <p>One thread at a time, no lock held. After every operation it waits until everything that was
 * deferred is over, in the whole kernel: so the next operation finds a settled machine.
 */
public final class ScriptRunner implements AutoCloseable {
  private final Kernel kernel;
  private final Names names = new Names();
  private final EventfdOperations eventfds;
  private final VmOperations vms;
  private final ChipOperations chips;

  /** A process that has opened nothing yet. */
  public ScriptRunner(Kernel kernel) {
    this.kernel = kernel;
    this.eventfds = new EventfdOperations(kernel, names);
    this.vms = new VmOperations(kernel, names);
    this.chips = new ChipOperations(kernel, names);
  }

  /**
   * Runs a script to its end. A refused operation is a result, and the script goes on.
   *
   * @param timeoutNanos how long the whole script may wait for deferred work, in nanoseconds
   * @return one result an operation, in order
   * @throws ErrnoException when the script cannot go on, naming the line, with the fact {@code
   *     line}: EDEADLK when deferred work is held at a breakpoint, ETIMEDOUT, ECANCELED when the
   *     kernel was shut down, EMFILE when too many wait
   */
  public List<Result> run(Script script, long timeoutNanos) {
    long deadline = System.nanoTime() + timeoutNanos;
    List<Result> results = new ArrayList<>(script.operations().size());
    for (Operation op : script.operations()) {
      try {
        results.add(result(op));
        kernel.waits().settled(Math.max(0, deadline - System.nanoTime()));
      } catch (ErrnoException e) {
        throw stopped(op, e);
      }
    }
    return results;
  }

  /** Closes what is open, in the order of opening. What it ends goes on by itself. */
  @Override
  public void close() {
    for (Handle handle : names.removeAll()) {
      closeIfOpen(() -> eventfds.close(handle));
    }
    closeIfOpen(vms::end);
  }

  private static void closeIfOpen(Runnable close) {
    try {
      close.run();
    } catch (ErrnoException e) {
      switch (e.errno()) {
        // A reset, or somebody who shares the sandbox, has closed it: nothing is left to do.
        case EBADF, ENOENT, ECANCELED -> {}
        default -> throw e;
      }
    }
  }

  private Result result(Operation op) {
    try {
      return new Result(op, null, execute(op));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ECANCELED) {
        throw e;
      }
      // A VM closed by somebody else is forgotten in the end; its descriptor is just not open.
      return new Result(op, e.errno() == Errno.ENOENT ? Errno.EBADF : e.errno(), null);
    }
  }

  /** Makes the call; its value, or null when it has none. */
  private @Nullable Object execute(Operation op) {
    switch (op.verb()) {
      case VM_CREATE -> vms.create(op);
      case VM_CLOSE -> vms.close(op);
      case IRQCHIP_CREATE -> vms.createIrqchip(op, IrqChip.Kind.KERNEL);
      case SPLIT_IRQCHIP_CREATE -> vms.createIrqchip(op, IrqChip.Kind.SPLIT);
      case VCPU_CREATE -> vms.createVcpu(op);
      case EVENTFD_CREATE -> eventfds.create(op);
      case EVENTFD_DUP -> eventfds.dup(op);
      case EVENTFD_CLOSE -> eventfds.close(op);
      case EVENTFD_WRITE -> eventfds.write(op);
      case PIPE_CREATE -> eventfds.pipe(op);
      case IRQFD_ASSIGN -> vms.assign(op, false);
      case IRQFD_ASSIGN_RESAMPLE -> vms.assign(op, true);
      case IRQFD_DEASSIGN -> vms.deassign(op);
      case IRQFD_FLAGS -> vms.flags(op);
      case IRQ_LINE_NOSTATUS -> chips.lineWithoutStatus(op);
      case ROUTING_SET -> chips.route(op);
      case EVENTFD_READ -> {
        return eventfds.read(op);
      }
      case EVENTFD_POLL -> {
        return eventfds.poll(op);
      }
      case IRQ_LINE -> {
        return chips.line(op);
      }
      case SIGNAL_MSI -> {
        return chips.signalMsi(op);
      }
      case GET_PIC, PIC_SET, GET_IOAPIC, IOAPIC_SET, IOAPIC_SET_REDIR -> {
        return chips.chip(op);
      }
      case GET_LAPIC, LAPIC_ENABLE, LAPIC_SET, LAPIC_ACK -> {
        return chips.lapic(op);
      }
      case GET_VCPU_EVENTS -> {
        return chips.vcpuEvents(op);
      }
      case GUEST_OUT,
          GUEST_IN,
          GUEST_LAPIC_WRITE,
          GUEST_LAPIC_READ,
          GUEST_EOI,
          GUEST_IOAPIC_WRITE,
          GUEST_IOAPIC_READ,
          PIC_ACK -> {
        return chips.guest(op);
      }
    }
    return null;
  }

  private static ErrnoException stopped(Operation op, ErrnoException why) {
    Map<String, Object> facts = new LinkedHashMap<>(why.facts());
    facts.put("line", op.line());
    return new ErrnoException(
        why.errno(), "line %d: %s".formatted(op.line(), why.sentence()), facts);
  }
}
