package dev.virq.limits;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.errno.Errno;
import org.junit.jupiter.api.Test;

class ChargeTest {
  private final MemoryLimits limits = new MemoryLimits(2 << 20, 1 << 20, 1 << 16);
  private final Budget budget = new Budget(limits, Budget.instance(limits));
  private final Charge charge = new Charge(budget);

  @Test
  void growsAndShrinksToWhatIsAskedFor() {
    charge.resize(300, Cost.BREAKPOINT);
    assertThat(budget.used()).isEqualTo(300);
    charge.resize(100, Cost.BREAKPOINT);
    assertThat(budget.used()).isEqualTo(100);
    charge.releaseAll();
    assertThat(budget.used()).isZero();
  }

  @Test
  void whatDoesNotFitChangesNothing() {
    charge.resize(300, Cost.BREAKPOINT);
    assertErrno(Errno.EMFILE, () -> charge.resize((1 << 20) + 1, Cost.BREAKPOINT));
    assertThat(budget.used()).isEqualTo(300);
    charge.releaseAll();
    assertThat(budget.used()).isZero();
  }

  @Test
  void whatIsMovedIsGivenBackByTheOther() {
    Charge other = new Charge(budget);
    charge.acquire(300, Cost.BREAKPOINT);
    other.acquire(50, Cost.BREAKPOINT);

    charge.moveTo(other);

    assertThat(budget.used()).isEqualTo(350);
    charge.releaseAll();
    assertThat(budget.used()).isEqualTo(350);
    other.releaseAll();
    assertThat(budget.used()).isZero();
  }

  @Test
  void noMoreIsGivenBackThanWasTaken() {
    charge.acquire(300, Cost.BREAKPOINT);

    assertThatThrownBy(() -> charge.release(301)).isInstanceOf(IllegalStateException.class);
    assertThat(budget.used()).isEqualTo(300);
  }
}
