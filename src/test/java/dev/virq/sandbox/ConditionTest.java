package dev.virq.sandbox;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.virq.errno.Errno;
import dev.virq.errno.ErrnoException;
import dev.virq.testing.Call;
import dev.virq.testing.TestHosts;
import dev.virq.testing.TestSandboxes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A call that is meant for one life of a sandbox touches no other. */
class ConditionTest {
  private static final Condition.Lives ANY = new Condition.Lives(null);
  private static final Condition ABSENT = new Condition(null, ANY);
  private static final SandboxSpec RIG = new SandboxSpec("rig", Duration.ofMinutes(1), 1, Map.of());

  private final AtomicLong nanos = new AtomicLong();
  private final Sandboxes sandboxes = instance();
  private final Sandbox sandbox = sandboxes.create(RIG);
  private final String uid = sandbox.life().uid();

  private Sandboxes instance() {
    return new TestSandboxes().clock(nanos::get).withDefault();
  }

  private static Condition only(String... uids) {
    return new Condition(new Condition.Lives(Set.of(uids)), null);
  }

  @Test
  void lifeEndsWithAResetAndWithTheSandbox() {
    Set<String> uids = new HashSet<>(Set.of(uid));

    sandbox.reset(false);
    assertThat(uids.add(sandbox.life().uid())).isTrue();
    sandboxes.delete("rig");
    assertThat(uids.add(sandboxes.create(RIG).life().uid())).isTrue();
    assertThat(uids.add(instance().create(RIG).life().uid())).isTrue();
  }

  @Test
  void everyOtherCallLeavesTheLifeAsItIs() {
    sandboxes.ensure(RIG);
    sandbox.renew(Duration.ofHours(1));

    assertThat(sandboxes.find("rig").life().uid()).isEqualTo(uid);
  }

  @Test
  void callForAnotherLifeIsRefusedNamingBoth() {
    sandbox.reset(false);
    String now = sandbox.life().uid();

    ErrnoException refusal =
        catchThrowableOfType(ErrnoException.class, () -> sandboxes.enter("rig", only(uid)));

    assertThat(refusal.errno()).isEqualTo(Errno.ESTALE);
    assertThat(refusal.sentence()).contains(uid).contains(now);
    assertThat(refusal.facts()).isEqualTo(Map.of("uid", now, "expected", List.of(uid)));
    assertThat(Condition.isUnmet(refusal)).isTrue();
    assertThat(sandboxes.enter("rig", only(uid, now)).uid()).isEqualTo(now);
    assertThat(sandboxes.enter("rig", new Condition(ANY, null)).uid()).isEqualTo(now);
  }

  @Test
  void callForAnotherLifeDoesNotKeepThisOneAlive() {
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertErrno(Errno.ESTALE, () -> sandboxes.enter("rig", only("other")));
    assertErrno(Errno.ESTALE, () -> sandboxes.ensure(RIG, only("other")));
    assertErrno(Errno.EEXIST, () -> sandboxes.ensure(RIG, ABSENT));

    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    sandboxes.expireLeases();

    assertErrno(Errno.ENOENT, () -> sandboxes.enter("rig", only(uid)));
  }

  @Test
  void callThatEnteredBeforeAResetActsOnTheOldSystemOnly() {
    Sandbox.Life entered = sandboxes.enter("rig", only(uid));

    sandbox.reset(false);

    assertErrno(Errno.ECANCELED, () -> TestHosts.eventfd(entered.host()));
    assertThat(sandbox.host().counts().eventfds()).isZero();
  }

  @Test
  void makingForALifeThatIsGoneMakesNothing() {
    sandboxes.delete("rig");

    assertErrno(Errno.ESTALE, () -> sandboxes.ensure(RIG, only(uid)));
    assertErrno(Errno.ESTALE, () -> sandboxes.ensure(RIG, new Condition(ANY, null)));

    assertErrno(Errno.ENOENT, () -> sandboxes.find("rig"));
    assertThat(sandboxes.ensure(RIG, ABSENT).created()).isTrue();
  }

  @Test
  void makingWhatIsThereIsRefusedToWhoWantsItNewBeforeItsSettingsAreLookedAt() {
    SandboxSpec other = new SandboxSpec("rig", Duration.ofMinutes(1), 2, Map.of());

    ErrnoException refusal =
        catchThrowableOfType(ErrnoException.class, () -> sandboxes.ensure(other, ABSENT));

    assertThat(refusal.errno()).isEqualTo(Errno.EEXIST);
    assertThat(Condition.isUnmet(refusal)).isTrue();
    assertThat(sandboxes.ensure(RIG, only(uid)).created()).isFalse();
    assertErrno(
        Errno.EEXIST,
        () -> sandboxes.ensure(RIG, new Condition(null, new Condition.Lives(Set.of(uid)))));
    assertThat(
            sandboxes
                .ensure(RIG, new Condition(null, new Condition.Lives(Set.of("other"))))
                .created())
        .isFalse();
  }

  @Test
  void ofRacingResetsForOneLifeOneWins() {
    CountDownLatch start = new CountDownLatch(1);
    List<Call<Boolean>> racers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      racers.add(
          Call.start(() -> {
            start.await();
            try {
              var _ = sandbox.reset(false, only(uid));
              return true;
            } catch (ErrnoException e) {
              assertThat(e.errno()).isEqualTo(Errno.ESTALE);
              return false;
            }
          }));
    }

    start.countDown();

    assertThat(racers.stream().filter(Call::get)).hasSize(1);
  }

  @Test
  void deletionForAnotherLifeDeletesNothing() {
    sandbox.reset(false);

    assertErrno(Errno.ESTALE, () -> sandboxes.delete(sandbox, only(uid)));

    assertThat(sandboxes.find("rig")).isSameAs(sandbox);
    assertThat(sandboxes.delete(sandbox, only(sandbox.life().uid())).complete()).isTrue();
    assertErrno(Errno.ENOENT, () -> sandboxes.find("rig"));
  }

  @Test
  void deletionDoesNotMeetAnotherSandboxOfThatName() {
    sandboxes.delete("rig");
    Sandbox anew = sandboxes.create(RIG);

    assertErrno(Errno.ENOENT, () -> sandboxes.delete(sandbox, Condition.NONE));

    assertThat(sandboxes.find("rig")).isSameAs(anew);
  }
}
