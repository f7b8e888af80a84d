package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.TestSandboxes;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How often the clock is read says how many leases were looked at. */
class LeasesTest {
  private static final int SANDBOXES = 500;
  private static final Duration TTL = Duration.ofMinutes(10);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final SandboxFactory factory =
      new TestSandboxes()
          .clock(() -> {
            reads.incrementAndGet();
            return nanos.get();
          })
          .factory();
  private final Sandboxes sandboxes = new Sandboxes(factory, 1, false);

  @Test
  void nobodyIsLookedAtBeforeALeaseEnds() {
    create(SANDBOXES, TTL);
    nanos.addAndGet(TTL.toNanos() - 1);

    assertThat(readsOfALook()).isEqualTo(1);
    assertThat(sandboxes.size()).isEqualTo(SANDBOXES);
  }

  @Test
  void onlyThoseWhoseLeaseHasRunOutAreLookedAt() {
    create(SANDBOXES, TTL);
    for (int i = 0; i < 3; i++) {
      sandboxes.create(new SandboxSpec("short-" + i, Duration.ofMinutes(1), 1, Map.of()));
    }
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());

    // Each is looked at, and looked at again by the call that ends it.
    assertThat(readsOfALook()).isEqualTo(1 + 2 * 3);
    assertThat(sandboxes.size()).isEqualTo(SANDBOXES);
    assertThat(readsOfALook()).isEqualTo(1);
  }

  @Test
  void leaseThatWasRenewedIsLookedAtOnceUntilItsNewEnd() {
    create(SANDBOXES, TTL);
    nanos.addAndGet(1);
    for (int i = 0; i < SANDBOXES; i++) {
      Sandbox _ = sandboxes.find("rig-" + i);
    }
    nanos.set(TTL.toNanos());

    assertThat(readsOfALook()).isEqualTo(1 + SANDBOXES);
    assertThat(readsOfALook()).isEqualTo(1);
    nanos.addAndGet(1);
    assertThat(readsOfALook()).isEqualTo(1 + 2 * SANDBOXES);
    assertThat(sandboxes.size()).isZero();
  }

  @Test
  void nothingIsKeptOfASandboxThatIsGone() {
    create(SANDBOXES, TTL);
    assertThat(factory.leases().size()).isEqualTo(SANDBOXES);

    for (int i = 0; i < SANDBOXES; i++) {
      sandboxes.delete("rig-" + i);
    }

    assertThat(factory.leases().size()).isZero();
  }

  private void create(int count, Duration ttl) {
    for (int i = 0; i < count; i++) {
      sandboxes.create(new SandboxSpec("rig-" + i, ttl, 1, Map.of()));
    }
  }

  private long readsOfALook() {
    long before = reads.get();
    sandboxes.expireLeases();
    return reads.get() - before;
  }
}
