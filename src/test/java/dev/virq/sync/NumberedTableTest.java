package dev.virq.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.testing.Call;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberedTableTest {
  private final NumberedTable<Object> table = new NumberedTable<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 31, 32, 33, 1L << 40, Long.MAX_VALUE})
  void oneObjectIsFoundByItsNumberOnly(long number) {
    table.put(number, "a");

    assertThat(table.get(number)).isEqualTo("a");
    assertThat(table.get(number - 1)).isNull();
    assertThat(table.get(number ^ 32)).isNull();
    assertThat(table.after(number - 1, 9)).containsExactly("a");
    assertThat(table.after(number, 9)).isEmpty();
    assertThat(table.remove(number)).isEqualTo("a");
    assertThat(table.get(number)).isNull();
    assertThat(table.all()).isEmpty();
  }

  @Test
  void removalOfAnotherObjectLeavesTheOneThatIsThere() {
    table.put(7, "a");

    assertThat(table.remove(7, "b")).isFalse();
    assertThat(table.get(7)).isEqualTo("a");
    assertThat(table.remove(7, "a")).isTrue();
    assertThat(table.remove(7, "a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void answersAsATreeMapDoes(long seed) {
    Random random = new Random(seed);
    // Of one page, of pages of one node, of several nodes, and with nodes above each other.
    for (long spread : new long[] {32, 300, 5_000, 1L << 20, 1L << 40, Long.MAX_VALUE}) {
      answersAsATreeMapDoes(random, spread);
    }
  }

  private void answersAsATreeMapDoes(Random random, long spread) {
    table.clear();
    TreeMap<Long, Object> model = new TreeMap<>();
    long[] near = LongStream.generate(() -> random.nextLong(spread)).limit(20).toArray();
    for (int step = 0; step < 5_000; step++) {
      long number = Math.min(spread, near[random.nextInt(near.length)] + random.nextInt(40));
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          Object object = new Object();
          table.put(number, object);
          model.put(number, object);
        }
        case 2 -> assertThat(table.remove(number)).isSameAs(model.remove(number));
        default -> {
          int limit = random.nextInt(80);
          List<Object> page = model.tailMap(number, false).values().stream().limit(limit).toList();
          assertThat(table.after(number, limit)).isEqualTo(page);
          assertThat(table.get(number)).isSameAs(model.get(number));
        }
      }
    }
    assertThat(table.all()).containsExactlyElementsOf(model.values());
    assertThat(table.first()).isSameAs(model.isEmpty() ? null : model.firstEntry().getValue());
    model.keySet().forEach(table::remove);
    assertThat(table.all()).isEmpty();
    assertThat(table.first()).isNull();
  }

  @Test
  void nothingIsBelowZero() {
    table.put(0, "a");

    assertThat(table.get(-1)).isNull();
    assertThat(table.get(Long.MIN_VALUE)).isNull();
    assertThat(table.after(-7, 9)).containsExactly("a");
    assertThat(table.after(Long.MAX_VALUE, 9)).isEmpty();
    assertThat(table.after(-1, 0)).isEmpty();
  }

  @Test
  void threadsThatChangeNumbersOfOnePageLoseNothing() throws Exception {
    int threads = 4;
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> all =
          IntStream.range(0, threads)
              .<Future<?>>mapToObj(thread ->
                  executor.submit(() -> {
                    start.await();
                    for (int round = 0; round < 20_000; round++) {
                      table.put(thread, round);
                      assertThat(table.remove(thread)).isEqualTo(round);
                    }
                    table.put(thread, "last");
                    return null;
                  }))
              .toList();
      start.countDown();
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(table.all()).hasSize(threads).containsOnly("last");
  }

  @Test
  void whatStaysIsFoundWhileOthersComeAndGo() {
    List<Long> staying = List.of(5L, 40L, 3_000L, 1L << 20, 1L << 45);
    staying.forEach(number -> table.put(number, number));
    AtomicBoolean over = new AtomicBoolean();
    Call<Void> changes =
        Call.run(() -> {
          Random random = new Random(7);
          for (int round = 0; round < 200_000; round++) {
            // Beside them, so that their pages and nodes are replaced; and far above.
            long number = staying.get(random.nextInt(5)) ^ (1L << random.nextInt(50));
            if (!staying.contains(number)) {
              table.put(number, "guest");
              table.remove(number);
            }
          }
          over.set(true);
        });
    while (!over.get()) {
      for (Long number : staying) {
        assertThat(table.get(number)).isEqualTo(number);
      }
      assertThat(table.after(-1, 100)).containsAll(staying);
    }
    changes.get();
    assertThat(table.all()).isEqualTo(staying);
  }
}
