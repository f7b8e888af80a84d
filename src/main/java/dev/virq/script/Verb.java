package dev.virq.script;

import static dev.virq.script.Operand.FIELD;
import static dev.virq.script.Operand.NAME;
import static dev.virq.script.Operand.PIC;
import static dev.virq.script.Operand.ROUTE;
import static dev.virq.script.Operand.SEMAPHORE;
import static dev.virq.script.Operand.U16;
import static dev.virq.script.Operand.U32;
import static dev.virq.script.Operand.U64;
import static dev.virq.script.Operand.U8;

import java.util.List;
import java.util.Locale;

/** The operations of the language, each with the words that follow it. */
public enum Verb {
  VM_CREATE(NAME),
  VM_CLOSE(NAME),
  IRQCHIP_CREATE(NAME),
  SPLIT_IRQCHIP_CREATE(NAME, U64),
  VCPU_CREATE(NAME, NAME, U32),
  EVENTFD_CREATE(1, NAME, U32, SEMAPHORE),
  EVENTFD_DUP(NAME, NAME),
  EVENTFD_CLOSE(NAME),
  EVENTFD_WRITE(NAME, U64),
  EVENTFD_READ(NAME),
  EVENTFD_POLL(NAME),
  PIPE_CREATE(NAME),

  IRQFD_ASSIGN(NAME, NAME, U32),
  IRQFD_ASSIGN_RESAMPLE(NAME, NAME, U32, NAME),
  IRQFD_DEASSIGN(NAME, NAME, U32),
  IRQFD_FLAGS(1, NAME, NAME, U32, U32, NAME),

  IRQ_LINE(NAME, U32, U32),
  IRQ_LINE_NOSTATUS(NAME, U32, U32),
  SIGNAL_MSI(2, NAME, U32, U32, U32, U32),
  ROUTING_SET(Integer.MAX_VALUE, NAME, ROUTE),

  GET_PIC(NAME),
  PIC_SET(Integer.MAX_VALUE, NAME, PIC, FIELD),
  GET_IOAPIC(NAME),
  IOAPIC_SET_REDIR(NAME, U8, U8, U8, U8, U8, U8, U8, U8),
  IOAPIC_SET(Integer.MAX_VALUE, NAME, FIELD),
  GET_LAPIC(NAME, NAME),
  LAPIC_ENABLE(NAME, NAME),
  LAPIC_SET(Integer.MAX_VALUE, NAME, NAME, FIELD),
  LAPIC_ACK(NAME, NAME),
  GET_VCPU_EVENTS(NAME, NAME),

  GUEST_OUT(NAME, NAME, U16, U8),
  GUEST_IN(NAME, NAME, U16),
  GUEST_LAPIC_WRITE(NAME, NAME, U32, U32),
  GUEST_LAPIC_READ(NAME, NAME, U32),
  GUEST_EOI(NAME, NAME),
  GUEST_IOAPIC_WRITE(NAME, NAME, U32, U32),
  GUEST_IOAPIC_READ(NAME, NAME, U32),
  PIC_ACK(NAME, NAME);

  private final int optional;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<Operand> operands;

  Verb(Operand... operands) {
    this(0, operands);
  }

  /**
   * With so many of the last operands left out at will; MAX_VALUE: the last, any number of times.
   */
  Verb(int optional, Operand... operands) {
    this.optional = optional;
    this.operands = List.of(operands);
  }

  /** The word that stands for it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a vCPU does it rather than the host. */
  boolean ofGuest() {
    return compareTo(GUEST_OUT) >= 0;
  }

  /** Fewest operands. */
  int fewest() {
    return optional == Integer.MAX_VALUE ? operands.size() - 1 : operands.size() - optional;
  }

  /** Most operands. */
  int most() {
    return optional == Integer.MAX_VALUE ? Integer.MAX_VALUE : operands.size();
  }

  /** What the operand at that place, from 0, has to be. */
  Operand operand(int place) {
    return operands.get(Math.min(place, operands.size() - 1));
  }
}
