package dev.virq.vm;

import static dev.virq.testing.Errnos.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.virq.chip.IrqLine;
import dev.virq.errno.Errno;
import dev.virq.irqchip.IrqChip;
import dev.virq.testing.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmTest {
  private final AtomicInteger destroyed = new AtomicInteger();
  private final Vm vm = new Vm(4, destroyed::incrementAndGet);

  @Test
  void theVcpuAfterTheLastIsRefusedWhateverItsNumber() {
    for (int vcpu = 0; vcpu < VmVcpus.MOST_VCPUS; vcpu++) {
      vm.vcpus().create(vcpu);
    }

    assertErrno(Errno.EINVAL, () -> vm.vcpus().create(VmVcpus.MOST_VCPUS));
    assertErrno(Errno.EINVAL, () -> vm.vcpus().create(0));
    assertThat(vm.vcpus().list()).hasSize(VmVcpus.MOST_VCPUS);
  }

  @Test
  void theBootProcessorIsChosenBeforeTheFirstVcpu() {
    assertThat(vm.vcpus().boot()).isZero();
    vm.vcpus().setBoot(VmVcpus.MAX_BOOT_VCPU);
    vm.vcpus().setBoot(1);
    assertErrno(Errno.EINVAL, () -> vm.vcpus().setBoot(VmVcpus.MAX_BOOT_VCPU + 1L));
    assertErrno(Errno.EINVAL, () -> vm.vcpus().setBoot(-1));
    assertErrno(Errno.EINVAL, () -> vm.vcpus().create(VmVcpus.MAX_VCPUS));
    vm.vcpus().setBoot(2);

    vm.vcpus().create(0);

    assertErrno(Errno.EBUSY, () -> vm.vcpus().setBoot(2));
    assertErrno(Errno.EBUSY, () -> vm.vcpus().setBoot(-1));
    assertThat(vm.vcpus().boot()).isEqualTo(2);
  }

  @Test
  void twoNmisAtMostArePendingWithoutAController() {
    vm.vcpus().create(1);
    assertErrno(Errno.ENOENT, () -> vm.vcpus().raiseNmi(0));
    for (int i = 0; i < 3; i++) {
      vm.vcpus().raiseNmi(1);
    }

    assertThat(vm.vcpus().plain(1).nmis()).isEqualTo(2);
    assertThat(vm.vcpus().takeNmis(1)).isEqualTo(2);
    assertThat(vm.vcpus().takeNmis(1)).isZero();
  }

  // ---- references

  @Test
  void lastPutDestroysIt() {
    assertThat(vm.tryGet()).isTrue();
    assertThat(vm.references()).isEqualTo(2);

    assertThat(vm.put()).isFalse();
    assertThat(destroyed).hasValue(0);
    assertThat(vm.put()).isTrue();

    assertThat(destroyed).hasValue(1);
    assertThat(vm.references()).isZero();
  }

  @Test
  void destroyedVmIsNotBroughtBack() {
    vm.put();

    assertThat(vm.tryGet()).isFalse();

    assertThat(vm.references()).isZero();
  }

  @Test
  void putTooMuchIsRefusedAndDestroysNothingAgain() {
    vm.put();

    assertThatThrownBy(vm::put).isInstanceOf(IllegalStateException.class);

    assertThat(destroyed).hasValue(1);
  }

  @Test
  void putUnderTheLockIsRefusedAndKeepsTheReference() {
    vm.lock();

    assertThatThrownBy(vm::put).isInstanceOf(IllegalStateException.class);

    vm.unlock();
    assertThat(vm.references()).isEqualTo(1);
    assertThat(destroyed).hasValue(0);
  }

  @Test
  void useAfterDestructionIsCaughtAndLeavesTheLockFree() {
    vm.put();

    assertThatThrownBy(vm::lock)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("vm-4 used after its destruction");

    assertThat(vm.isLockedByCurrentThread()).isFalse();
    assertThat(Call.start(() -> vm.line(0)).get().routed()).isFalse();
  }

  @Test
  void racingPutsAndGetsDestroyItOnceAndGetsFailFromThenOn() {
    CountDownLatch start = new CountDownLatch(1);
    AtomicInteger lasts = new AtomicInteger();
    List<Call<Integer>> users = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      users.add(
          Call.start(() -> {
            start.await();
            int got = 0;
            while (vm.tryGet()) {
              got++;
              if (vm.put()) {
                lasts.incrementAndGet();
              }
            }
            return got;
          }));
    }

    start.countDown();
    if (vm.put()) {
      lasts.incrementAndGet();
    }
    users.forEach(Call::get);

    assertThat(lasts).hasValue(1);
    assertThat(destroyed).hasValue(1);
    assertThat(vm.references()).isZero();
  }

  // ---- the controller

  @Test
  void controllerIsCreatedOnce() {
    assertThat(vm.irqchip()).isNull();

    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);

    assertThat(vm.irqchip().kind()).isEqualTo(IrqChip.Kind.KERNEL);
    assertErrno(Errno.EEXIST, () -> vm.createIrqchip(IrqChip.Kind.KERNEL, 0));
    assertErrno(Errno.EEXIST, () -> vm.createIrqchip(IrqChip.Kind.SPLIT, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 4_097, Long.MAX_VALUE})
  void splitControllerReservesAtMostFourThousandAndNinetySixPins(long pins) {
    assertErrno(Errno.EINVAL, () -> vm.createIrqchip(IrqChip.Kind.SPLIT, pins));
    assertThat(vm.irqchip()).isNull();

    vm.createIrqchip(IrqChip.Kind.SPLIT, 4_096);

    assertThat(vm.irqchip().reservedPins()).isEqualTo(4_096);
  }

  @Test
  void controllerHasToComeBeforeTheFirstVcpu() {
    vm.vcpus().create(0);

    assertErrno(Errno.EINVAL, () -> vm.createIrqchip(IrqChip.Kind.KERNEL, 0));
    assertErrno(Errno.EEXIST, () -> vm.createIrqchip(IrqChip.Kind.SPLIT, 0));
    assertThat(vm.irqchip()).isNull();
  }

  @Test
  void vcpuNumbersAreUsedOnce() {
    vm.vcpus().create(0);
    vm.vcpus().create(4_095);

    assertErrno(Errno.EEXIST, () -> vm.vcpus().create(0));
    assertErrno(Errno.EINVAL, () -> vm.vcpus().create(4_096));
    assertErrno(Errno.EINVAL, () -> vm.vcpus().create(-1));
  }

  @Test
  void lineCallNeedsAController() {
    assertErrno(Errno.ENXIO, () -> vm.setLine(5, true));
    assertThat(vm.nextRouted(-1)).isEqualTo(-1);
    assertThat(vm.line(5)).isEqualTo(new IrqLine(5, false, false, 0, 0));
  }

  @Test
  void lineCallAnswersAsTheStatusIoctl() {
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);

    assertThat(vm.setLine(5, true)).isPositive();
    assertThat(vm.setLine(5, false)).isPositive();
    assertThat(vm.setLine(5, true)).as("the first is not acknowledged").isZero();
    assertThat(vm.setLine(16, true)).as("masked").isEqualTo(-1);
    assertThat(vm.setLine(1_000, true)).as("leads nowhere").isEqualTo(-1);

    assertThat(vm.line(5)).isEqualTo(new IrqLine(5, true, true, 2, 1));
  }

  @Test
  void linesCanBeLookedAtAfterDestruction() {
    vm.createIrqchip(IrqChip.Kind.KERNEL, 0);
    vm.setLine(5, true);
    vm.put();

    assertThat(vm.line(5).level()).isTrue();
    assertThat(vm.nextRouted(22)).isEqualTo(23);
    assertThat(vm.nextRouted(23)).isEqualTo(-1);
    assertThatThrownBy(() -> vm.setLine(5, false)).isInstanceOf(IllegalStateException.class);
  }
}
