package dev.virq.irqfd;

import dev.virq.eventfd.EventFd;
import dev.virq.eventfd.SignalSource;
import dev.virq.irqchip.IrqChip;
import dev.virq.srcu.SrcuDomain;
import dev.virq.trace.Probe;
import dev.virq.trace.Subject;
import dev.virq.vm.Vm;
import dev.virq.workqueue.WorkQueue;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The resamplers of one VM, one for each line with resample irqfds: {@code
 * kvm->irqfds.resampler_list}.
 *
 * <p>Changed under the VM's lock. Made with the first resample irqfd: most VMs have none.
 */
final class Resamplers {
  private final Vm vm;
  private final SignalSource signals;
  private final Probe probe;

  // Both written under the VM's lock, which a method of the VM takes: no annotation can name it.
  private @Nullable Map<Long, Resampler> byLine;

  /** Protects the walk over the members of resamplers; made with the first of them. */
  private @Nullable SrcuDomain resampling;

  /**
   * No resamplers yet.
   *
   * @param vm whose lines these are
   * @param signals makes what an end of interrupt sends
   * @param probe sees each of them
   */
  Resamplers(Vm vm, SignalSource signals, Probe probe) {
    this.vm = vm;
    this.signals = signals;
    this.probe = probe;
  }

  /**
   * Adds a resample irqfd before anything can wake it: each is removed once. No lock held.
   *
   * @param chip the VM's controller
   */
  void add(Subject irqfd, EventFd resample, IrqChip chip) {
    vm.lock();
    try {
      Map<Long, Resampler> all = byLine;
      if (all == null) {
        // A tree, for the table of a hash map would stay as large as it ever was.
        all = new TreeMap<>();
        byLine = all;
      }
      SrcuDomain readers = resampling;
      if (readers == null) {
        readers = new SrcuDomain(IrqfdDomain.OPTIONS);
        resampling = readers;
      }
      Resampler resampler = all.get(irqfd.gsi());
      if (resampler == null) {
        resampler = new Resampler(signals, probe, chip, readers, irqfd.gsi());
        all.put(irqfd.gsi(), resampler);
        chip.register(resampler);
      }
      resampler.add(irqfd, resample);
    } finally {
      vm.unlock();
    }
  }

  /**
   * Removes a resample irqfd: nothing signals its resample eventfd any more, and the last one of a
   * line releases the line. May block; no lock held. Nothing happens when the VM is destroyed.
   */
  void remove(Subject irqfd) {
    if (!vm.tryGet()) {
      return;
    }
    try {
      SrcuDomain domain;
      vm.lock();
      try {
        Map<Long, Resampler> all = byLine;
        SrcuDomain readers = resampling;
        Resampler resampler = all == null ? null : all.get(irqfd.gsi());
        if (all == null || resampler == null || readers == null) {
          throw new IllegalStateException(irqfd + " was never counted as a resampler");
        }
        if (resampler.remove(irqfd)) {
          all.remove(irqfd.gsi());
          resampler.letGo();
        }
        domain = readers;
      } finally {
        vm.unlock();
      }
      // An end of interrupt that found it in the list may still be about to signal.
      var _ = domain.synchronize(() -> {}, WorkQueue::sleeping);
    } finally {
      vm.put();
    }
  }
}
