package dev.virq.host;

/** Many irqfds of one VM, and the way from a write to an injection. One thread signals. */
interface Pipeline {
  /** Threads that inject. */
  int WORKERS = 2;

  /** Lines that the irqfds are bound to. */
  int LINES = 24;

  /** Writes to an eventfd. */
  void signal(int irqfd);

  /** Waits until so many signals in all have been injected. */
  void await(long signals);

  /** How many have been, each by an injection of its own. */
  long injected();

  /** Ends its threads. */
  void close();
}
