package dev.virq.attacks;

import dev.virq.attacks.rig.Cleanup;
import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Latencies;
import dev.virq.attacks.rig.Liveness;
import dev.virq.attacks.rig.Pace;
import dev.virq.attacks.rig.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Carries out attacks, one after the other, on an instance that lives as long as they leave it
 * alive. What one leaves behind the next one meets.
 */
final class Assault implements AutoCloseable {
  private static final long QUIET_NANOS = Settings.number("quietMillis", 500, 8_000) * 1_000_000;
  private static final long WARM_NANOS = Settings.number("warmMillis", 2_000, 10_000) * 1_000_000;
  private static final long LOOK_NANOS = 200_000_000L;

  /** A victim that is not answered within this has not been answered. */
  private static final long ANSWERED_NANOS = 30_000_000_000L;

  private static final Duration SMALL = Duration.ofMillis(Settings.number("smallMillis", 1_500, 0));
  private static final Duration GIVEN_BACK = Duration.ofSeconds(20);

  private Instance instance;
  private Victim victim;
  private Liveness liveness;
  private long heapBefore;

  /** Begins with a fresh instance that has been warmed up. */
  Assault() throws IOException, InterruptedException {
    begin();
  }

  private void begin() throws IOException, InterruptedException {
    instance = Instance.start();
    victim = new Victim(instance.port());
    liveness = new Liveness(instance.managementPort());
    if (Settings.FULL) {
      WarmUp.of(instance);
    }
    Pace.until(System.nanoTime() + WARM_NANOS);
    heapBefore = instance.memory().live();
  }

  /** Starts over when that attack left a process that is no use for another. */
  void renewAfter(Evidence evidence) throws IOException, InterruptedException {
    if (!evidence.end().isEmpty() || evidence.heapAfter() > Judge.allowance(heapBefore)) {
      renew();
    }
  }

  /** Starts over. */
  void renew() throws IOException, InterruptedException {
    close();
    begin();
  }

  /** Whether the process is still there and answers. */
  private boolean isUsable() {
    return instance.isAlive() && instance.isUp("readiness");
  }

  /** Carries out one. */
  Evidence carryOut(Attack attack) throws Exception {
    Latencies quiet = victim.phase();
    Pace.until(System.nanoTime() + QUIET_NANOS);
    Latencies during = victim.phase();
    Latencies probes = liveness.phase();

    Ground ground = new Ground(instance, longest(attack));
    Thread attacker = Thread.ofVirtual().start(() -> run(attack, ground));
    long resident = 0;
    while (!attacker.join(Duration.ofNanos(LOOK_NANOS))) {
      resident = Math.max(resident, resident());
    }
    List<String> faults = new ArrayList<>(ground.tally().faults());
    if (isUsable()) {
      faults.addAll(Cleanup.of(instance));
    }
    // An attack may be over before the victim's next call.
    long enough = System.nanoTime() + ANSWERED_NANOS;
    while (during.count() == 0 && System.nanoTime() < enough) {
      Pace.until(System.nanoTime() + LOOK_NANOS);
    }
    // Measuring the heap stops the process, which is not the attacker's doing.
    victim.rest();
    liveness.rest();
    long heapAfter = heapAfter();
    List<String> failures = victim.failures();
    return new Evidence(
        attack.name(),
        end(),
        quiet,
        during,
        failures,
        probes,
        liveness.failures(),
        instance.complaints(),
        faults,
        heapBefore,
        heapAfter,
        Math.max(resident, resident()),
        ground.tally().toString());
  }

  private static Duration longest(Attack attack) {
    return Settings.FULL || attack.whole() ? attack.longest() : SMALL;
  }

  private static void run(Attack attack, Ground ground) {
    try {
      attack.plan().run(ground);
    } catch (IOException e) {
      ground.tally().add(e);
    } catch (Exception e) {
      ground.tally().fault("the attack itself failed: " + e);
    }
  }

  /** Live heap, looked at until it is as small as before, or for a while. */
  private long heapAfter() throws InterruptedException {
    long deadline = System.nanoTime() + GIVEN_BACK.toNanos();
    long live = 0;
    try {
      do {
        live = instance.memory().live();
      } while (live > Judge.allowance(heapBefore) && System.nanoTime() - deadline < 0);
    } catch (IOException e) {
      // It is gone, or does not answer jcmd: other evidence says so.
    }
    return live;
  }

  private long resident() {
    try {
      return instance.memory().resident();
    } catch (IOException e) {
      return 0;
    }
  }

  private String end() throws InterruptedException, TimeoutException {
    if (instance.isAlive()) {
      return instance.isUp("readiness") ? "" : "it lives but is not ready";
    }
    return "exit code " + instance.end(10);
  }

  @Override
  public void close() {
    // Killed first: a victim that waits for an answer then waits no longer.
    instance.close();
    victim.close();
    liveness.close();
  }
}
