package dev.virq.irqfd;

import dev.virq.srcu.SrcuDomain;
import dev.virq.trace.Subject;
import org.jspecify.annotations.Nullable;

/** What can be asked of an irqfd for as long as it is visible: bound, on its way out, or freed. */
public interface IrqfdView extends Subject {
  /** Whether the line is level-triggered and lowered by the guest's end of interrupt. */
  boolean isResample();

  /** State and counters at one moment. */
  IrqfdInfo info();

  /** What its SRCU domain has counted; null once it is freed. */
  SrcuDomain.@Nullable Ranks ranks();

  /** What its end took; null before it is freed. */
  @Nullable TearDown end();
}
