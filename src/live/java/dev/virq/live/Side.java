package dev.virq.live;

/** What the benchmark measures, on one of the two. Every time is in nanoseconds an operation. */
interface Side extends AutoCloseable {
  /** Writes to an eventfd that is bound to a line with one route, a message. */
  double signalMessage(int times);

  /** A write to an eventfd bound to a line of the 8259, until the request is seen in its state. */
  double signalToLatched(int times);

  /** Binds and unbinds so many eventfds one after another; what binding took and unbinding. */
  double[] assignAndDeassign(int times);

  /** Binds so many more, which stay. */
  void crowd(int irqfds);

  /** Closes the VM with all that is bound; in all, not an irqfd. */
  double closeVm();

  @Override
  void close();
}
