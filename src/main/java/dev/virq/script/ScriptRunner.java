package dev.virq.script;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.host.Host;
import dev.virq.inflight.PendingClose;
import dev.virq.irqchip.IrqChip;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts against a kernel as one process would: names are its own, and what it leaves open is
 * closed at its end.
 *
 * <p>One thread at a time, no lock held. After every operation it waits until everything that was
 * deferred is over, in the whole kernel: so the next operation finds a settled machine.
 */
public final class ScriptRunner implements AutoCloseable {
  private final Host host;
  private final long timeoutNanos;
  private final Names names = new Names();
  private final EventfdOperations eventfds;
  private final VmOperations vms;
  private final ChipOperations chips;
  private final GuestOperations guests;

  /**
   * A process that has opened nothing yet.
   *
   * @param timeoutNanos how long one script, and the end of the process, may wait for deferred work
   *     all in all, in nanoseconds
   */
  public ScriptRunner(Host host, long timeoutNanos) {
    this.host = host;
    this.timeoutNanos = timeoutNanos;
    this.eventfds = new EventfdOperations(host, names);
    this.vms = new VmOperations(host, names);
    this.chips = new ChipOperations(host, names);
    this.guests = new GuestOperations(host, names);
  }

  /**
   * Runs a script to its end. A refused operation is a result, and the script goes on.
   *
   * @return one result an operation, in order
   * @throws ErrnoException when the script cannot go on, naming the line, with the fact {@code
   *     line}: EDEADLK when deferred work is held at a breakpoint, ETIMEDOUT, ECANCELED when the
   *     kernel was shut down, EMFILE when too many wait
   */
  public List<Result> run(Script script) {
    long deadline = System.nanoTime() + timeoutNanos;
    List<Result> results = new ArrayList<>(script.operations().size());
    for (Operation op : script.operations()) {
      try {
        results.add(result(op));
        host.waits().settled(Math.max(0, deadline - System.nanoTime()));
      } catch (ErrnoException e) {
        throw stopped(op, e);
      }
    }
    return results;
  }

  /**
   * Closes what is open, in the order of opening, and waits for what that ends. What is held at a
   * breakpoint, or takes too long, goes on by itself.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + timeoutNanos;
    List<PendingClose> ends = new ArrayList<>();
    for (Handle handle : names.removeAll()) {
      unlessGone(() -> ends.add(eventfds.close(handle)));
    }
    unlessGone(vms::end);
    for (PendingClose end : ends) {
      unlessGone(() -> host.waits().over(end, Math.max(0, deadline - System.nanoTime())));
    }
  }

  private static void unlessGone(Supplier<?> step) {
    try {
      var _ = step.get();
    } catch (ErrnoException e) {
      switch (e.errno()) {
        // A reset, or somebody who shares the sandbox, has closed it: nothing is left to do.
        case EBADF, ENOENT, ECANCELED -> {}
        // Too many wait already: the close is done, and ends by itself.
        case EMFILE -> {}
        default -> throw e;
      }
    }
  }

  private Result result(Operation op) {
    try {
      return new Result(op, null, answer(op));
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ECANCELED) {
        throw e;
      }
      // A VM closed by somebody else is forgotten in the end; its descriptor is just not open.
      return new Result(op, e.errno() == Errno.ENOENT ? Errno.EBADF : e.errno(), Map.of());
    }
  }

  /** Makes the call; the members of its answer. */
  private Map<String, @Nullable Object> answer(Operation op) {
    if (op.verb().ofGuest()) {
      return guests.run(op);
    }
    Object value = execute(op);
    if (value == null && op.verb() != Verb.LAPIC_ACK) {
      return Map.of();
    }
    return Collections.singletonMap("value", value);
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
      case EVENTFD_CLOSE -> {
        PendingClose _ = eventfds.close(op);
      }
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
      case PIC_SET -> chips.setPic(op);
      case IOAPIC_SET -> chips.setIoapic(op);
      case IOAPIC_SET_REDIR -> chips.setRedirection(op);
      case LAPIC_ENABLE -> chips.enableLapic(op);
      case LAPIC_SET -> chips.setLapic(op);
      case GET_PIC -> {
        return chips.pics(op);
      }
      case GET_IOAPIC -> {
        return chips.ioapic(op);
      }
      case GET_LAPIC -> {
        return chips.lapic(op);
      }
      case LAPIC_ACK -> {
        return chips.acknowledge(op);
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
          PIC_ACK ->
          throw new IllegalStateException(op + " is a guest's");
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
