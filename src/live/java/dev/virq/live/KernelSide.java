package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.util.ArrayList;
import java.util.List;

/** The real kernel under measurement: its calls, as Java makes them. */
final class KernelSide implements Side {
  private static final int MESSAGE_GSI = 40;
  private static final int LINE = 5;
  private static final int IRR = Uapi.IRQCHIP_STATE + 1;

  private final Kvm kvm;
  private final Libc libc;
  private final LiveVm vm;
  private final int message;
  private final int line;
  private final List<Integer> others = new ArrayList<>();
  private boolean open = true;

  /** In the thread of the kernel. */
  KernelSide(Kvm kvm) {
    this.kvm = kvm;
    this.libc = kvm.libc();
    vm = kvm.createVm();
    required(vm.createIrqchip());
    required(vm.createVcpu("c0", 0));
    LiveVcpu vcpu = vm.vcpus().get("c0");
    required(new ChipStates(kvm.buffers()).setLapic(vcpu, List.of("svr=0x1ff")));
    required(LiveRoutes.of(List.of("40:msi:0xfee00000:0x41", "5:irqchip:master:5")).set(libc, vm));
    message = bound(MESSAGE_GSI);
    line = bound(LINE);
  }

  private int bound(int gsi) {
    int fd = required(libc.eventfd(0, false));
    required(vm.irqfd(fd, gsi, 0, 0));
    return fd;
  }

  @Override
  public double signalMessage(int times) {
    long begin = System.nanoTime();
    for (int i = 0; i < times; i++) {
      required(libc.write(message, 1));
    }
    return (double) (System.nanoTime() - begin) / times;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // the injection may need this processor
  public double signalToLatched(int times) {
    long sum = 0;
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      required(libc.write(line, 1));
      while ((requests() & 1 << LINE) == 0) {
        Thread.yield();
      }
      sum += System.nanoTime() - begin;
      kvm.settle();
      required(vm.chip(Uapi.CHIP_MASTER));
      kvm.buffers().chip.set(JAVA_BYTE, IRR, (byte) 0);
      required(vm.restoreChip());
    }
    return (double) sum / times;
  }

  private int requests() {
    kvm.buffers().chip.set(JAVA_INT, 0, Uapi.CHIP_MASTER);
    required(vm.chip(Uapi.CHIP_MASTER));
    return kvm.buffers().chip.get(JAVA_BYTE, IRR);
  }

  @Override
  public double[] assignAndDeassign(int times) {
    int[] fds = new int[times];
    for (int i = 0; i < times; i++) {
      fds[i] = required(libc.eventfd(0, false));
    }
    long begin = System.nanoTime();
    for (int fd : fds) {
      required(vm.irqfd(fd, LINE, 0, 0));
    }
    long bound = System.nanoTime();
    for (int fd : fds) {
      required(vm.irqfd(fd, LINE, Uapi.IRQFD_DEASSIGN, 0));
    }
    long end = System.nanoTime();
    for (int fd : fds) {
      required(libc.close(fd));
    }
    return new double[] {(double) (bound - begin) / times, (double) (end - bound) / times};
  }

  @Override
  public void crowd(int irqfds) {
    for (int i = 0; i < irqfds; i++) {
      others.add(bound(LINE));
    }
  }

  @Override
  public double closeVm() {
    open = false;
    // The vCPU's descriptor would keep the VM itself: what ends the irqfds is the VM's.
    long begin = System.nanoTime();
    vm.close();
    return System.nanoTime() - begin;
  }

  @Override
  public void close() {
    if (open) {
      vm.close();
    }
    others.forEach(libc::close);
    required(libc.close(message));
    required(libc.close(line));
  }

  private static int required(int result) {
    if (result < 0) {
      throw new AssertionError("error " + -result);
    }
    return result;
  }
}
