package dev.virq.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.limits.Budget;
import dev.virq.limits.Cost;
import dev.virq.limits.MemoryLimits;
import dev.virq.testing.Errnos;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class KeptAnswersTest {
  private static final byte[] ONE = {1};
  private static final byte[] OTHER = {2};

  private final Budget memory = Budget.unbounded();
  private final KeptAnswers answers = new KeptAnswers(memory);

  private static KeptAnswers.Answer answer(int bytes) {
    return new KeptAnswers.Answer(200, null, Map.of("Location", "/there"), new byte[bytes]);
  }

  private void made(String key, int bytes) {
    assertThat(answers.begin(key, ONE)).isNull();
    answers.finish(key, answer(bytes));
  }

  private Errno refusal(String key, byte[] digest) {
    try {
      var _ = answers.begin(key, digest);
    } catch (ErrnoException e) {
      return e.errno();
    }
    throw new AssertionError(key + " was not refused");
  }

  @Test
  void theSameCallIsAnsweredAgain() {
    made("key", 10);

    assertThat(answers.begin("key", ONE))
        .isNotNull()
        .satisfies(again -> {
          assertThat(again.status()).isEqualTo(200);
          assertThat(again.headers()).containsEntry("Location", "/there");
          assertThat(again.body()).hasSize(10);
        });
  }

  @Test
  void anotherCallWithTheKeyIsRefused() {
    made("key", 10);
    assertThat(answers.begin("running", ONE)).isNull();

    assertThatThrownBy(() -> answers.begin("key", OTHER))
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EINVAL);
              assertThat(KeptAnswers.isOther(e)).isTrue();
            });
    assertThat(refusal("running", OTHER)).isEqualTo(Errno.EINVAL);
    assertThat(refusal("running", ONE)).isEqualTo(Errno.EAGAIN);
  }

  @Test
  void ofTwoThatComeAtOnceOneIsMade() throws Exception {
    int parties = 4;
    try (ExecutorService threads = Executors.newFixedThreadPool(parties)) {
      for (int round = 0; round < 200; round++) {
        String key = "round-" + round;
        CyclicBarrier together = new CyclicBarrier(parties);
        List<Future<Boolean>> made = new ArrayList<>();
        for (int i = 0; i < parties; i++) {
          made.add(
              threads.submit(() -> {
                together.await();
                try {
                  return answers.begin(key, ONE) == null;
                } catch (ErrnoException e) {
                  assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                  return false;
                }
              }));
        }
        int times = 0;
        for (Future<Boolean> one : made) {
          times += one.get() ? 1 : 0;
        }
        assertThat(times).isEqualTo(1);
      }
    }
  }

  @Test
  void aCallThatWasNotMadeMayBeMade() {
    assertThat(answers.begin("key", ONE)).isNull();
    answers.drop("key");

    assertThat(answers.begin("key", OTHER)).isNull();
    assertThat(memory.used())
        .isEqualTo(Cost.KEPT_ANSWER.bytes() + Cost.CHARACTER.of("key".length()));
  }

  @Test
  void whatIsTooLongOrNotKnownIsNotMadeAgainEither() {
    assertThat(answers.begin("broken", ONE)).isNull();
    answers.finish("broken", null);
    made("long", KeptAnswers.LONGEST + 1);

    assertThat(refusal("broken", ONE)).isEqualTo(Errno.EEXIST);
    assertThat(refusal("long", ONE)).isEqualTo(Errno.EEXIST);
  }

  @Test
  void theOldestMakeRoomAndThoseUnderWayStay() {
    assertThat(answers.begin("under way", ONE)).isNull();
    for (int i = 0; i < KeptAnswers.MOST; i++) {
      made("key-" + i, 10);
    }

    assertThat(answers.size()).isEqualTo(KeptAnswers.MOST);
    assertThat(answers.begin("key-0", OTHER)).as("forgotten").isNull();
    assertThat(answers.begin("key-2", ONE)).as("kept").isNotNull();
    assertThat(refusal("under way", ONE)).isEqualTo(Errno.EAGAIN);
  }

  @Test
  void asManyUnderWayAsAreKeptLeaveNoRoom() {
    for (int i = 0; i < KeptAnswers.MOST; i++) {
      assertThat(answers.begin("key-" + i, ONE)).isNull();
    }

    assertThat(refusal("one more", ONE)).isEqualTo(Errno.EMFILE);
  }

  @Test
  void bytesAreBoundedWhateverTheNumber() {
    long keys = 0;
    for (int i = 0; i < 100; i++) {
      String key = "key-" + i;
      made(key, KeptAnswers.LONGEST - 20);
      keys += Cost.KEPT_ANSWER.bytes() + Cost.CHARACTER.of(key.length());
      assertThat(memory.used()).isLessThanOrEqualTo(KeptAnswers.MOST_BYTES + keys);
    }

    for (int i = 84; i < 100; i++) {
      assertThat(answers.begin("key-" + i, ONE)).isNotNull();
    }
    // Without its answer, but not made again.
    assertThat(refusal("key-83", ONE)).isEqualTo(Errno.EEXIST);
    assertThat(refusal("key-0", ONE)).isEqualTo(Errno.EEXIST);
  }

  @Test
  void withoutMemoryAKeyIsRefusedAndAnAnswerNotKept() {
    MemoryLimits limits = new MemoryLimits(1 << 20, 1 << 18, 1 << 16);
    Budget tight = new Budget(limits, Budget.instance(limits));
    KeptAnswers few = new KeptAnswers(tight);
    assertThat(few.begin("key", ONE)).isNull();
    tight.acquire((1 << 18) - tight.used() - 5_000, Cost.VM);

    few.finish("key", answer(20_000));
    Errnos.assertErrno(Errno.EEXIST, () -> few.begin("key", ONE));
    tight.acquire((1 << 18) - tight.used(), Cost.VM);
    assertThat(few.begin("yek", ONE)).isNull();
    Errnos.assertErrno(Errno.EMFILE, () -> few.begin("no place", ONE));
  }

  @Test
  void anAnswerThatFindsNoRoomTakesNobodyElses() {
    MemoryLimits limits = new MemoryLimits(1 << 20, 1 << 18, 1 << 16);
    Budget tight = new Budget(limits, Budget.instance(limits));
    KeptAnswers few = new KeptAnswers(tight);
    assertThat(few.begin("small", ONE)).isNull();
    few.finish("small", answer(100));
    assertThat(few.begin("large", ONE)).isNull();
    tight.acquire((1 << 18) - tight.used(), Cost.VM);

    few.finish("large", answer(20_000));

    assertThat(few.begin("small", ONE)).isNotNull();
    Errnos.assertErrno(Errno.EEXIST, () -> few.begin("large", ONE));
  }

  @Test
  void anAnswerTakesThePlaceOfOlderAnswersOfWhichTheKeysStay() {
    MemoryLimits limits = new MemoryLimits(1 << 20, 1 << 18, 1 << 16);
    Budget tight = new Budget(limits, Budget.instance(limits));
    KeptAnswers few = new KeptAnswers(tight);
    for (String key : List.of("first", "second", "third")) {
      assertThat(few.begin(key, ONE)).isNull();
      few.finish(key, answer(10_000));
    }
    assertThat(few.begin("fourth", ONE)).isNull();
    tight.acquire((1 << 18) - tight.used(), Cost.VM);

    few.finish("fourth", answer(15_000));

    Errnos.assertErrno(Errno.EEXIST, () -> few.begin("first", ONE));
    Errnos.assertErrno(Errno.EEXIST, () -> few.begin("second", ONE));
    assertThat(few.begin("third", ONE)).isNotNull();
    assertThat(few.begin("fourth", ONE)).isNotNull();
  }

  @Test
  void aKeyThatFindsNoRoomForOthersSakeForgetsNoMoreThanItNeeds() {
    MemoryLimits limits = new MemoryLimits(1 << 20, 1 << 18, 1 << 16);
    Budget tight = new Budget(limits, Budget.instance(limits));
    KeptAnswers few = new KeptAnswers(tight);
    for (int i = 0; i < 10; i++) {
      assertThat(few.begin("key-" + i, ONE)).isNull();
      few.finish("key-" + i, answer(0));
    }
    tight.acquire((1 << 18) - tight.used(), Cost.VM);

    assertThat(few.begin("key-new", ONE)).isNull();

    assertThat(few.size()).isEqualTo(10);
    assertThat(few.begin("key-1", ONE)).isNotNull();
    assertThat(few.begin("key-9", ONE)).isNotNull();
  }

  @Test
  void theEndGivesEverythingBackAndOutlivesCalls() {
    made("key", 100);
    assertThat(answers.begin("running", ONE)).isNull();

    answers.end();
    answers.finish("running", answer(10));
    answers.drop("running");

    assertThat(memory.used()).isZero();
    assertThat(refusal("late", ONE)).isEqualTo(Errno.ENOENT);
  }
}
