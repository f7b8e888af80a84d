package dev.virq.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.host.Host;
import dev.virq.testing.TestHosts;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LineBookTest {

  /** The full controller routes 0 to 23. */
  @Test
  void linesThatAreRoutedOrCountedAreThereOnceAndInOrder() {
    Host host = TestHosts.boot(1);
    long vm = TestHosts.vm(host).id();
    TreeSet<Long> all = new TreeSet<>(LongStream.range(0, 24).boxed().toList());
    for (long counted : List.of(40L, 0L, 5L, 23L, 24L, 30L)) {
      host.irqfds().assign(vm, TestHosts.eventfd(host), counted, null);
      all.add(counted);
    }

    for (long after = -1; after <= 41; after++) {
      for (int limit = 0; limit <= all.size(); limit++) {
        assertThat(host.chips().lines(vm, after, limit))
            .as("%d after %d", limit, after)
            .isEqualTo(all.tailSet(after, false).stream().limit(limit).toList());
      }
    }
  }
}
