package dev.virq.live;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The structures that calls take, made once. */
final class Buffers {
  /** Of at most 64 bytes; of any call. */
  final MemorySegment small;

  /** kvm_regs. */
  final MemorySegment regs;

  /** kvm_sregs. */
  final MemorySegment sregs;

  /** kvm_xsave. */
  final MemorySegment xsave;

  /** kvm_lapic_state. */
  final MemorySegment lapic;

  /** kvm_irqchip. */
  final MemorySegment chip;

  /** kvm_enable_cap. */
  final MemorySegment capability;

  /** sigset_t. */
  final MemorySegment signals;

  Buffers(Arena arena) {
    small = arena.allocate(0x80, 8);
    regs = arena.allocate(0x90, 8);
    sregs = arena.allocate(0x138, 8);
    xsave = arena.allocate(Uapi.XSAVE_BYTES, 64);
    lapic = arena.allocate(Uapi.LAPIC_BYTES, 8);
    chip = arena.allocate(Uapi.IRQCHIP_BYTES, 8);
    capability = arena.allocate(0x68, 8);
    signals = arena.allocate(0x80, 8);
  }
}
