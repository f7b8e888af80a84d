package dev.virq.snapshot;

import dev.virq.host.Host;
import dev.virq.host.VmFile;
import dev.virq.irqchip.FormerChip;
import dev.virq.irqchip.IrqChip;
import org.jspecify.annotations.Nullable;

/**
 * How long the document of a host is, estimated before it is made, in bytes.
 *
 * @param open the least for what is open
 * @param history the least for freed irqfds and released VMs
 * @param mostOpen the most for what is open
 * @param mostHistory the most for the rest
 */
public record SnapshotSize(long open, long history, long mostOpen, long mostHistory) {
  /** The estimate for what is there now. */
  public static SnapshotSize of(Host host) {
    Sum open = new Sum();
    Sum history = new Sum();
    open.add(1, 200, 600);
    open.add(host.counts().eventfds(), 108, 400);
    open.add(host.eventfds().descriptors(), 2, 11);
    open.add(host.counts().irqfds(), 104, 500);
    history.add(host.irqfds().listFreed(0, Integer.MAX_VALUE).size(), 150, 600);
    for (VmFile file : host.vms().list(0, Integer.MAX_VALUE)) {
      Sum sum = file.state() == VmFile.State.RELEASED ? history : open;
      sum.add(1, 75, 300);
      sum.addName(file.name());
      sum.add(file.lines().count(), 120, 290);
      former(sum, file.vm().former());
      chips(sum, file);
    }
    // Names of eventfds are not looked at: each is as long as it can be.
    open.most += host.counts().eventfds() * Sum.LONGEST_NAME;
    return new SnapshotSize(open.least, history.least, open.most, history.most);
  }

  private static void chips(Sum sum, VmFile file) {
    int vcpus = file.vm().vcpus().list().size();
    IrqChip chip = file.vm().irqchip();
    if (chip == null) {
      sum.add(vcpus, 68, 120);
      return;
    }
    if (chip.kind() == IrqChip.Kind.KERNEL) {
      sum.add(1, 1_800, 8_000);
    } else {
      sum.add(1, 60, 200);
    }
    // At the most each has every vector in every set.
    sum.add(vcpus, 430, 5_000);
    sum.add(chip.routing().entries().size(), 36, 100);
  }

  private static void former(Sum sum, @Nullable FormerChip chip) {
    if (chip != null) {
      sum.add(chip.movedLines(), 55, 130);
      sum.add(chip.routedRanges(), 2, 10);
    }
  }

  /** A sum of the least, and of the most. */
  private static final class Sum {
    /** 128 characters, of three bytes or escaped. */
    private static final long LONGEST_NAME = 768;

    private long least;
    private long most;

    void add(long count, long leastEach, long mostEach) {
      least += count * leastEach;
      most += count * mostEach;
    }

    void addName(@Nullable String name) {
      if (name != null) {
        add(name.length(), 1, 6);
      }
    }
  }
}
