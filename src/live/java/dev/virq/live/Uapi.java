package dev.virq.live;

/** Numbers of KVM's user interface (linux/kvm.h, x86-64) that the comparison needs. */
final class Uapi {
  static final long CREATE_VM = 0xAE01;
  static final long CHECK_EXTENSION = 0xAE03;
  static final long GET_VCPU_MMAP_SIZE = 0xAE04;
  static final long CREATE_VCPU = 0xAE41;
  static final long SET_USER_MEMORY_REGION = 0x4020AE46L;
  static final long CREATE_IRQCHIP = 0xAE60;
  static final long IRQ_LINE = 0x4008AE61L;
  static final long GET_IRQCHIP = 0xC208AE62L;
  static final long SET_IRQCHIP = 0x8208AE63L;
  static final long IRQ_LINE_STATUS = 0xC008AE67L;
  static final long REINJECT_CONTROL = 0xAE71;
  static final long CREATE_PIT2 = 0x4040AE77L;
  static final long GET_PIT2 = 0x8070AE9FL;
  static final long SET_PIT2 = 0x4070AEA0L;
  static final long SET_BOOT_CPU_ID = 0xAE78;
  static final long SET_GSI_ROUTING = 0x4008AE6AL;
  static final long IRQFD = 0x4020AE76L;
  static final long RUN = 0xAE80;
  static final long GET_REGS = 0x8090AE81L;
  static final long SET_REGS = 0x4090AE82L;
  static final long GET_SREGS = 0x8138AE83L;
  static final long SET_SREGS = 0x4138AE84L;
  static final long GET_LAPIC = 0x8400AE8EL;
  static final long SET_LAPIC = 0x4400AE8FL;
  static final long GET_MP_STATE = 0x8004AE98L;
  static final long SET_MP_STATE = 0x4004AE99L;
  static final long GET_VCPU_EVENTS = 0x8040AE9FL;
  static final long SET_VCPU_EVENTS = 0x4040AEA0L;
  static final long SET_CPUID2 = 0x4008AE90L;
  static final long SET_SIGNAL_MASK = 0x4004AE8BL;
  static final long NMI = 0xAE9A;
  static final long GET_MSRS = 0xC008AE88L;
  static final long SET_MSRS = 0x4008AE89L;
  static final long GET_XSAVE = 0x9000AEA4L;
  static final long SET_XSAVE = 0x5000AEA5L;
  static final long ENABLE_CAP = 0x4068AEA3L;
  static final long SIGNAL_MSI = 0x4020AEA5L;

  static final int CAP_IRQFD_RESAMPLE = 82;
  static final int CAP_SMM = 117;
  static final int CAP_SPLIT_IRQCHIP = 121;
  static final int CAP_X2APIC_API = 129;

  static final int IRQFD_DEASSIGN = 1;
  static final int IRQFD_RESAMPLE = 2;

  static final int ROUTE_CHIP = 1;
  static final int ROUTE_MSI = 2;

  static final int CHIP_MASTER = 0;
  static final int CHIP_SLAVE = 1;
  static final int CHIP_IOAPIC = 2;

  /** Bytes of kvm_irqchip, and where the chip's own state begins. */
  static final int IRQCHIP_BYTES = 520;

  static final int IRQCHIP_STATE = 8;

  static final int LAPIC_BYTES = 0x400;

  /** Model-specific registers. */
  static final int TSC_DEADLINE = 0x6e0;

  static final int APIC_BASE = 0x1b;
  static final int X2APIC = 0x800;

  static final long APIC_BASE_EXTENDED = 1 << 10;
  static final long APIC_BASE_ENABLED = 1 << 11;

  static final int XSAVE_BYTES = 0x1000;

  /** Where MM0 is in it, and the bits that say what of it counts. */
  static final int XSAVE_MM0 = 32;

  static final int XSAVE_VALID = 512;

  static final int MP_RUNNABLE = 0;
  static final int MP_HALTED = 3;
  static final int MP_AP_RESET_HOLD = 9;

  static final int EVENTS_NMI_PENDING = 13;
  static final int EVENTS_NMI_MASKED = 14;
  static final int EVENTS_FLAGS = 20;
  static final int EVENTS_SMI_PENDING = 25;

  /** The flag that says that the pending NMIs count. */
  static final int VALID_NMI_PENDING = 1;

  static final int EXIT_IO = 2;
  static final int EXIT_MMIO = 6;
  static final int EXIT_IOAPIC_EOI = 26;

  static final int LAPIC_BASE = 0xfee00000;
  static final int IOAPIC_BASE = 0xfec00000;

  private Uapi() {}
}
