package dev.virq.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which names of sandboxes the real HAProxy moves when an instance goes, comes, or gets another
 * address. What answers in place of the instances is HAProxy, too: only the place matters.
 */
class PlacementIT {
  private static final int NAMES = 2_000;

  /** Names are spread at random, so a share is a little more or less than one part in n. */
  private static final double UNEVEN = 1.25;

  private static final List<String> ALL = List.of("virq-0", "virq-1", "virq-2", "virq-3");

  @TempDir private Path directory;
  private HaProxy gateway;
  private Rest rest;

  @BeforeEach
  void start() throws Exception {
    gateway = HaProxy.withStandIns(directory, ALL);
    rest = new Rest(gateway.port());
  }

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
  }

  @Tag("thorough")
  @Test
  void lossMovesTheNamesOfTheLostInstanceOnlyAndItsReturnMovesThemBack() throws Exception {
    Map<String, String> before = places();

    gateway.takeOut("virq-2");
    Map<String, String> without = places();

    assertThat(moved(before, without)).containsOnlyKeys("virq-2");
    assertThat(moved(before, without).get("virq-2")).isLessThanOrEqualTo(share(ALL.size()));
    // They are spread over all that are left, not thrown on one.
    assertThat(without.values()).containsOnly("virq-0", "virq-1", "virq-3");
    assertThat(spread(without))
        .allSatisfy(
            (node, names) -> assertThat(names).as(node).isLessThanOrEqualTo(share(ALL.size() - 1)));

    gateway.takeBack("virq-2");
    assertThat(places()).isEqualTo(before);
  }

  @Test
  void scaleUpMovesNamesToTheNewInstanceOnly() throws Exception {
    gateway.takeOut("virq-3");
    Map<String, String> before = places();

    gateway.takeBack("virq-3");
    Map<String, String> after = places();

    long moved = moved(before, after).values().stream().mapToLong(Long::longValue).sum();
    assertThat(moved).isPositive().isLessThanOrEqualTo(share(ALL.size()));
    before.forEach((name, node) -> assertThat(after.get(name)).isIn(node, "virq-3"));
  }

  @Test
  void anotherAddressMovesNoName() throws Exception {
    Map<String, String> before = places();

    // To where nothing else listens is no matter: two instances swap their addresses.
    Map<String, Integer> ports = gateway.ports();
    gateway.move("virq-0", ports.get("virq-1"));
    gateway.move("virq-1", ports.get("virq-0"));

    Map<String, String> swapped =
        Map.of("virq-0", "virq-1", "virq-1", "virq-0", "virq-2", "virq-2", "virq-3", "virq-3");
    Map<String, String> after = places();
    before.forEach((name, node) -> assertThat(after.get(name)).isEqualTo(swapped.get(node)));
  }

  @Test
  void everyPathOfASandboxLeadsToOnePlace() {
    for (int i = 0; i < 20; i++) {
      String path = "/v1/sandboxes/rig-" + i;

      String node = rest.get(path).node();

      assertThat(rest.get(path + "/vms/vm-1?wait=none").node()).isEqualTo(node);
      assertThat(rest.post(path + "/eventfds/3/signal", null).node()).isEqualTo(node);
      assertThat(rest.get("/v1/sandboxes/%72ig-" + i + "/stats").node()).isEqualTo(node);
    }
  }

  private static long share(int instances) {
    return Math.round(UNEVEN * NAMES / instances);
  }

  private Map<String, String> places() {
    return IntStream.range(0, NAMES)
        .mapToObj(i -> "rig-" + i)
        .collect(
            Collectors.toMap(
                name -> name,
                name -> rest.get("/v1/sandboxes/" + name).ok().node(),
                (one, other) -> one,
                TreeMap::new));
  }

  private static Map<String, Long> spread(Map<String, String> places) {
    return places.values().stream()
        .collect(Collectors.groupingBy(node -> node, TreeMap::new, Collectors.counting()));
  }

  /** How many names have left each node. */
  private static Map<String, Long> moved(Map<String, String> before, Map<String, String> after) {
    return before.entrySet().stream()
        .filter(place -> !place.getValue().equals(after.get(place.getKey())))
        .collect(Collectors.groupingBy(Map.Entry::getValue, TreeMap::new, Collectors.counting()));
  }
}
