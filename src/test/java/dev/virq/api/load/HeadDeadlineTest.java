package dev.virq.api.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class HeadDeadlineTest {
  private final HeadDeadline deadline = new HeadDeadline(100);

  @Test
  void aHeadThatIsThereForTooLongIsLateAndOthersAreNot() {
    assertThat(deadline.late(Set.of("slow"), 1_000)).isEmpty();
    assertThat(deadline.late(Set.of("slow", "fresh"), 1_099)).isEmpty();

    assertThat(deadline.late(Set.of("slow", "fresh"), 1_100)).containsExactly("slow");
  }

  @Test
  void aHeadThatWasThereBeforeBeginsAgain() {
    assertThat(deadline.late(Set.of("same"), 1_000)).isEmpty();
    assertThat(deadline.late(Set.of(), 1_050)).isEmpty();

    assertThat(deadline.late(Set.of("same"), 1_100)).isEmpty();
  }
}
