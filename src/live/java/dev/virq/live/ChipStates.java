package dev.virq.live;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.virq.errno.Errno;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The operations that read and restore the state of chips and local APICs. */
final class ChipStates {
  /** The 8259's fields in the order of the kernel's structure, a byte each. */
  private static final List<String> PIC =
      List.of(
          "last_irr",
          "irr",
          "imr",
          "isr",
          "priority_add",
          "irq_base",
          "read_reg_select",
          "poll",
          "special_mask",
          "init_state",
          "auto_eoi",
          "rotate_on_auto_eoi",
          "special_fully_nested_mode",
          "init4",
          "elcr",
          "elcr_mask");

  private static final Map<String, Integer> IOAPIC = Map.of("ioregsel", 8, "id", 12, "irr", 16);
  private static final int ENTRIES = 24;
  private static final int PINS = 24;
  private static final long RESET_ENTRY = 0x10000;

  private static final Map<String, Integer> LAPIC =
      Map.of(
          "id", 0x20, "tpr", 0x80, "ldr", 0xd0, "dfr", 0xe0, "svr", 0xf0, "esr", 0x280, "lvtt",
          0x320, "lvt0", 0x350, "lvt1", 0x360);
  private static final int PPR = 0xa0;
  private static final int ISR = 0x100;
  private static final int TMR = 0x180;
  private static final int IRR = 0x200;

  private final Buffers buffers;

  ChipStates(Buffers buffers) {
    this.buffers = buffers;
  }

  /** State of the 8259 pair. */
  Map<String, Object> pic(LiveVm vm) {
    Map<String, Object> pair = new LinkedHashMap<>();
    for (int chip : new int[] {Uapi.CHIP_MASTER, Uapi.CHIP_SLAVE}) {
      int error = vm.chip(chip);
      if (error < 0) {
        return Answers.of(error);
      }
      Map<String, Object> fields = new LinkedHashMap<>();
      for (int i = 0; i < PIC.size(); i++) {
        int value = buffers.chip.get(JAVA_BYTE, Uapi.IRQCHIP_STATE + i) & 0xff;
        fields.put(PIC.get(i), BigInteger.valueOf(value));
      }
      pair.put(chip == Uapi.CHIP_MASTER ? "master" : "slave", fields);
    }
    return Answers.value(pair);
  }

  /** Changes fields of one 8259. */
  int setPic(LiveVm vm, List<String> words) {
    int error = vm.chip(words.get(1).equals("master") ? Uapi.CHIP_MASTER : Uapi.CHIP_SLAVE);
    if (error < 0) {
      return error;
    }
    for (String word : words.subList(2, words.size())) {
      int field = PIC.indexOf(field(word));
      if (field < 0) {
        return -Errno.EINVAL.number();
      }
      buffers.chip.set(JAVA_BYTE, Uapi.IRQCHIP_STATE + field, (byte) value(word));
    }
    return vm.restoreChip();
  }

  /** State of the I/O APIC. */
  Map<String, Object> ioapic(LiveVm vm) {
    int error = vm.chip(Uapi.CHIP_IOAPIC);
    if (error < 0) {
      return Answers.of(error);
    }
    MemorySegment state = buffers.chip.asSlice(Uapi.IRQCHIP_STATE);
    Map<String, Object> value = new LinkedHashMap<>();
    for (String field : List.of("id", "ioregsel", "irr")) {
      value.put(field, Answers.unsigned(state.get(JAVA_INT, IOAPIC.get(field))));
    }
    Map<String, Object> pins = new LinkedHashMap<>();
    for (int pin = 0; pin < PINS; pin++) {
      long entry = state.get(JAVA_LONG, ENTRIES + 8L * pin);
      if (entry != RESET_ENTRY) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("vector", bits(entry, 0, 8));
        fields.put("delivery_mode", bits(entry, 8, 3));
        fields.put("dest_mode", bits(entry, 11, 1));
        fields.put("delivery_status", bits(entry, 12, 1));
        fields.put("polarity", bits(entry, 13, 1));
        fields.put("remote_irr", bits(entry, 14, 1));
        fields.put("trig_mode", bits(entry, 15, 1));
        fields.put("mask", bits(entry, 16, 1));
        fields.put("dest_id", bits(entry, 56, 8));
        pins.put(Integer.toString(pin), fields);
      }
    }
    value.put("pins", pins);
    return Answers.value(value);
  }

  /** Changes one entry of the I/O APIC. */
  int setEntry(LiveVm vm, List<String> words) {
    int error = vm.chip(Uapi.CHIP_IOAPIC);
    if (error < 0) {
      return error;
    }
    List<Long> numbers = words.subList(1, words.size()).stream().map(Answers::number).toList();
    if (numbers.getFirst() >= PINS) {
      return -Errno.EINVAL.number();
    }
    long at = Uapi.IRQCHIP_STATE + ENTRIES + 8 * numbers.getFirst();
    long entry = buffers.chip.get(JAVA_LONG, at);
    entry = with(entry, 0, 8, numbers.get(1));
    entry = with(entry, 8, 3, numbers.get(2));
    entry = with(entry, 11, 1, numbers.get(3));
    entry = with(entry, 56, 8, numbers.get(4));
    entry = with(entry, 16, 1, numbers.get(5));
    entry = with(entry, 15, 1, numbers.get(6));
    entry = with(entry, 13, 1, numbers.get(7));
    buffers.chip.set(JAVA_LONG, at, entry);
    return vm.restoreChip();
  }

  /** Changes registers of the I/O APIC. */
  int setIoapic(LiveVm vm, List<String> words) {
    int error = vm.chip(Uapi.CHIP_IOAPIC);
    if (error < 0) {
      return error;
    }
    for (String word : words.subList(1, words.size())) {
      Integer at = IOAPIC.get(field(word));
      if (at == null) {
        return -Errno.EINVAL.number();
      }
      buffers.chip.set(JAVA_INT, Uapi.IRQCHIP_STATE + at, (int) value(word));
    }
    return vm.restoreChip();
  }

  /** State of a local APIC. */
  Map<String, Object> lapic(LiveVcpu vcpu) {
    int error = vcpu.lapic();
    if (error < 0) {
      return Answers.of(error);
    }
    Map<String, Object> value = new LinkedHashMap<>();
    for (String field : List.of("id", "svr", "tpr", "ppr", "ldr", "dfr", "lvt0", "lvt1")) {
      int at = field.equals("ppr") ? PPR : LAPIC.get(field);
      value.put(field, Answers.unsigned(buffers.lapic.get(JAVA_INT, at)));
    }
    value.put("irr", vectors(IRR));
    value.put("isr", vectors(ISR));
    value.put("tmr", vectors(TMR));
    return Answers.value(value);
  }

  /** Changes registers of a local APIC. */
  int setLapic(LiveVcpu vcpu, List<String> words) {
    int error = vcpu.lapic();
    if (error < 0) {
      return error;
    }
    for (String word : words) {
      Integer at = LAPIC.get(field(word));
      if (at == null) {
        return -Errno.EINVAL.number();
      }
      buffers.lapic.set(JAVA_INT, at, (int) value(word));
    }
    return vcpu.restoreLapic();
  }

  /** Takes the highest pending vector into service, if its class is above the priority's. */
  Map<String, Object> acknowledge(LiveVcpu vcpu) {
    int error = vcpu.lapic();
    if (error < 0) {
      return Answers.of(error);
    }
    int highest = highest(IRR);
    int inService = highest(ISR);
    int taskPriority = buffers.lapic.get(JAVA_INT, LAPIC.get("tpr")) & 0xff;
    int priority = Math.max(taskPriority >> 4, inService < 0 ? 0 : inService >> 4);
    if (highest < 0 || highest >> 4 <= priority) {
      return Answers.value(null);
    }
    setVector(IRR, highest, false);
    setVector(ISR, highest, true);
    error = vcpu.restoreInService();
    return error < 0 ? Answers.of(error) : Answers.value(BigInteger.valueOf(highest));
  }

  /** Run state and pending NMIs of a vCPU. */
  Map<String, Object> events(LiveVcpu vcpu) {
    int state = vcpu.settle();
    int pending = vcpu.pendingNmis();
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("mp_state", BigInteger.valueOf(state));
    value.put("nmi_pending", BigInteger.valueOf(pending));
    value.put("nmi_masked", event(Uapi.EVENTS_NMI_MASKED));
    value.put("smi_pending", event(Uapi.EVENTS_SMI_PENDING));
    return Answers.value(value);
  }

  private BigInteger event(int at) {
    return BigInteger.valueOf(buffers.small.get(JAVA_BYTE, at) & 0xff);
  }

  /** Takes all vectors out of service, in the buffer; their registers, or null when none was. */
  int[] setAside() {
    if (highest(ISR) < 0) {
      return null;
    }
    int[] inService = new int[8];
    for (int i = 0; i < inService.length; i++) {
      inService[i] = buffers.lapic.get(JAVA_INT, ISR + 16L * i);
      buffers.lapic.set(JAVA_INT, ISR + 16L * i, 0);
    }
    return inService;
  }

  /** Puts them back, in the buffer. */
  void putBack(int[] inService) {
    for (int i = 0; i < inService.length; i++) {
      buffers.lapic.set(JAVA_INT, ISR + 16L * i, inService[i]);
    }
  }

  private int highest(int register) {
    for (int i = 7; i >= 0; i--) {
      int word = buffers.lapic.get(JAVA_INT, register + 16L * i);
      if (word != 0) {
        return 32 * i + 31 - Integer.numberOfLeadingZeros(word);
      }
    }
    return -1;
  }

  private void setVector(int register, int vector, boolean on) {
    long at = register + 16L * (vector >> 5);
    int bit = 1 << (vector & 31);
    int word = buffers.lapic.get(JAVA_INT, at);
    buffers.lapic.set(JAVA_INT, at, on ? word | bit : word & ~bit);
  }

  private List<BigInteger> vectors(int register) {
    List<BigInteger> vectors = new ArrayList<>();
    for (int vector = 0; vector < 256; vector++) {
      int word = buffers.lapic.get(JAVA_INT, register + 16L * (vector >> 5));
      if ((word >> (vector & 31) & 1) != 0) {
        vectors.add(BigInteger.valueOf(vector));
      }
    }
    return vectors;
  }

  private static BigInteger bits(long value, int shift, int count) {
    return BigInteger.valueOf(value >>> shift & ((1L << count) - 1));
  }

  private static long with(long value, int shift, int count, long bits) {
    long mask = ((1L << count) - 1) << shift;
    return (value & ~mask) | ((bits << shift) & mask);
  }

  private static String field(String word) {
    return word.substring(0, word.indexOf('='));
  }

  private static long value(String word) {
    return Answers.number(word.substring(word.indexOf('=') + 1));
  }
}
