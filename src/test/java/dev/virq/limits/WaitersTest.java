package dev.virq.limits;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private final Quota total = new Quota("waiting calls in all sandboxes", 3, Errno.ENFILE, null);

  private static List<Waiters.Waiter> enter(Waiters waiters, int count) {
    List<Waiters.Waiter> entered = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entered.add(waiters.enter());
    }
    return entered;
  }

  @Test
  void thoseOfAnotherSandboxRefuseAllButTheFirstFew() {
    Waiters greedy = new Waiters(100, total);
    Waiters victim = new Waiters(100, total);
    var _ = enter(greedy, Waiters.OWN + 3);

    assertErrno(Errno.ENFILE, greedy::enter);
    var _ = enter(victim, Waiters.OWN);

    assertErrno(Errno.ENFILE, victim::enter);
  }

  @Test
  void aCallThatAllOthersRefuseDoesNotCountAsOneOfItsSandbox() {
    var _ = enter(new Waiters(100, total), Waiters.OWN + 3);
    Waiters waiters = new Waiters(Waiters.OWN + 1, total);
    var _ = enter(waiters, Waiters.OWN);

    for (int i = 0; i < 2; i++) {
      assertErrno(Errno.ENFILE, waiters::enter);
    }
  }

  @Test
  void everythingIsGivenBackAlsoByARefusedCall() {
    Waiters waiters = new Waiters(Waiters.OWN + 3, total);
    for (int round = 0; round < 2; round++) {
      List<Waiters.Waiter> entered = enter(waiters, Waiters.OWN + 3);
      assertErrno(Errno.EMFILE, waiters::enter);
      entered.forEach(Waiters.Waiter::close);
    }

    assertThat(total.used()).isZero();
  }
}
