package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CrowdTest {
  private static final int MOST = 100;

  private final Crowd crowd = new Crowd();

  /** Whether their connections are closed. */
  private boolean asks(String sandbox, int times) {
    for (int i = 0; i < times; i++) {
      crowd.served(sandbox);
    }
    return crowd.closesAfter(sandbox);
  }

  private void full() {
    crowd.look(true, false, MOST);
  }

  @Test
  void nobodyIsSentAwayWhileThereIsRoom() {
    assertThat(asks("busy", 1_000)).isFalse();
    crowd.look(false, false, MOST);
    crowd.look(false, false, MOST);
    assertThat(asks("busy", 1_000)).isFalse();
  }

  @Test
  void busySandboxesAreSentAwayAtTheSecondLookAndModestOnesKeepTheirs() {
    full();
    assertThat(asks("busy", 1_000)).isFalse();
    assertThat(asks("modest", 40)).isFalse();
    full();

    assertThat(asks("busy", 1)).isTrue();
    assertThat(asks("modest", 1)).isFalse();
    assertThat(asks("new", 1)).as("not counted yet").isTrue();
  }

  @Test
  void equalsAreAllSentAway() {
    full();
    asks("one", 500);
    asks("other", 500);
    full();

    assertThat(asks("one", 1)).isTrue();
    assertThat(asks("other", 1)).isTrue();
  }

  @Test
  void countsAreOfTheTimeSinceTheLastLook() {
    full();
    asks("one", 1_000);
    asks("other", 10);
    full();
    asks("one", 10);
    asks("other", 1_000);
    full();

    assertThat(asks("one", 1)).isFalse();
    assertThat(asks("other", 1)).isTrue();
  }

  @Test
  void whereClosingAfterAnAnswerMakesNoRoomNobodyIsSentAway() {
    full();
    asks("only", MOST / 16 - 1);
    full();
    assertThat(asks("only", MOST / 16)).isFalse();
    full();
    assertThat(asks("only", 1)).isTrue();
  }

  @Test
  void whereSilentOnesMadeRoomNobodyIsSentAway() {
    full();
    asks("busy", 1_000);
    crowd.look(true, true, MOST);
    assertThat(asks("busy", 1_000)).isFalse();
  }

  @Test
  void roomEndsIt() {
    full();
    asks("busy", 1_000);
    full();
    assertThat(asks("busy", 1)).isTrue();
    crowd.look(false, false, MOST);
    assertThat(asks("busy", 1)).isFalse();
    full();
    assertThat(asks("busy", 1)).as("nothing was counted").isFalse();
  }

  @Test
  void namesThatAreCountedAreBounded() {
    full();
    for (int i = 0; i < 2 * Crowd.MOST_COUNTED; i++) {
      asks("sandbox-" + i, 1);
    }
    full();

    assertThat(asks("sandbox-0", 1)).isFalse();
    assertThat(asks("sandbox-2000", 1)).as("counted with others").isTrue();
  }
}
