package dev.virq.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts refusals. */
public final class Errnos {
  private Errnos() {}

  /** The call is refused with that error. */
  public static void assertErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).as(e.sentence()).isEqualTo(errno));
  }
}
