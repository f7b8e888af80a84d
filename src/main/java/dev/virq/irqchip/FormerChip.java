package dev.virq.irqchip;

import dev.virq.chip.IrqLine;
import dev.virq.routing.LineRanges;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What can still be asked of the controller of a destroyed VM: which it was, where its lines led to
 * and how they stood. Immutable; small, because a sandbox keeps some of them.
 */
public final class FormerChip {
  private final IrqChip.Kind kind;
  private final int reservedPins;
  private final BitSet routed;

  /** Lines whose pin is high or has ever moved, in order. */
  private final List<IrqLine> moved;

  /** What is kept of a controller whose VM is being destroyed. */
  public FormerChip(IrqChip chip) {
    this.kind = chip.kind();
    this.reservedPins = chip.reservedPins();
    this.routed = new BitSet();
    List<IrqLine> some = new ArrayList<>();
    for (IrqLine line : chip.lines()) {
      routed.set((int) line.gsi());
      if (line.level() || line.raises() > 0 || line.lowers() > 0) {
        some.add(line);
      }
    }
    this.moved = List.copyOf(some);
  }

  /**
   * All that is kept.
   *
   * @param kind which controller it was
   * @param reservedPins pins reserved for user space; 0 for the full controller
   * @param routed lines that led somewhere, as {@link LineRanges}
   * @param moved lines whose pin is high or has ever moved, in order
   */
  public record Whole(IrqChip.Kind kind, int reservedPins, String routed, List<IrqLine> moved) {
    /** Copies the list. */
    public Whole {
      moved = List.copyOf(moved);
    }
  }

  /** What was kept in another host. */
  public FormerChip(Whole kept) {
    this.kind = kept.kind();
    this.reservedPins = kept.reservedPins();
    this.routed = LineRanges.lines(kept.routed());
    this.moved = kept.moved();
  }

  /** All that is kept. */
  public Whole whole() {
    return new Whole(kind, reservedPins, LineRanges.text(routed), moved);
  }

  /** Which controller it was. */
  public IrqChip.Kind kind() {
    return kind;
  }

  /** Pins reserved for user space; 0 for the full controller. */
  public int reservedPins() {
    return reservedPins;
  }

  /** Whether the line led anywhere. */
  public boolean routed(long gsi) {
    return gsi >= 0 && gsi < routed.length() && routed.get((int) gsi);
  }

  /** The line as it was at the end. */
  public IrqLine line(long gsi) {
    int low = 0;
    int high = moved.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (moved.get(middle).gsi() < gsi) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < moved.size() && moved.get(low).gsi() == gsi
        ? moved.get(low)
        : new IrqLine(gsi, routed(gsi), false, 0, 0);
  }

  /** The first line after that number that led somewhere, or -1. */
  public long nextRouted(long after) {
    return after >= routed.length() ? -1 : routed.nextSetBit((int) Math.max(0, after + 1));
  }

  /** How many ranges of lines led somewhere. */
  public int routedRanges() {
    int ranges = 0;
    for (int first = routed.nextSetBit(0); first >= 0; ranges++) {
      first = routed.nextSetBit(routed.nextClearBit(first));
    }
    return ranges;
  }

  /** How many lines it keeps more of than that they were routed. */
  public int movedLines() {
    return moved.size();
  }
}
