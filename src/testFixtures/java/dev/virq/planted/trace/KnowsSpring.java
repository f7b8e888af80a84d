package dev.virq.planted.trace;

import org.springframework.util.unit.DataSize;

/** The domain is plain Java, and this is not. */
public final class KnowsSpring {
  /** The import. */
  public static final DataSize WRONG = DataSize.ofBytes(1);

  private KnowsSpring() {}
}
