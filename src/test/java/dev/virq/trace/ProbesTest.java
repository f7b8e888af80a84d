package dev.virq.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who is told of a tracepoint. */
class ProbesTest {
  private final List<String> told = new ArrayList<>();

  /** Observes some points, some of them only for watchers. */
  private Probe probe(String name, Set<Tracepoint> observed, Set<Tracepoint> forWatchers) {
    return new Probe() {
      @Override
      public boolean observes(Tracepoint point) {
        return observed.contains(point);
      }

      @Override
      public boolean observesForWatchers(Tracepoint point) {
        return forWatchers.contains(point);
      }

      @Override
      public void hit(Tracepoint point, Subject subject, long value, Detail detail) {
        told.add(name + " " + point);
      }
    };
  }

  private List<String> hit(Probes probes, Tracepoint point) {
    told.clear();
    probes.hit(point, new Subject() {}, 0, Detail.NONE);
    return List.copyOf(told);
  }

  @Test
  void observersAreToldInTheirOrderAndNobodyElse() {
    Set<Tracepoint> both = Set.of(Tracepoint.VM_OPENED, Tracepoint.VM_RELEASED);
    Probes probes =
        new Probes(
            List.of(
                probe("a", both, Set.of()),
                probe("b", Set.of(Tracepoint.VM_OPENED), Set.of()),
                probe("c", both, Set.of())));

    assertThat(hit(probes, Tracepoint.VM_OPENED))
        .containsExactly("a VM_OPENED", "b VM_OPENED", "c VM_OPENED");
    assertThat(hit(probes, Tracepoint.VM_RELEASED))
        .containsExactly("a VM_RELEASED", "c VM_RELEASED");
    assertThat(hit(probes, Tracepoint.EVENTFD_OPENED)).isEmpty();
    assertThat(probes.observes(Tracepoint.VM_OPENED)).isTrue();
    assertThat(probes.observes(Tracepoint.EVENTFD_OPENED)).isFalse();
  }

  @Test
  void whatIsForWatchersIsToldWhileSomebodyLooks() {
    AtomicBoolean watched = new AtomicBoolean();
    Set<Tracepoint> both = Set.of(Tracepoint.VM_OPENED, Tracepoint.VM_RELEASED);
    Probes probes =
        new Probes(
            List.of(probe("a", both, Set.of(Tracepoint.VM_OPENED)), probe("b", both, Set.of())),
            watched::get);

    assertThat(hit(probes, Tracepoint.VM_OPENED)).containsExactly("b VM_OPENED");
    assertThat(hit(probes, Tracepoint.VM_RELEASED))
        .containsExactly("a VM_RELEASED", "b VM_RELEASED");
    assertThat(probes.observes(Tracepoint.VM_OPENED)).isTrue();

    watched.set(true);
    assertThat(hit(probes, Tracepoint.VM_OPENED)).containsExactly("b VM_OPENED");
    probes.look();
    assertThat(hit(probes, Tracepoint.VM_OPENED)).containsExactly("a VM_OPENED", "b VM_OPENED");
  }

  @Test
  void moreThanABitEachAreRefused() {
    assertThatThrownBy(() -> new Probes(Collections.nCopies(33, Probe.NONE)))
        .hasMessage("33 probes are more than 32");
  }
}
