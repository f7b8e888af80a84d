package dev.virq.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.sync.Sleep;
import dev.virq.testing.Call;
import dev.virq.testing.NotedPlace;
import dev.virq.testing.TestHosts;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private final Changes changes = new Changes();
  private final AtomicReference<@Nullable String> answer = new AtomicReference<>();

  /** What a wait that sleeps does with its place. */
  private NotedPlace wait(boolean cancelable) {
    NotedPlace place = new NotedPlace();
    Call<@Nullable String> wait =
        Call.asleep(() ->
            Sleep.inPlace(
                place, () -> changes.await(answer::get, false, TestHosts.LONG, 0, cancelable)));

    answer.set("there");
    changes.tell();

    assertThat(wait.get()).isEqualTo("there");
    return place;
  }

  @Test
  void aCallThatWaitedRunsAgainInTurn() {
    assertThat(wait(true).notes()).containsExactly("leave", "await");
  }

  /** It may hold a lock that those before it need. */
  @Test
  void whatCannotBeCanceledRunsAgainAtOnce() {
    assertThat(wait(false).notes()).containsExactly("leave", "rejoin");
  }

  @Test
  void whoWaitsForObjectsLooksWhenOneIsGone() {
    Call<@Nullable String> wait =
        Call.asleep(() -> changes.await(answer::get, true, TestHosts.LONG, 0, true));
    answer.set("gone");
    changes.tellGone();

    assertThat(wait.get()).isEqualTo("gone");
  }

  /** A VM that closes can have a million of them. */
  @Test
  void whoWaitsForWorkIsNotToldOfObjects() {
    Call<@Nullable String> wait =
        Call.asleep(() -> changes.await(answer::get, false, TestHosts.LONG, 0, true));
    changes.tellGone();
    assertThat(changes.told()).isZero();

    answer.set("over");
    changes.tell();

    assertThat(wait.get()).isEqualTo("over");
    assertThat(changes.told()).isEqualTo(1);
  }
}
