package dev.virq.host;

import dev.virq.irqchip.IrqChip;
import dev.virq.vm.Vm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** {@link LeanIrqfd lean irqfds} of one VM, and what hands their injections over. */
final class LeanPipeline implements Pipeline {
  private final LongAdder injected = new LongAdder();
  private final List<LeanIrqfd> irqfds = new ArrayList<>();
  private final List<Runnable> requests = new ArrayList<>();
  private final Runnable end;

  /**
   * None is signalled yet.
   *
   * @param handOver for the injection of an irqfd, what asks for a run of it on another thread
   * @param end stops those threads
   */
  LeanPipeline(int count, Function<Runnable, Runnable> handOver, Runnable end) {
    Vm vm = new Vm(1, () -> {});
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
    for (int i = 0; i < count; i++) {
      LeanIrqfd irqfd = new LeanIrqfd(vm, i % LINES, injected);
      irqfds.add(irqfd);
      requests.add(handOver.apply(irqfd));
    }
    this.end = end;
  }

  @Override
  public void signal(int irqfd) {
    if (irqfds.get(irqfd).signal()) {
      requests.get(irqfd).run();
    }
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // to wait in any other way would cost the injections
  public void await(long signals) {
    while (injected.sum() < signals) {
      Thread.yield();
    }
  }

  @Override
  public long injected() {
    return injected.sum();
  }

  @Override
  public void close() {
    end.run();
  }
}
