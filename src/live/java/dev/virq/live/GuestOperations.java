package dev.virq.live;

import static dev.virq.live.LiveRunner.number;

import dev.virq.errno.Errno;
import dev.virq.live.GuestCode.Program;
import dev.virq.live.LiveVcpu.Outcome;
import dev.virq.live.LiveVcpu.Registers;
import dev.virq.script.Operation;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Map;

/** The operations that a vCPU carries out. */
final class GuestOperations {
  private static final long LAPIC = Uapi.LAPIC_BASE & 0xffffffffL;
  private static final long IOAPIC = Uapi.IOAPIC_BASE & 0xffffffffL;
  private static final long WINDOW = IOAPIC + 0x10;
  private static final long EOI = 0xb0;
  private static final long TASK_PRIORITY = 0x80;

  private final Buffers buffers;
  private final ChipStates chips;

  GuestOperations(Buffers buffers) {
    this.buffers = buffers;
    this.chips = new ChipStates(buffers);
  }

  /** Runs it; EAGAIN when the vCPU does not run. */
  Map<String, Object> execute(Operation op, LiveVcpu vcpu) {
    if (!vcpu.wake(false)) {
      return Answers.of(-Errno.EAGAIN.number());
    }
    return switch (op.verb().word()) {
      case "guest_out" ->
          done(vcpu, Program.OUT, new Registers(number(op, 3), 0, 0, number(op, 2), 0));
      case "guest_in" -> read(vcpu, Program.IN, new Registers(0, 0, 0, number(op, 2), 0), 0xff);
      case "guest_port_write" -> {
        Program program = sized(op, 3, Program.OUT, Program.OUT_2, Program.OUT_4, null);
        yield program == null
            ? Answers.of(-Errno.EINVAL.number())
            : done(vcpu, program, new Registers(number(op, 4), 0, 0, number(op, 2), 0));
      }
      case "guest_port_read" -> {
        Program program = sized(op, 3, Program.IN, Program.IN_2, Program.IN_4, null);
        yield program == null
            ? Answers.of(-Errno.EINVAL.number())
            : read(vcpu, program, new Registers(0, 0, 0, number(op, 2), 0), mask(op));
      }
      case "guest_memory_write" -> {
        Program program =
            sized(op, 3, Program.STORE_1, Program.STORE_2, Program.STORE, Program.STORE_8);
        if (program == null) {
          yield Answers.of(-Errno.EINVAL.number());
        }
        if (program == Program.STORE_8) {
          vcpu.wide(number(op, 4));
        }
        yield done(vcpu, program, new Registers(number(op, 4), number(op, 2), 0, 0, 0));
      }
      case "guest_memory_read" -> {
        Program program =
            sized(op, 3, Program.LOAD_1, Program.LOAD_2, Program.LOAD, Program.LOAD_8);
        if (program == null) {
          yield Answers.of(-Errno.EINVAL.number());
        }
        Map<String, Object> answer =
            read(vcpu, program, new Registers(0, number(op, 2), 0, 0, 0), mask(op));
        if (program == Program.LOAD_8) {
          answer.put("value", Answers.unsigned(vcpu.wide()));
        }
        yield answer;
      }
      case "guest_lapic_write" ->
          done(vcpu, Program.STORE, new Registers(number(op, 3), LAPIC + number(op, 2), 0, 0, 0));
      case "guest_lapic_read" ->
          read(vcpu, Program.LOAD, new Registers(0, LAPIC + number(op, 2), 0, 0, 0), 0xffffffffL);
      case "guest_wrmsr" -> {
        long value = number(op, 3);
        Outcome outcome =
            vcpu.run(
                Program.WRMSR,
                new Registers(value & 0xffffffffL, 0, number(op, 2), value >>> 32, 0));
        yield outcome.faulted ? Answers.of(-Errno.EINVAL.number()) : with(Answers.of(0), outcome);
      }
      case "guest_rdmsr" -> {
        Outcome outcome = vcpu.run(Program.RDMSR, new Registers(0, 0, number(op, 2), 0, 0));
        if (outcome.faulted) {
          yield Answers.of(-Errno.EINVAL.number());
        }
        long read = outcome.high << 32 | (outcome.value & 0xffffffffL);
        yield with(Answers.value(Answers.unsigned(read)), outcome);
      }
      case "guest_eoi" -> {
        Outcome outcome = store(vcpu, EOI, 0);
        // In x2APIC mode without a local APIC.
        yield outcome.faulted ? Answers.of(-Errno.EINVAL.number()) : with(Answers.of(0), outcome);
      }
      case "guest_ioapic_write" ->
          done(
              vcpu,
              Program.SELECT_STORE,
              new Registers(number(op, 3), IOAPIC, number(op, 2), 0, WINDOW));
      case "guest_ioapic_read" ->
          read(
              vcpu,
              Program.SELECT_LOAD,
              new Registers(0, IOAPIC, number(op, 2), 0, WINDOW),
              0xffffffffL);
      case "guest_serve" -> serve(vcpu, number(op, 2));
      case "pic_ack" -> acknowledgePic(vcpu);
      default -> throw new AssertionError(op.toString());
    };
  }

  /** The program for an access of so many bytes; null when there is none. */
  private static Program sized(
      Operation op, int place, Program one, Program two, Program four, Program eight) {
    return switch ((int) number(op, place)) {
      case 1 -> one;
      case 2 -> two;
      case 4 -> four;
      case 8 -> eight;
      default -> null;
    };
  }

  /** The bits that an access of that many bytes reads. */
  private static long mask(Operation op) {
    return -1L >>> Math.max(0, 64 - 8 * number(op, 3));
  }

  private static Map<String, Object> done(LiveVcpu vcpu, Program program, Registers registers) {
    Outcome outcome = vcpu.run(program, registers);
    return with(Answers.of(0), outcome);
  }

  private static Map<String, Object> read(
      LiveVcpu vcpu, Program program, Registers registers, long mask) {
    Outcome outcome = vcpu.run(program, registers);
    return with(Answers.value(BigInteger.valueOf(outcome.value & mask)), outcome);
  }

  /** With the local APIC blocked by its task priority, and what it has in service set aside. */
  private Map<String, Object> acknowledgePic(LiveVcpu vcpu) {
    Outcome before = vcpu.run(Program.IDLE, Registers.NONE);
    boolean lapic = vcpu.lapic() >= 0;
    int[] inService = null;
    long priority = 0;
    if (lapic) {
      priority = Integer.toUnsignedLong(buffers.lapic.get(ValueLayout.JAVA_INT, TASK_PRIORITY));
      inService = chips.setAside();
      if (inService != null) {
        require(vcpu.restoreInService());
      }
      Outcome _ = store(vcpu, TASK_PRIORITY, 0xff);
    }
    int taken = vcpu.interrupt();
    if (lapic) {
      Outcome _ = store(vcpu, TASK_PRIORITY, priority);
      if (inService != null) {
        require(vcpu.lapic());
        chips.putBack(inService);
        require(vcpu.restoreInService());
      }
    }
    Object vector = taken < 0 ? null : BigInteger.valueOf(taken);
    Map<String, Object> answer = Answers.value(vector);
    return with(answer, before);
  }

  /** Takes interrupts and ends them. */
  private Map<String, Object> serve(LiveVcpu vcpu, long times) {
    if (vcpu.lapic() < 0) {
      return Answers.of(-Errno.EINVAL.number());
    }
    Outcome all = new Outcome();
    long served = 0;
    Store end = Store.of(vcpu, EOI, 0);
    boolean enabled = (vcpu.apicBase() & Uapi.APIC_BASE_ENABLED) != 0;
    while (enabled && served < times && chips.acknowledge(vcpu).get("value") != null) {
      // Thousands of times: so without what comes before and after other programs.
      all.nmis += vcpu.runAlone(end.program(), end.registers()).nmis;
      served++;
      if (vcpu.settle() != Uapi.MP_RUNNABLE) {
        return Answers.of(-Errno.EAGAIN.number());
      }
    }
    all.nmis += vcpu.run(Program.IDLE, Registers.NONE).nmis;
    return with(Answers.value(BigInteger.valueOf(served)), all);
  }

  /** A store to a register of the local APIC, as its mode has it. */
  private record Store(Program program, Registers registers) {
    static Store of(LiveVcpu vcpu, long register, long value) {
      long base = vcpu.apicBase();
      return (base & Uapi.APIC_BASE_EXTENDED) != 0
          ? new Store(Program.WRMSR, new Registers(value, 0, Uapi.X2APIC + (register >> 4), 0, 0))
          : new Store(
              Program.STORE, new Registers(value, (base & 0xfffff000L) + register, 0, 0, 0));
    }
  }

  private static Outcome store(LiveVcpu vcpu, long register, long value) {
    Store store = Store.of(vcpu, register, value);
    return vcpu.run(store.program(), store.registers());
  }

  private static Map<String, Object> with(Map<String, Object> answer, Outcome outcome) {
    if (outcome.nmis > 0) {
      answer.put("nmi", BigInteger.valueOf(outcome.nmis));
    }
    if (!outcome.handled) {
      answer.put("handled", false);
    }
    if (outcome.end >= 0) {
      answer.put("eoi_exit", BigInteger.valueOf(outcome.end));
    }
    return answer;
  }

  private static void require(int result) {
    if (result < 0) {
      throw new AssertionError("a call on a vCPU failed: error " + -result);
    }
  }
}
