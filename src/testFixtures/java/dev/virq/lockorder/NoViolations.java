package dev.virq.lockorder;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails whichever test met a wrong order of locks, also when a worker swallowed the error. */
public final class NoViolations implements AfterEachCallback, AfterAllCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    check();
  }

  private static void check() {
    List<String> violations = LockOrder.violations();
    if (!violations.isEmpty()) {
      throw new AssertionError("lock order: " + String.join("\n", violations));
    }
  }
}
