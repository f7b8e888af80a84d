package dev.virq.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SandboxClockTest {
  private final AtomicLong machine = new AtomicLong(1_000_000);
  private final SandboxClock real = new SandboxClock(SandboxClock.Kind.REAL, machine::get);

  @Test
  void aRealOneGoesWithTheMachineFromNought() {
    assertThat(real.now()).isZero();
    machine.addAndGet(250);

    assertThat(real.now()).isEqualTo(250);
  }

  @Test
  void aVirtualOneStandsUntilItIsMoved() {
    SandboxClock virtual = new SandboxClock(SandboxClock.Kind.VIRTUAL, machine::get);
    machine.addAndGet(250);
    assertThat(virtual.now()).isZero();

    virtual.advance(7);
    virtual.advance(3);

    assertThat(virtual.now()).isEqualTo(10);
  }

  @Test
  void itGoesOnFromWhereAnotherWasHoweverFarThatIs() {
    long far = 1L << 62;
    machine.addAndGet(100);

    real.goOnFrom(far);
    assertThat(real.now()).isEqualTo(far);
    machine.addAndGet(250);
    real.goOnFrom(far);
    assertThat(real.now()).as("it never goes back").isEqualTo(far + 250);

    SandboxClock virtual = new SandboxClock(SandboxClock.Kind.VIRTUAL, machine::get);
    virtual.goOnFrom(far);
    assertThat(virtual.now()).isEqualTo(far);
  }

  @Test
  void whileItIsHeldItStandsAndThenGoesOnFromThere() {
    machine.addAndGet(100);
    real.hold();
    real.hold();
    machine.addAndGet(1_000);
    real.advance(5);
    real.release();
    assertThat(real.held()).isTrue();
    machine.addAndGet(1_000);
    assertThat(real.now()).isEqualTo(105);

    real.release();
    machine.addAndGet(20);

    assertThat(real.held()).isFalse();
    assertThat(real.now()).isEqualTo(125);
    assertThatThrownBy(real::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aVirtualOneStandsWhenAScriptHasLetItGo() {
    SandboxClock virtual = new SandboxClock(SandboxClock.Kind.VIRTUAL, machine::get);
    virtual.advance(7);
    virtual.hold();
    virtual.advance(3);
    virtual.release();
    machine.addAndGet(250);

    assertThat(virtual.now()).isEqualTo(10);
  }

  @Test
  void aRealOneThatIsMovedGoesOn() {
    real.advance(5);
    machine.addAndGet(20);

    assertThat(real.now()).isEqualTo(25);
  }

  @Test
  void howeverFarItIsMovedItNeverGoesBack() {
    for (int i = 0; i < 3; i++) {
      long before = real.now();
      real.hold();
      real.advance(Long.MAX_VALUE);
      long held = real.now();
      assertThat(held).isGreaterThanOrEqualTo(before);
      machine.addAndGet(1_000_000_000);
      real.release();
      assertThat(real.now()).isGreaterThanOrEqualTo(held).isPositive();
      machine.addAndGet(1_000_000_000);
      assertThat(real.now()).isGreaterThan(held);
    }
    SandboxClock virtual = SandboxClock.standing();
    virtual.advance(Long.MAX_VALUE);
    virtual.advance(Long.MAX_VALUE);
    assertThat(virtual.now()).isEqualTo(1L << 61);
  }
}
