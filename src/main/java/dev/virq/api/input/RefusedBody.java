package dev.virq.api.input;

import dev.virq.errno.ErrnoException;
import java.io.IOException;

/** A body that is refused while it is read, with the refusal as its cause; it is passed on. */
final class RefusedBody extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient ErrnoException refusal;

  RefusedBody(ErrnoException refusal) {
    super(refusal.sentence(), refusal);
    this.refusal = refusal;
  }

  ErrnoException refusal() {
    return refusal;
  }
}
