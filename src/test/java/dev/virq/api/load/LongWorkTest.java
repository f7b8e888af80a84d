package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.share.Shares;
import dev.virq.share.Slices;
import dev.virq.sync.Sleep;
import dev.virq.testing.Await;
import dev.virq.testing.Call;
import dev.virq.testing.NotedPlace;
import dev.virq.testing.TestHosts;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LongWorkTest {
  private final Shares shares =
      new Shares("scripts", new Shares.Bounds(1, 1, 10, TestHosts.LONG * 1_000));

  /** Every step is the last of its slice. */
  private final LongWork work = new LongWork(shares, new Slices.Length(0));

  @Test
  void workOfAnotherSandboxRunsBetweenTwoSteps() {
    AtomicBoolean ran = new AtomicBoolean();
    work.inTurn(
        "long",
        turn -> {
          Call<Void> other =
              Call.run(() -> work.inTurn("other", _ -> ran.compareAndSet(false, true)));
          Await.until(() -> shares.waiting() == 1);
          assertThat(ran).isFalse();

          turn.step();

          assertThat(ran).isTrue();
          return other.get();
        });
    assertThat(shares.running()).isZero();
  }

  @Test
  void workThatIsStoppedWithinAStepGivesItsTurnUp() {
    work.inTurn(
        "long",
        _ ->
            Sleep.through(() -> {
              assertThat(shares.running()).isZero();
              return null;
            }));
  }

  @Test
  void theCallKeepsNoPlaceAmongTheCalls() {
    NotedPlace call = new NotedPlace();
    Sleep.inPlace(
        call,
        () ->
            work.inTurn(
                "long",
                _ -> {
                  assertThat(call.notes()).containsExactly("leave");
                  return null;
                }));
    assertThat(call.notes()).containsExactly("leave", "await");
  }
}
