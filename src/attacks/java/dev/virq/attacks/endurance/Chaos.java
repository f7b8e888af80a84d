package dev.virq.attacks.endurance;

import dev.virq.attacks.rig.Client;
import dev.virq.attacks.rig.Instance;
import dev.virq.attacks.rig.Pace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Ends an instance under load, at a random moment, and looks at what it says last. */
final class Chaos {
  private static final Pattern DRAINED = Pattern.compile("drained:.*?signals=(\\d+).*?lost=(\\d+)");
  private static final int CLIENTS = 8;
  private static final int ANSWER_MILLIS = 30_000;
  private static final long SOONEST_NANOS = 200_000_000L;
  private static final int SPREAD_MILLIS = 2_000;

  /** Signals that a client has sent when it is busy. */
  private static final int BUSY = 5;

  private static final long BUSY_SECONDS = 60;

  /** As long as a pod is given. */
  private static final long END_SECONDS = 30;

  private Chaos() {}

  /**
   * One life of an instance.
   *
   * @param epoch what tells it from another, or the empty string where there is no such thing
   * @param readyNanos from its start to readiness
   * @param acknowledged signals that clients were told of
   * @param accepted signals that it counted, or -1 when it said nothing
   * @param lost signals without an outcome that it counted, or -1
   * @param exit its exit code
   * @param endNanos from the signal to its end
   */
  record Life(
      String epoch,
      long readyNanos,
      long acknowledged,
      long accepted,
      long lost,
      int exit,
      long endNanos) {}

  /** Lets one live for a random moment under load, and asks it to end, or kills it. */
  static Life live(long seed, boolean kill) throws Exception {
    Random random = new Random(seed);
    try (Instance instance = Instance.start()) {
      String epoch = epoch(instance);
      AtomicLong acknowledged = new AtomicLong();
      CountDownLatch busy = new CountDownLatch(CLIENTS);
      List<Thread> clients =
          IntStream.range(0, CLIENTS)
              .mapToObj(i ->
                  Thread.ofVirtual()
                      .start(() -> load(instance, "rig-" + i, seed + i, busy, acknowledged)))
              .toList();
      // The random moment is one under load, however slow the machine is.
      boolean _ = busy.await(BUSY_SECONDS, TimeUnit.SECONDS);
      Pace.until(System.nanoTime() + SOONEST_NANOS + random.nextInt(SPREAD_MILLIS) * 1_000_000L);
      long begun = System.nanoTime();
      boolean _ = kill ? instance.handle().destroyForcibly() : instance.handle().destroy();
      int exit = end(instance);
      long ended = System.nanoTime() - begun;
      for (Thread client : clients) {
        client.join();
      }
      return life(instance, epoch, acknowledged.get(), exit, ended);
    }
  }

  private static int end(Instance instance) throws InterruptedException {
    try {
      return instance.end(END_SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("SIGTERM is not obeyed", e);
    }
  }

  private static Life life(
      Instance instance, String epoch, long acknowledged, int exit, long ended) {
    Matcher drained = DRAINED.matcher(instance.log());
    boolean said = drained.find();
    return new Life(
        epoch,
        instance.readyNanos(),
        acknowledged,
        said ? Long.parseLong(drained.group(1)) : -1,
        said ? Long.parseLong(drained.group(2)) : -1,
        exit,
        ended);
  }

  private static String epoch(Instance instance) throws IOException {
    try (Client client = new Client(instance.port())) {
      return client.get("/v1").text("epoch");
    }
  }

  /** Works until the service is gone. An answer that never came acknowledges nothing. */
  private static void load(
      Instance instance, String name, long seed, CountDownLatch busy, AtomicLong acknowledged) {
    try (Client client = new Client(instance.port(), () -> ANSWER_MILLIS, answer -> {})) {
      MixedRig rig = new MixedRig(client, name, seed);
      try {
        rig.begin();
        // Draining says so; until then there is always a next step.
        while (rig.step().status() != 503) {
          if (rig.acknowledged() == BUSY) {
            busy.countDown();
          }
        }
      } catch (IOException e) {
        // The end.
      }
      long _ = acknowledged.addAndGet(rig.acknowledged());
    }
  }

  /** What was wrong with lives that were asked to end. */
  static List<String> complaints(List<Life> lives, boolean kill) {
    List<String> all = new ArrayList<>();
    for (Life life : lives) {
      if (!kill && (life.exit() != 0 || life.lost() != 0)) {
        all.add("not drained: " + life);
      }
      if (!kill && life.accepted() < life.acknowledged()) {
        all.add("acknowledged signals are lost: " + life);
      }
    }
    List<String> epochs =
        lives.stream().map(Life::epoch).filter(epoch -> !epoch.isEmpty()).toList();
    if (epochs.stream().distinct().count() != epochs.size()) {
      all.add("two lives have one epoch: " + epochs);
    }
    return all;
  }
}
