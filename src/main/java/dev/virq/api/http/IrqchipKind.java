package dev.virq.api.http;

import dev.virq.irqchip.IrqChip;

/** How requests and answers call a VM's interrupt controller. */
public enum IrqchipKind {
  /** 8259 pair, I/O APIC and local APICs. */
  KERNEL(IrqChip.Kind.KERNEL),
  /** Local APICs only. */
  SPLIT(IrqChip.Kind.SPLIT);

  private final IrqChip.Kind kind;

  IrqchipKind(IrqChip.Kind kind) {
    this.kind = kind;
  }

  /** The controller that is meant. */
  public IrqChip.Kind kind() {
    return kind;
  }
}
