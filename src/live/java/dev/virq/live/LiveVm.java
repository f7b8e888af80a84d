package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** A VM of the real kernel, with its vCPUs by name. */
final class LiveVm {
  private final Libc libc;
  private final Buffers buffers;
  private final Kvm kvm;
  private final int fd;
  private final Map<String, LiveVcpu> vcpus = new LinkedHashMap<>();
  private boolean mapped;

  LiveVm(Libc libc, Buffers buffers, Kvm kvm, int fd) {
    this.libc = libc;
    this.buffers = buffers;
    this.kvm = kvm;
    this.fd = fd;
  }

  /** Its descriptor. */
  int fd() {
    return fd;
  }

  /** Its vCPUs by name. */
  Map<String, LiveVcpu> vcpus() {
    return vcpus;
  }

  /** Bytes of what a vCPU shares with its user. */
  long runBytes() {
    return kvm.runBytes();
  }

  /** Gives the guest its memory, the first time. */
  void mapMemory() {
    if (mapped) {
      return;
    }
    MemorySegment region = buffers.small;
    region.fill((byte) 0);
    region.set(JAVA_LONG, 16, GuestCode.BYTES);
    region.set(JAVA_LONG, 24, kvm.guestMemory().address());
    int error = libc.ioctl(fd, Uapi.SET_USER_MEMORY_REGION, region);
    if (error < 0) {
      throw new AssertionError("no memory for a guest: error " + -error);
    }
    mapped = true;
  }

  /** Says which vCPU is the boot processor; 0. */
  int boot(long id) {
    return libc.ioctl(fd, Uapi.SET_BOOT_CPU_ID, id);
  }

  /** A vCPU; 0. */
  int createVcpu(String name, long id) {
    int vcpu = libc.ioctl(fd, Uapi.CREATE_VCPU, id);
    if (vcpu < 0) {
      return vcpu;
    }
    LiveVcpu created = new LiveVcpu(libc, buffers, this, vcpu);
    created.begin();
    vcpus.put(name, created);
    return 0;
  }

  /** A controller; 0. */
  int createIrqchip() {
    return libc.ioctl(fd, Uapi.CREATE_IRQCHIP, 0);
  }

  /** Local APICs only; 0. */
  int createSplitIrqchip(long pins) {
    return enable(Uapi.CAP_SPLIT_IRQCHIP, pins);
  }

  /** More of x2APIC; 0. */
  int x2apicApi(long flags) {
    return enable(Uapi.CAP_X2APIC_API, flags);
  }

  private int enable(int what, long argument) {
    MemorySegment capability = buffers.capability;
    capability.fill((byte) 0);
    capability.set(JAVA_INT, 0, what);
    capability.set(JAVA_LONG, 8, argument);
    return libc.ioctl(fd, Uapi.ENABLE_CAP, capability);
  }

  /** Binds or unbinds an eventfd. */
  int irqfd(int trigger, long gsi, long flags, int resample) {
    MemorySegment call = buffers.small;
    call.fill((byte) 0);
    call.set(JAVA_INT, 0, trigger);
    call.set(JAVA_INT, 4, (int) gsi);
    call.set(JAVA_INT, 8, (int) flags);
    call.set(JAVA_INT, 12, resample);
    return libc.ioctl(fd, Uapi.IRQFD, call);
  }

  /** Reads a chip's state into the buffer. */
  int chip(int chip) {
    buffers.chip.fill((byte) 0);
    buffers.chip.set(JAVA_INT, 0, chip);
    return libc.ioctl(fd, Uapi.GET_IRQCHIP, buffers.chip);
  }

  /** Restores a chip from the buffer. */
  int restoreChip() {
    return libc.ioctl(fd, Uapi.SET_IRQCHIP, buffers.chip);
  }

  /** Lets every vCPU take what it has to. */
  void settle() {
    for (LiveVcpu vcpu : vcpus.values()) {
      int _ = vcpu.settle();
    }
  }

  /** Closes the VM's descriptor and those of its vCPUs. */
  void close() {
    int _ = libc.close(fd);
    vcpus.values().forEach(LiveVcpu::close);
  }
}
