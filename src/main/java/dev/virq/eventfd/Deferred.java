package dev.virq.eventfd;

/** What a wake-up asks for and a wait-queue lock forbids. */
@FunctionalInterface
public interface Deferred {
  /** Does it, or has it done. On the thread that wrote; it holds no lock. */
  void proceed();
}
