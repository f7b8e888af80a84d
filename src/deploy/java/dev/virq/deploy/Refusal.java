package dev.virq.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What Helm says when the chart refuses values. */
final class Refusal {
  private Refusal() {}

  /** The message of the refusal. Fails when there is none. */
  static String of(ThrowingCallable rendering) {
    Throwable refusal = catchThrowable(rendering);
    assertThat(refusal).as("the chart should have refused this").isNotNull();
    return refusal.getMessage();
  }
}
