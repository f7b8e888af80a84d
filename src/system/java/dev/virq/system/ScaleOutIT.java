package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.system.Rest.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three instances behind HAProxy, as the chart sets it up: every request reaches its sandbox, a
 * lost instance takes its own along and no other, and clients are told.
 */
@Tag("thorough")
class ScaleOutIT {
  private static final int SANDBOXES = 60;
  private static final int LOADED = 24;
  private static final int SIGNALS = 3;

  @TempDir private static Path directory;
  private static Fleet fleet;

  @BeforeAll
  static void start() throws Exception {
    fleet = Fleet.start(directory, List.of("virq-0", "virq-1", "virq-2"));
  }

  @AfterAll
  static void stop() {
    if (fleet != null) {
      fleet.close();
    }
  }

  private static List<Rig> rigs(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Rig(fleet.rest(), prefix + i)).toList();
  }

  @Test
  void everyRequestReachesItsSandboxAndALostInstanceTakesOnlyItsOwn() throws Exception {
    List<Rig> rigs = rigs("rig-", SANDBOXES);

    Map<String, List<Rig>> byNode =
        atOnce(rigs, Rig::begin).stream().collect(Collectors.groupingBy(Rig::node));
    atOnce(rigs, ScaleOutIT::signal);

    assertThat(byNode).containsOnlyKeys(fleet.names());

    String lost = "virq-1";
    fleet.kill(lost);
    List<Rig> gone = byNode.remove(lost);
    List<Rig> left = byNode.values().stream().flatMap(List::stream).toList();

    atOnce(left, ScaleOutIT::signal);
    for (Answer answer : atOnce(gone, Rig::look)) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
      assertThat(answer.text("errno")).isEqualTo("ENOENT");
      assertThat(answer.node()).isNotEqualTo(lost).isIn(fleet.names());
      assertThat(answer.text("node")).isEqualTo(answer.node());
      assertThat(answer.text("epoch")).isEqualTo(answer.epoch()).isNotEmpty();
    }

    // Whoever lost a sandbox begins anew under the same name, on an instance that lives.
    atOnce(gone, Rig::begin);
    atOnce(rigs, ScaleOutIT::signal);
    assertThat(rigs).noneMatch(rig -> rig.node().equals(lost));
    fleet.begin(lost);
  }

  @Test
  void instanceThatComesBackWithTheOldSandboxIsNotTakenForTheNewOne() throws Exception {
    Rig rig = new Rig(fleet.rest(), "story").begin();
    String old = rig.uid();
    String first = rig.node();

    // It misses its probes, and the client begins anew elsewhere.
    fleet.gateway().takeOut(first);
    assertThat(rig.signal().status()).isEqualTo(404);
    rig.begin();
    String anew = rig.uid();
    assertThat(rig.node()).isNotEqualTo(first);
    assertThat(anew).isNotEqualTo(old);

    // It comes back, and with it the old sandbox, whose efd-1 is another object.
    fleet.gateway().takeBack(first);
    Answer told = rig.signal();

    assertThat(told.status()).isEqualTo(412);
    assertThat(told.node()).isEqualTo(first);
    assertThat(told.text("errno")).isEqualTo("ESTALE");
    assertThat(told.text("uid")).isEqualTo(old);
    assertThat(told.body().path("expected").path(0).asString("")).isEqualTo(anew);
    // Nothing happened to the old one.
    Rest unaware = fleet.rest();
    assertThat(unaware.get(rig.path() + "/stats").ok().number("signals")).isZero();
    // A client that does not say for whom it calls is handed the old one, and can see that.
    Answer found = unaware.put(rig.path(), "{}");
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.text("uid")).isEqualTo(old);
    assertThat(unaware.with("If-None-Match", "*").put(rig.path(), "{}").status()).isEqualTo(412);
    // Who wants to go on here makes it his own: a reset is a new life.
    Answer reset = unaware.with("If-Match", '"' + old + '"').post(rig.path() + "/reset", null);
    assertThat(reset.ok().text("uid")).isNotIn(old, anew, "");
  }

  @Test
  void instanceKilledUnderLoadIsFeltByItsOwnSandboxesOnly() throws Exception {
    List<Rig> rigs = rigs("load-", LOADED);
    atOnce(rigs, Rig::begin);
    String lost = rigs.getFirst().node();
    long victims = rigs.stream().filter(rig -> rig.node().equals(lost)).count();

    Load load = new Load(fleet, rigs).start();
    String epoch = load.epochs().get(lost);
    fleet.kill(lost);
    try {
      load.untilFelt(lost);
      load.stop();
    } finally {
      fleet.begin(lost);
    }

    assertThat(load.refusals(lost).keySet()).isSubsetOf(404, 502, 503, Load.CLOSED);
    assertThat(load.begunAnew(lost)).isEqualTo(victims);
    assertThat(load.refusalsOfOthers(lost)).isEmpty();
    assertThat(rigs).noneMatch(rig -> rig.epoch().equals(epoch));
    System.out.printf(
        "kill -9 under load: %d signals, %d of %d sandboxes lost, their refusals by status %s%n",
        load.acknowledged(), victims, rigs.size(), load.refusals(lost));
  }

  @Test
  void rollingUpdateLosesNoAcknowledgedSignalAndTellsWhoseSandboxIsGone() throws Exception {
    List<Rig> rigs = rigs("roll-", LOADED);
    atOnce(rigs, Rig::begin);
    Load load = new Load(fleet, rigs).start();

    List<Fleet.Drained> ended = new ArrayList<>();
    for (String name : fleet.names()) {
      ended.add(fleet.update(name));
      load.untilFelt(name);
    }
    load.stop();

    for (Fleet.Drained drained : ended) {
      assertThat(drained.exit()).as(drained.toString()).isZero();
      assertThat(drained.lost()).as(drained.toString()).isZero();
      // Each signal that was acknowledged is among those that have their outcome.
      assertThat(drained.signals()).isGreaterThanOrEqualTo(load.acknowledgedIn(drained.epoch()));
      assertThat(load.acknowledgedIn(drained.epoch())).isPositive();
    }
    for (String name : fleet.names()) {
      assertThat(load.refusals(name).keySet()).as(name).isSubsetOf(404, 412, 502, 503, Load.CLOSED);
    }
    System.out.printf(
        "rolling update of %d: %d signals acknowledged, %s, refusals by status %s%n",
        ended.size(), load.acknowledged(), ended, load.refusals());
  }

  private static Rig signal(Rig rig) {
    for (int i = 0; i < SIGNALS; i++) {
      assertThat(rig.signal().ok().node()).isEqualTo(rig.node());
    }
    assertThat(rig.injected()).isEqualTo(rig.sent());
    return rig;
  }

  static <C, R> List<R> atOnce(List<C> clients, Function<C, R> action) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<R>> calls = new ArrayList<>();
      for (C client : clients) {
        calls.add(() -> action.apply(client));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : threads.invokeAll(calls)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
