package dev.virq.vm;

import dev.virq.chip.IrqLine;
import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.IrqChip;
import org.jspecify.annotations.Nullable;

/**
 * The place of a VM's interrupt controller: empty at first, and in the end with what is kept of the
 * controller to be looked at.
 *
 * <p>The VM's lock is held by who changes it; looking needs no lock.
 */
final class VmIrqchip {
  private final long vm;

  /**
   * Written under the VM's lock, and taken away when the VM is retired; volatile so that whether
   * there is one needs no lock.
   */
  private volatile @Nullable IrqChip chip;

  /** What a retired VM keeps of its controller; volatile as the controller is. */
  private volatile @Nullable FormerChip former;

  VmIrqchip(long vm) {
    this.vm = vm;
  }

  /** The controller, or null before there is one and once the VM is retired. */
  @Nullable IrqChip now() {
    return chip;
  }

  /** The controller; that errno when there is none. */
  IrqChip require(Errno without) {
    IrqChip here = chip;
    if (here == null) {
      throw new ErrnoException(without, "vm-" + vm + " has no interrupt controller");
    }
    return here;
  }

  /** The controller that there is from now on. VM lock held. */
  void put(IrqChip made) {
    chip = made;
  }

  /**
   * Lets go of the controller, but for what can still be looked at. VM lock held.
   *
   * @return how many lines it keeps more of than that they were routed
   */
  int retire() {
    IrqChip here = chip;
    if (here == null) {
      FormerChip before = former;
      return before == null ? 0 : before.movedLines();
    }
    FormerChip kept = new FormerChip(here);
    // In this order: what looks at a line finds one of the two, and looks again afterwards.
    former = kept;
    chip = null;
    here.retire();
    return kept.movedLines();
  }

  /** What is kept of the controller of a destroyed VM; null when it never had one. */
  @Nullable FormerChip former() {
    return former;
  }

  /** Keeps what another VM kept. */
  void becomeFormer(FormerChip.@Nullable Whole kept) {
    former = kept == null ? null : new FormerChip(kept);
  }

  /** Which controller there is or was, or null when there never was one. */
  IrqChip.@Nullable Kind kind() {
    IrqChip here = chip;
    FormerChip gone = former;
    return gone != null ? gone.kind() : here == null ? null : here.kind();
  }

  /** Pins reserved for user space; 0 without a split controller. */
  int reservedPins() {
    IrqChip here = chip;
    FormerChip gone = former;
    return gone != null ? gone.reservedPins() : here == null ? 0 : here.reservedPins();
  }

  /** The line now, or as it was. */
  IrqLine line(long gsi) {
    IrqChip here = chip;
    IrqLine line = here == null ? new IrqLine(gsi, false, false, 0, 0) : here.line(gsi);
    FormerChip gone = former;
    return gone == null ? line : gone.line(gsi);
  }

  /** The first line after that number that leads or led somewhere, or -1. */
  long nextRouted(long after) {
    IrqChip here = chip;
    long next = here == null ? -1 : here.nextRouted(after);
    FormerChip gone = former;
    return gone == null ? next : gone.nextRouted(after);
  }

  /** Whether the line leads or led anywhere. */
  boolean routed(long gsi) {
    IrqChip here = chip;
    boolean routed = here != null && here.routed(gsi);
    FormerChip gone = former;
    return gone == null ? routed : gone.routed(gsi);
  }
}
