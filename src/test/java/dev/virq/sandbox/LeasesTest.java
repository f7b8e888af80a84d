package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.TestSandboxes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  void sandboxWhoseEndDidNotRunIsFoundAgain() {
    create(1, TTL);
    nanos.addAndGet(TTL.toNanos());
    List<Runnable> ends = new ArrayList<>();

    sandboxes.expireLeases(ends::add);
    sandboxes.expireLeases(ends::add);

    assertThat(ends).hasSize(2);
    ends.forEach(Runnable::run);
    assertThat(sandboxes.size()).isZero();
    sandboxes.expireLeases(ends::add);
    assertThat(ends).hasSize(2);
  }

  @Test
  void earlierEndComesFirstThoughTheClockWrapsAroundBetween() {
    nanos.set(Long.MAX_VALUE - Duration.ofMinutes(5).toNanos());
    create(1, TTL);
    sandboxes.create(new SandboxSpec("short", Duration.ofMinutes(1), 1, Map.of()));
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());

    sandboxes.expireLeases();

    assertThat(sandboxes.list(null))
        .extracting(sandbox -> sandbox.settings().name())
        .containsExactly("rig-0");
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
