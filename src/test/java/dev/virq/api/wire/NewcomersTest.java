package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NewcomersTest {
  private int connections;
  private final Newcomers newcomers = new Newcomers(() -> connections);
  private final List<Integer> handedOn = new ArrayList<>();

  /** So many come, numbered from 0. */
  private List<Newcomers.Newcomer> come(int count) {
    return IntStream.range(0, count)
        .mapToObj(number -> {
          Newcomers.Newcomer one = new Newcomers.Newcomer(() -> handedOn.add(number));
          if (newcomers.comes(one)) {
            handedOn.add(number);
          }
          return one;
        })
        .toList();
  }

  @Test
  void oneIsHandedOnAtOnceWhileFewAre() {
    var _ = come(Newcomers.FEWEST);
    assertThat(handedOn).containsExactly(0, 1, 2, 3);
  }

  @Test
  void furtherOnesWaitUntilOthersBeginAndComeInTurn() {
    List<Newcomers.Newcomer> all = come(Newcomers.FEWEST + 2);
    assertThat(handedOn).containsExactly(0, 1, 2, 3);
    assertThat(newcomers.waiting()).isEqualTo(6);

    newcomers.begins(all.get(2));
    assertThat(handedOn).containsExactly(0, 1, 2, 3, 4);
    newcomers.begins(all.get(2));
    assertThat(handedOn).as("it begins once").hasSize(5);

    newcomers.begins(all.get(0));
    assertThat(handedOn).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(newcomers.waiting()).isEqualTo(4);
  }

  @Test
  void oneThatIsClosedWhileItWaitsIsNotHandedOn() {
    List<Newcomers.Newcomer> all = come(Newcomers.FEWEST + 2);
    newcomers.begins(all.get(4));
    assertThat(newcomers.waiting()).isEqualTo(5);

    newcomers.begins(all.get(0));
    assertThat(handedOn).containsExactly(0, 1, 2, 3, 5);
  }

  @Test
  void whereManyAreServedMoreComeAtATime() {
    int served = 100;
    connections = served;
    for (int i = 0; i < 40; i++) {
      connections++;
      var _ = come(1);
    }
    assertThat(handedOn).hasSize(served / 4);
  }

  @Test
  void oneThatIsClosedBeforeItComesWaitsForNobody() {
    var _ = come(Newcomers.FEWEST);
    Newcomers.Newcomer gone = new Newcomers.Newcomer(() -> handedOn.add(-1));
    newcomers.begins(gone);
    assertThat(newcomers.comes(gone)).isTrue();
    assertThat(newcomers.waiting()).isEqualTo(Newcomers.FEWEST);
  }

  @Test
  void whereMoreAreServedThanBeforeThoseThatWaitAreToldFirst() {
    var _ = come(Newcomers.FEWEST + 2);
    connections = Newcomers.FEWEST + 3 + 4 * (Newcomers.FEWEST + 2);
    var _ = come(1);
    assertThat(handedOn).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void nextIsTakenAtOnceWhileFewWait() {
    var _ = come(Newcomers.MOST - 1);
    assertThat(newcomers.beforeNext()).isZero();
  }

  @Test
  void nextIsKeptWaitingWhileManyWait() {
    List<Newcomers.Newcomer> all = come(Newcomers.MOST);
    assertThat(newcomers.beforeNext()).isPositive();
    newcomers.begins(all.getFirst());
    assertThat(newcomers.beforeNext()).isZero();
  }

  @Test
  void nextIsTakenSomeTimeAlthoughNoneBegins() {
    var _ = come(2 * Newcomers.MOST);
    assertThat(newcomers.beforeNext()).isEqualTo(Newcomers.LOOKS);
  }
}
