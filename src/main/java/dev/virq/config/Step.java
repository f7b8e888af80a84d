package dev.virq.config;

import org.springframework.context.SmartLifecycle;

/**
 * Something that is done once, when the context starts or when it closes, in the order of phases.
 */
final class Step implements SmartLifecycle {
  private final int phase;
  private final Runnable atStart;
  private final Runnable atStop;
  private volatile boolean running; // asked by the thread that closes the context

  private Step(int phase, Runnable atStart, Runnable atStop) {
    this.phase = phase;
    this.atStart = atStart;
    this.atStop = atStop;
  }

  /** A step of the start, which goes from the lowest phase up. */
  static Step ofStart(int phase, Runnable step) {
    return new Step(phase, step, () -> {});
  }

  /** A step of the end, which goes from the highest phase down. */
  static Step ofEnd(int phase, Runnable step) {
    return new Step(phase, () -> {}, step);
  }

  @Override
  public void start() {
    running = true;
    atStart.run();
  }

  @Override
  public void stop() {
    running = false;
    atStop.run();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** For good: a context that rests and starts again does not take it. */
  @Override
  public boolean isPauseable() {
    return false;
  }

  @Override
  public int getPhase() {
    return phase;
  }
}
