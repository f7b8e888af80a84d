package dev.virq.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinesTest {
  private static final int LONGEST = 3;

  private final Lines lines = new Lines(LONGEST);

  /** Those that may be served, in the order in which they were told. */
  private final List<String> served = new ArrayList<>();

  private List<Lines.Call> come(String sandbox, int count) {
    return IntStream.range(0, count)
        .mapToObj(number -> {
          String name = sandbox + number;
          Lines.Call one = new Lines.Call(sandbox, () -> served.add(name));
          if (lines.comes(one)) {
            served.add(name);
          }
          return one;
        })
        .toList();
  }

  @Test
  void soManyOfASandboxAreInHandAndTheOthersComeInTurn() {
    List<Lines.Call> calls = come("a", Lines.IN_HAND + 2);
    assertThat(served).hasSize(Lines.IN_HAND);
    assertThat(lines.waiting()).isEqualTo(2);

    lines.over(calls.get(1));
    assertThat(served).hasSize(Lines.IN_HAND + 1).last().isEqualTo("a" + Lines.IN_HAND);
    lines.over(calls.get(1));
    assertThat(served).as("it is over once").hasSize(Lines.IN_HAND + 1);
    lines.over(calls.get(0));
    assertThat(served).last().isEqualTo("a" + (Lines.IN_HAND + 1));
  }

  @Test
  void sandboxesDoNotKeepEachOtherWaiting() {
    var _ = come("a", Lines.IN_HAND + LONGEST);
    var _ = come("b", 1);
    assertThat(served).last().isEqualTo("b0");
  }

  @Test
  void thosePastTheLongestLineAreHandedOnAtOnce() {
    List<Lines.Call> calls = come("a", Lines.IN_HAND + LONGEST + 1);
    assertThat(served).last().isEqualTo("a" + (Lines.IN_HAND + LONGEST));

    // One more than may be was in hand.
    lines.over(calls.get(0));
    assertThat(lines.waiting()).isEqualTo(LONGEST);
    lines.over(calls.get(1));
    assertThat(lines.waiting()).isEqualTo(LONGEST - 1);
  }

  @Test
  void oneThatIsOverWhileItWaitsIsNotTold() {
    List<Lines.Call> calls = come("a", Lines.IN_HAND + 2);
    lines.over(calls.get(Lines.IN_HAND));
    lines.over(calls.get(0));
    assertThat(served).last().isEqualTo("a" + (Lines.IN_HAND + 1));
  }

  @Test
  void aCallMayHaveToWaitWhileAnySandboxHasAsManyInHandAsMayBe() {
    assertThat(lines.mayHaveToWait()).isFalse();
    List<Lines.Call> calls = come("a", Lines.IN_HAND + LONGEST + 1);
    List<Lines.Call> others = come("b", Lines.IN_HAND);
    assertThat(lines.mayHaveToWait()).isTrue();

    lines.over(others.getFirst());
    assertThat(lines.mayHaveToWait()).isTrue();
    for (Lines.Call call : calls.subList(0, calls.size() - 2)) {
      lines.over(call);
      assertThat(lines.mayHaveToWait()).isTrue();
    }
    lines.over(calls.getLast());
    assertThat(lines.mayHaveToWait()).isFalse();
  }

  @Test
  void oneThatIsOverBeforeItComesWaitsForNobody() {
    var _ = come("a", Lines.IN_HAND);
    Lines.Call gone = new Lines.Call("a", () -> served.add("gone"));
    lines.over(gone);
    assertThat(lines.comes(gone)).isTrue();
    assertThat(lines.waiting()).isZero();
  }

  @Test
  void nothingIsKeptOfASandboxWithoutCalls() {
    List<Lines.Call> calls = come("a", Lines.IN_HAND + LONGEST);
    for (Lines.Call call : calls) {
      lines.over(call);
    }
    assertThat(lines.size()).isZero();
    assertThat(served).hasSize(calls.size());
  }
}
