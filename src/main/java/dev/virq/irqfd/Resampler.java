package dev.virq.irqfd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.virq.chip.IrqSource;
import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.SignalSource;
import dev.virq.irqchip.AckNotifier;
import dev.virq.irqchip.IrqChip;
import dev.virq.srcu.SrcuDomain;
import dev.virq.sync.ShrinkingMap;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.trace.Tracepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The resample irqfds of one line of one VM: {@code struct kvm_kernel_irqfd_resampler}.
 *
 * <p>They share one source of the line: each raises it, the end of interrupt lowers it for all, and
 * then the resample eventfd of each is signalled. A device that still needs service writes again.
 *
 * <p>An end of interrupt walks the list inside a read section of the VM's resampling domain, so
 * that the thread that removes an irqfd can wait until nothing signals for it any more. See
 * behaviour.md §10.
 */
final class Resampler implements AckNotifier {
  private final SignalSource signals;
  private final Probe probe;
  private final IrqChip chip;
  private final SrcuDomain srcu;
  private final long gsi;

  /** This object's monitor is a leaf lock. */
  @GuardedBy("this")
  private final ShrinkingMap<Subject, EventFd> members = new ShrinkingMap<>();

  /**
   * Without members.
   *
   * @param signals makes what the end of interrupt sends
   * @param probe sees each of them
   * @param srcu the VM's resampling domain
   */
  Resampler(SignalSource signals, Probe probe, IrqChip chip, SrcuDomain srcu, long gsi) {
    this.signals = signals;
    this.probe = probe;
    this.chip = chip;
    this.srcu = srcu;
    this.gsi = gsi;
  }

  @Override
  public long gsi() {
    return gsi;
  }

  /** Adds an irqfd. VM lock held. */
  synchronized void add(Subject irqfd, EventFd resample) {
    members.put(irqfd, resample);
  }

  /** Removes an irqfd; whether none is left. VM lock held. */
  synchronized boolean remove(Subject irqfd) {
    if (members.remove(irqfd) == null) {
      throw new IllegalStateException(irqfd + " was never counted as a resampler");
    }
    return members.size() == 0;
  }

  /** The last member is gone: the line is left alone and low. VM lock held. */
  void letGo() {
    chip.unregister(this);
    int _ = chip.setIrq(IrqSource.RESAMPLE, gsi, false);
  }

  @Override
  public List<Long> acknowledged() {
    int index = srcu.readLock();
    try {
      // First low, then the signals: a member that is signalled and still asserts raises the line
      // again.
      int _ = chip.setIrq(IrqSource.RESAMPLE, gsi, false);
      return signalAll();
    } finally {
      srcu.readUnlock(index);
    }
  }

  @Override
  public List<Long> unmasked() {
    int index = srcu.readLock();
    try {
      return signalAll();
    } finally {
      srcu.readUnlock(index);
    }
  }

  private List<Long> signalAll() {
    List<Map.Entry<Subject, EventFd>> all;
    synchronized (this) {
      all = new ArrayList<>(members.copy().entrySet());
    }
    List<Long> told = new ArrayList<>(all.size());
    // The last that was bound is the first.
    for (Map.Entry<Subject, EventFd> member : all.reversed()) {
      EventFd resample = member.getValue();
      resample.signal(signals.signal(resample));
      probe.hit(Tracepoint.RESAMPLED, member.getKey());
      told.add(member.getKey().irqfdId());
    }
    return told;
  }
}
