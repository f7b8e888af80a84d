package dev.virq.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
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
    TreeMap<Long, Object> model = new TreeMap<>();
    for (int step = 0; step < 5_000; step++) {
      long number = random.nextInt(300);
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
}
