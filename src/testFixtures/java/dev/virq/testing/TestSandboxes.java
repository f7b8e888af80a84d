package dev.virq.testing;

import dev.virq.limits.Limits;
import dev.virq.limits.MemoryLimits;
import dev.virq.sandbox.SandboxFactory;
import dev.virq.sandbox.Sandboxes;
import dev.virq.trace.Probe;
import dev.virq.workqueue.Workers;
import java.util.function.LongSupplier;

/**
 * Instances without a server for tests: what a test does not say is as the program has it, but that
 * memory is unbounded and the clocks stand still.
 */
public final class TestSandboxes {
  private Limits limits = TestLimits.defaults();
  private MemoryLimits memory = MemoryLimits.unbounded();
  private Workers workers = Workers.virtual();
  private Probe probe = Probe.NONE;
  private LongSupplier nanoClock = () -> 0;

  /** An instance with these limits. */
  public TestSandboxes limits(Limits other) {
    limits = other;
    return this;
  }

  /** An instance with so much memory. */
  public TestSandboxes memory(MemoryLimits other) {
    memory = other;
    return this;
  }

  /** An instance whose work is done by these. */
  public TestSandboxes workers(Workers other) {
    workers = other;
    return this;
  }

  /** An instance that tells each step to this one. */
  public TestSandboxes probe(Probe other) {
    probe = other;
    return this;
  }

  /** An instance whose leases go by this clock. */
  public TestSandboxes clock(LongSupplier other) {
    nanoClock = other;
    return this;
  }

  /** What makes its sandboxes. */
  public SandboxFactory factory() {
    return new SandboxFactory(limits, memory, workers, probe, nanoClock, () -> 0);
  }

  /** The instance, without a sandbox. */
  public Sandboxes empty() {
    return new Sandboxes(factory(), 1, false);
  }

  /** The instance, with the default sandbox. */
  public Sandboxes withDefault() {
    return new Sandboxes(factory(), 1, true);
  }
}
