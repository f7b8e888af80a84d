package dev.virq.limits;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import dev.virq.errno.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private static final int LIMIT = 40;

  private final WaitersTotal total = new WaitersTotal(LIMIT);

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
    var _ = enter(greedy, Waiters.OWN + LIMIT);

    assertErrno(Errno.ENFILE, greedy::enter);
    var _ = enter(victim, Waiters.OWN);

    assertErrno(Errno.ENFILE, victim::enter);
  }

  @Test
  void firstOnesOfManySandboxesAreBoundedToo() {
    for (int sandbox = 0; sandbox < 7; sandbox++) {
      var _ = enter(new Waiters(100, total), Waiters.OWN);
    }
    Waiters last = new Waiters(100, total);
    var _ = enter(last, 4);

    assertErrno(Errno.ENFILE, last::enter);
    assertThat(total.used()).isEqualTo(LIMIT + LIMIT / 2);
  }

  @Test
  void aCallThatAllOthersRefuseDoesNotCountAsOneOfItsSandbox() {
    var _ = enter(new Waiters(100, total), Waiters.OWN + LIMIT);
    Waiters waiters = new Waiters(Waiters.OWN + 1, total);
    var _ = enter(waiters, Waiters.OWN);

    for (int i = 0; i < 2; i++) {
      assertErrno(Errno.ENFILE, waiters::enter);
    }
  }

  @Test
  void everythingIsGivenBackAlsoByARefusedCall() {
    Waiters waiters = new Waiters(Waiters.OWN + LIMIT, total);
    for (int round = 0; round < 2; round++) {
      List<Waiters.Waiter> entered = enter(waiters, Waiters.OWN + LIMIT);
      assertErrno(Errno.EMFILE, waiters::enter);
      entered.forEach(Waiters.Waiter::close);
    }

    assertThat(total.used()).isZero();
  }
}
