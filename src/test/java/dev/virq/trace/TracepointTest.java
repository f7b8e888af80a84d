package dev.virq.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TracepointTest {
  @Test
  void threadsCanBeStoppedInReadSectionsAndNotUnderLocks() {
    assertThat(Tracepoint.INJECT_DEREFERENCED.stoppable()).isTrue();
    assertThat(Tracepoint.SYNC_FLIPPED.stoppable()).isTrue();
    assertThat(Tracepoint.WAKEUP_POLLIN.stoppable()).isFalse();
    assertThat(Tracepoint.INJECT_MUTEX.stoppable()).isFalse();
    assertThat(Tracepoint.INJECT_RAISED.stoppable()).isFalse();
    assertThat(Tracepoint.VM_OPENED.stoppable()).isFalse();
  }

  @Test
  void namesOfPointsAreUniqueAndFindThem() {
    Set<String> names = new HashSet<>();
    for (Tracepoint tracepoint : Tracepoint.values()) {
      String name = tracepoint.pointName();
      if (name != null) {
        assertThat(names.add(name)).as(name).isTrue();
        assertThat(Tracepoint.point(name)).isSameAs(tracepoint);
      }
    }
    assertThat(Tracepoint.point("inject")).isNull();
  }

  @Test
  void theThreadsFourMarksAreThere() {
    assertThat(Tracepoint.point("inject.lowered").mark()).isEqualTo("[1]");
    assertThat(Tracepoint.point("disconnect.swapped").mark()).isEqualTo("[2]");
    assertThat(Tracepoint.point("sync.end").mark()).isEqualTo("[3]");
    assertThat(Tracepoint.point("inject.dereferenced").mark()).isEqualTo("[4]");
  }
}
