package dev.virq.host;

import dev.virq.chip.IrqSource;
import dev.virq.irqchip.IrqChip;
import dev.virq.srcu.SrcuDomain;
import dev.virq.srcu.SrcuRef;
import dev.virq.vm.Vm;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The least that an eventfd and its irqfd do to inject: a counter, a section around the pointer to
 * the VM, its lock, and the line to 1 and 0. Nothing is observed or kept, and nothing can end.
 */
final class LeanIrqfd implements Runnable {
  private final AtomicLong counter = new AtomicLong();
  private final SrcuDomain srcu = new SrcuDomain();
  private final SrcuRef<Vm> kvm;
  private final int gsi;
  private final LongAdder injected;

  LeanIrqfd(Vm vm, int gsi, LongAdder injected) {
    this.kvm = new SrcuRef<>(vm);
    this.gsi = gsi;
    this.injected = injected;
  }

  /** The write; whether it has to be followed by an injection. */
  boolean signal() {
    return counter.getAndIncrement() == 0;
  }

  /** The injection. */
  @Override
  public void run() {
    long _ = counter.getAndSet(0);
    int index = srcu.readLock();
    try {
      Vm vm = kvm.dereference();
      vm.lock();
      try {
        IrqChip chip = vm.irqchip();
        int _ = chip.setIrq(IrqSource.USER, gsi, true);
        int _ = chip.setIrq(IrqSource.USER, gsi, false);
      } finally {
        vm.unlock();
      }
    } finally {
      srcu.readUnlock(index);
    }
    injected.increment();
  }
}
